import { describe, expect, it } from 'vitest'
import { distributionOf } from '../statistics.ts'
import { reportBus, type BusFigures, type Comparison } from './bus-report.ts'
import type { Lap } from './laps.ts'
import { FORWARD, PUBLISH } from './ways.ts'

const lap = (p50: number, perSecond = 1_000 / p50): Lap => ({
  perSecond,
  latencyMs: distributionOf([p50]),
  cpuUs: { client: 100, router: 1, shard: 2, nats: 3, forwarder: 70, responder: 80 },
})

const comparison: Comparison = [
  { way: PUBLISH, laps: [lap(1), lap(10), lap(2)] },
  { way: FORWARD, laps: [lap(0.5), lap(5), lap(1)] },
  { way: 'record', laps: [lap(2), lap(25), lap(6)] },
]

const figures: BusFigures = {
  ...{ rounds: 3, width: 64, nodes: 1, requestBytes: 1_800, replyBytes: 80, readReplyBytes: 2_000 },
  ...{ idle: { router: 10_000 }, recorded: 7, found: 7 },
  ...{ writesAlone: comparison, writesAtOnce: comparison, readsAlone: comparison, readsAtOnce: comparison },
}

describe('reportBus', () => {
  it('compares ways that met the same neighbours: round by round', () => {
    const { text, passed } = reportBus(figures)
    // Of the medians it would be 6 : 2.
    expect(text).toMatch(/^record .* 2\.50 +5 +1\.67 +100 +1 +2 +3$/m)
    expect(passed).toBe(true)
  })

  it('shows those who passed a bare request on where a router and a shard would stand', () => {
    expect(reportBus(figures).text).toMatch(/^forwarded request .* 100 +70 +80 +3$/m)
  })

  it('fails when records are missing', () => {
    const { text, passed } = reportBus({ ...figures, found: 6 })
    expect([passed, text.includes('FAILED: 7 acknowledged, 6 there')]).toEqual([false, true])
  })
})
