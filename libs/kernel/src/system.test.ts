import { describe, expect, it } from 'vitest'
import { AssertionError } from './assert.ts'
import { DELAY_MS_MAX } from './timers.ts'
import { isUuid } from './uuid.ts'
import { systemClock, systemIds, systemRandom, systemTimers } from './system/system.ts'

const after = async (delayMs: number): Promise<void> =>
  new Promise((resolve) => void systemTimers.after(delayMs, resolve))

describe('systemTimers', () => {
  it('call back once the delay has passed, in the order of the delays', async () => {
    const startMs = systemClock.monotonicMs()
    const order: string[] = []
    await Promise.all([after(15).then(() => order.push('long')), after(0).then(() => order.push('short'))])
    expect(order).toEqual(['short', 'long'])
    // Node rounds a timer to whole milliseconds and may fire in the last one.
    expect(systemClock.monotonicMs() - startMs).toBeGreaterThan(13)
  })

  it('do not call back once cancelled; cancelling again does nothing', async () => {
    let calls = 0
    const cancel = systemTimers.after(1, () => (calls += 1))
    cancel()
    cancel()
    await after(10)
    expect(calls).toBe(0)
  })

  it('refuse a delay that Node would turn into another', () => {
    for (const delayMs of [-1, NaN, DELAY_MS_MAX + 1, Infinity])
      expect(() => systemTimers.after(delayMs, () => undefined)).toThrow(AssertionError)
    systemTimers.after(DELAY_MS_MAX, () => undefined)()
  })

  it('keep the process alive, because somebody may wait, but not for background work', () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const cancelBackground = systemTimers.after(DELAY_MS_MAX, () => undefined, { background: true })
    expect(timers()).toBe(before)
    const cancel = systemTimers.after(DELAY_MS_MAX, () => undefined)
    expect(timers()).toBe(before + 1)
    cancel()
    cancelBackground()
    expect(timers()).toBe(before)
  })

  it('yield until what waits already has had its turn', async () => {
    const order: string[] = []
    const immediate = new Promise<void>((resolve) => {
      setImmediate(() => {
        order.push('waiting')
        resolve()
      })
    })
    await systemTimers.yield()
    order.push('yielded')
    await immediate
    expect(order).toEqual(['waiting', 'yielded'])
  })
})

describe('the system’s other ports', () => {
  it('tell the time: whole milliseconds of the day, and a monotonic one', () => {
    expect(Number.isInteger(systemClock.nowMs())).toBe(true)
    const first = systemClock.monotonicMs()
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(first)
  })

  it('give as many random bytes as asked, and ids that differ', () => {
    expect(systemRandom.bytes(0)).toHaveLength(0)
    for (const length of [1, 33, 4_096, 4_097, 100_000]) expect(systemRandom.bytes(length)).toHaveLength(length)
    const drawn = Array.from({ length: 5_000 }, () => Buffer.from(systemRandom.bytes(8)).toString('hex'))
    expect(new Set(drawn).size).toBe(drawn.length)
    const [one, other] = [systemIds.uuid(), systemIds.uuid()]
    expect(isUuid(one)).toBe(true)
    expect(one).not.toBe(other)
  })
})
