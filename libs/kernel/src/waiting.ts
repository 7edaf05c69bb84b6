/** Waiting, for a time or for an answer. */
import type { Clock } from './clock.ts'
import type { Timers } from './timers.ts'

/** What waiting needs. */
export interface Waiting {
  readonly clock: Clock
  readonly timers: Timers
}

/** How often to ask, and for how long; milliseconds. */
export interface Patience {
  readonly everyMs: number
  readonly durationMsMax: number
}

export const pause = (timers: Timers, durationMs: number): Promise<void> =>
  new Promise((resolve) => {
    timers.after(durationMs, resolve)
  })

/** Asks until there is an answer; `undefined` when there is none in time. It asks at least once. */
export const poll = async <Answer>(
  { clock, timers }: Waiting,
  { everyMs, durationMsMax }: Patience,
  ask: () => Promise<Answer | undefined> | Answer | undefined,
): Promise<Answer | undefined> => {
  const deadlineMs = clock.monotonicMs() + durationMsMax
  for (;;) {
    const answer = await ask()
    if (answer !== undefined || clock.monotonicMs() >= deadlineMs) return answer
    await pause(timers, everyMs)
  }
}

/** Asks until the answer is yes; `false` when there was none in time. */
export const until = async (waiting: Waiting, patience: Patience, ask: () => boolean): Promise<boolean> =>
  (await poll(waiting, patience, () => ask() || undefined)) === true
