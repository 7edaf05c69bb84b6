import type { Clock, Timers } from '@waggle/kernel'

/** What waiting needs. */
export interface Waiting {
  readonly clock: Clock
  readonly timers: Timers
}

const pause = (timers: Timers, durationMs: number): Promise<void> =>
  new Promise((resolve) => {
    timers.after(durationMs, resolve)
  })

/** Asks until there is an answer; `undefined` when there is none in time. It asks at least once. */
export const poll = async <T>(
  { clock, timers }: Waiting,
  { everyMs, durationMsMax }: { readonly everyMs: number; readonly durationMsMax: number },
  ask: () => Promise<T | undefined> | T | undefined,
): Promise<T | undefined> => {
  const deadlineMs = clock.monotonicMs() + durationMsMax
  for (;;) {
    const answer = await ask()
    if (answer !== undefined || clock.monotonicMs() >= deadlineMs) return answer
    await pause(timers, everyMs)
  }
}
