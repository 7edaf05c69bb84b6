import type { Clock, Timers } from '@waggle/kernel'

/** Clock and timers that move only when told to. */
export interface ManualTime extends Clock, Timers {
  /** Moves on, calls what is due, and lets everything that was awaited go on. */
  advance(durationMs: number): Promise<void>
}

export const manualTime = (): ManualTime => {
  let nowMs = 0
  const pending = new Set<{ readonly dueMs: number; readonly callback: () => void }>()
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    yield: settle,
    after(delayMs, callback) {
      const entry = { dueMs: nowMs + delayMs, callback }
      pending.add(entry)
      return () => pending.delete(entry)
    },
    async advance(durationMs) {
      await settle()
      nowMs += durationMs
      for (const entry of pending)
        if (entry.dueMs <= nowMs) {
          pending.delete(entry)
          entry.callback()
        }
      await settle()
    },
  }
}
