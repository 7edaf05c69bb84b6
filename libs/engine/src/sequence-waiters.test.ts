import type { CancelTimer, Timers } from '@waggle/kernel'
import { fault, type Sequence } from '@waggle/protocol'
import { expect, test } from 'vitest'
import { SequenceWaiters, WAITERS_MAX } from './sequence-waiters.ts'

/** Timers that fire when told to. */
const manualTimers = (): { timers: Timers; fire: () => void; pending: () => number } => {
  const callbacks = new Set<() => void>()
  const after = (_delayMs: number, callback: () => void): CancelTimer => {
    callbacks.add(callback)
    return () => void callbacks.delete(callback)
  }
  return {
    timers: { after, yield: () => Promise.resolve() },
    fire: () => {
      for (const callback of callbacks) callback()
    },
    pending: () => callbacks.size,
  }
}

const at = (sequence: number): Sequence => sequence as Sequence

test('P5 a wait ends when its sequence is reached, and not before', async () => {
  const { timers, pending } = manualTimers()
  const waiters = new SequenceWaiters(timers)
  const [three, five] = [waiters.wait(at(3), 100), waiters.wait(at(5), 100)]
  waiters.reached(at(4))
  expect(await three).toBe(true)
  expect(pending()).toBe(1)
  waiters.reached(at(7))
  expect(await five).toBe(true)
  expect(pending()).toBe(0)
})

test('P5 a wait that runs out of time says so', async () => {
  const { timers, fire } = manualTimers()
  const waiters = new SequenceWaiters(timers)
  const wait = waiters.wait(at(3), 100)
  fire()
  expect(await wait).toBe(false)
})

test('closing ends every wait with its reason', async () => {
  const { timers, pending } = manualTimers()
  const waiters = new SequenceWaiters(timers)
  const wait = waiters.wait(at(3), 100)
  waiters.end(fault('CLOSED', 'closed'))
  await expect(wait).rejects.toMatchObject({ code: 'CLOSED' })
  expect(pending()).toBe(0)
})

test('P11 no more than so many wait; the others are BUSY, and there is room again when one has ended', async () => {
  const { timers } = manualTimers()
  const waiters = new SequenceWaiters(timers)
  const waits = Array.from({ length: WAITERS_MAX }, (_, n) => waiters.wait(at(n + 1), 100))
  await expect(waiters.wait(at(1), 100)).rejects.toMatchObject({ code: 'BUSY', retryAfterMs: 100 })
  waiters.reached(at(1))
  expect(await waits[0]).toBe(true)
  const late = waiters.wait(at(1), 100)
  waiters.reached(at(WAITERS_MAX))
  expect(await late).toBe(true)
})
