import type { Timers } from '@waggle/kernel'
import { describe, expect, it } from 'vitest'
import { Gate } from './gate.ts'

/** Timers that fire when the test says so. */
const manualTimers = () => {
  const pending = new Set<() => void>()
  const timers: Timers = {
    after(_delayMs, callback) {
      pending.add(callback)
      return () => pending.delete(callback)
    },
    yield: async () => undefined,
  }
  const fire = (): void => {
    for (const callback of [...pending]) callback()
    pending.clear()
  }
  return { timers, fire, pending }
}

describe('Gate', () => {
  it('lets so many in at once, and the others in their order', async () => {
    const { timers, pending } = manualTimers()
    const gate = new Gate(2, timers)
    const entered: number[] = []
    const all = Array.from({ length: 5 }, (_, n) => gate.enter(1_000).then((isIn) => isIn && entered.push(n)))
    await Promise.all(all.slice(0, 2))
    expect(entered).toEqual([0, 1])
    for (let turn = 0; turn < 3; turn += 1) gate.leave()
    await Promise.all(all)
    expect(entered).toEqual([0, 1, 2, 3, 4])
    expect(pending.size).toBe(0)
  })

  it('who has waited for too long goes away, and takes nobody’s place', async () => {
    const { timers, fire } = manualTimers()
    const gate = new Gate(1, timers)
    await gate.enter(1_000)
    const [late, later] = [gate.enter(10), gate.enter(10)]
    fire()
    expect(await Promise.all([late, later])).toEqual([false, false])
    gate.leave()
    expect(await gate.enter(0)).toBe(true)
  })
})
