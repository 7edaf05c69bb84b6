import { silentLogger } from '@waggle/kernel'
import { manualClock } from '@waggle/kernel/testing'
import { describe, expect, test } from 'vitest'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import { clockAheadAtRecord, clockAheadMs } from './clock-ahead.ts'
import { NodeClock } from './node-clock.ts'

const NOW_MS = 1_700_000_000_000

/** Servers whose clock is `aheadMs` before `nowMs`, and what they stamp with it. */
const servers = (stamp: () => string | undefined) => {
  const asked: unknown[] = []
  const streams = {
    async getMessage(stream: string, { seq }: { readonly seq: number }) {
      asked.push([stream, seq])
      const timestamp = stamp()
      return timestamp === undefined ? null : { timestamp }
    },
    async info(stream: string) {
      asked.push(stream)
      return { ts: stamp() }
    },
  }
  return { asked, access: { manager: { streams } } as unknown as JetStreamAccess }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('how far a clock is ahead of the servers', () => {
  test.each([
    ['not at all, as far as can be told', NOW_MS + 40, 0],
    ['exactly at the question', NOW_MS, 0],
    ['ahead by what the stamp lies before the question', NOW_MS - 2_500, 2_500],
    ['behind by what it lies after the answer', NOW_MS + 3_100, -3_000],
  ])('L8 %s', (_, stampedMs, aheadMs) => {
    expect(clockAheadMs({ stampedMs, sentMs: NOW_MS, receivedMs: NOW_MS + 100 })).toBe(aheadMs)
  })

  test('L8 by the time that is stored with a barrier', async () => {
    const { access, asked } = servers(() => new Date(NOW_MS - 5_000).toISOString())
    const barrier = { stream: 'WAGGLE_1_x', sequence: 7, sentMs: NOW_MS, receivedMs: NOW_MS + 3 }
    expect(await clockAheadAtRecord(access, barrier)).toBe(5_000)
    expect(asked).toEqual([['WAGGLE_1_x', 7]])
    await expect(clockAheadAtRecord(servers(() => undefined).access, barrier)).rejects.toThrow()
  })

  test('L8 a clock that is more than 2 s off is an alarm of its node, every time it is found', async () => {
    const clock = manualClock(NOW_MS)
    const alarms: unknown[] = []
    const logger = { ...silentLogger, error: (_: string, fields: unknown) => void alarms.push(fields) }
    const { access } = servers(() => new Date(NOW_MS).toISOString())
    const node = new NodeClock({ access, clock, logger })
    node.tick()
    await turn()
    expect([node.aheadMs, alarms]).toEqual([0, []])
    clock.jumpTo(NOW_MS + 2_001)
    node.tick()
    await turn()
    expect(node.aheadMs).toBe(0)
    clock.advance(10_000)
    clock.jumpTo(NOW_MS + 2_001)
    node.tick()
    await turn()
    expect(node.aheadMs).toBe(2_001)
    node.measured(-9_000.4)
    expect(node.aheadMs).toBe(-9_000)
    expect(alarms).toMatchObject([{ aheadMs: 2_001 }])
  })

  test('a server that does not say what time it is leaves the clock unknown', async () => {
    const node = new NodeClock({ access: servers(() => undefined).access, clock: manualClock(), logger: silentLogger })
    node.tick()
    await turn()
    expect(node.aheadMs).toBeUndefined()
  })
})
