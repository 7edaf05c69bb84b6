import type { Clock, Timers } from '@waggle/kernel'

/** What waiting needs. */
export interface Waiting {
  readonly clock: Clock
  readonly timers: Timers
}

export const pause = (timers: Timers, durationMs: number): Promise<void> =>
  new Promise((resolve) => {
    timers.after(durationMs, resolve)
  })

/** Asks until the answer is yes; `false` when there was none in time. */
export const until = async (
  { clock, timers }: Waiting,
  { everyMs, durationMsMax }: { readonly everyMs: number; readonly durationMsMax: number },
  ask: () => boolean,
): Promise<boolean> => {
  const deadlineMs = clock.monotonicMs() + durationMsMax
  while (!ask()) {
    if (clock.monotonicMs() >= deadlineMs) return false
    await pause(timers, everyMs)
  }
  return true
}
