/** Timers of some seconds that go off when they are told to; longer ones never do. */
import { systemTimers, type Timers } from '@waggle/kernel'

const DELAY_MS_MAX = 10_000

export interface FiredTimers extends Timers {
  fire(): void
}

export const firedTimers = (): FiredTimers => {
  const waiting = new Set<() => void>()
  return {
    yield: () => systemTimers.yield(),
    after: (delayMs, callback) => {
      if (delayMs <= DELAY_MS_MAX) waiting.add(callback)
      return () => {
        waiting.delete(callback)
      }
    },
    fire: () => {
      for (const callback of [...waiting]) {
        waiting.delete(callback)
        callback()
      }
    },
  }
}
