import { silentLogger } from '@waggle/kernel'
import { manualClock } from '@waggle/kernel/testing'
import { describe, expect, test } from 'vitest'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import { NodeClock } from './node-clock.ts'

const YEAR_MS = 365 * 86_400_000

const started = () => {
  const clock = manualClock()
  return { clock, node: new NodeClock({ access: {} as JetStreamAccess, clock, logger: silentLogger }) }
}

describe('N1 L8 what a log takes for the time', () => {
  test('is the clock of the machine, as long as nothing is known against it', () => {
    const { clock, node } = started()
    expect(node.bounded.nowMs()).toBe(clock.nowMs())
    node.measured(2_000)
    expect(node.bounded.nowMs()).toBe(clock.nowMs())
  })

  test('P2 a clock that is a year ahead ends nothing: the servers’ time counts', () => {
    const { clock, node } = started()
    node.measured(YEAR_MS)
    expect(node.bounded.nowMs()).toBe(clock.nowMs() - YEAR_MS)
    clock.advance(5_000)
    expect(node.bounded.nowMs()).toBe(clock.nowMs() - YEAR_MS)
    expect(node.bounded.monotonicMs()).toBe(5_000)
    // Somebody set it right, and it was measured again.
    clock.jumpTo(clock.nowMs() - YEAR_MS)
    node.measured(0)
    expect(node.bounded.nowMs()).toBe(clock.nowMs())
  })

  test('a clock that is behind is left alone: it ends nothing early', () => {
    const { clock, node } = started()
    node.measured(-YEAR_MS)
    expect(node.bounded.nowMs()).toBe(clock.nowMs())
  })
})
