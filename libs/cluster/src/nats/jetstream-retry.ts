/** Repeats what may be asked twice: reads, and requests that create something only where it is not there. */
import { fraction, pause, type Random, type Waiting as PlainWaiting } from '@waggle/kernel'
import { fault } from '@waggle/protocol'
import { isTransient } from './api-errors.ts'

export interface Waiting extends PlainWaiting {
  /** For jitter. */
  readonly random: Random
}

const DELAY_MS_MIN = 50
const DELAY_MS_MAX = 1_000

/** Up to a quarter longer than `delayMs`, so that many who wait do not come back together. */
export const jittered = (random: Random, delayMs: number): number => delayMs * (1 + fraction(random) / 4)

export interface Repetition {
  /** Milliseconds. What is under way then is waited for. */
  readonly patienceMs: number
  /** For the fault: `stream WAGGLE_3_…`. */
  readonly what: string
}

/** @throws Fault `SHARD_NOT_READY` when time is over; any error of `action` that time does not heal */
export const repeatedly = async <Result>(
  { clock, timers, random }: Waiting,
  { patienceMs, what }: Repetition,
  action: () => Promise<Result>,
): Promise<Result> => {
  const endMs = clock.monotonicMs() + patienceMs
  for (let delayMs = DELAY_MS_MIN; ; delayMs = Math.min(2 * delayMs, DELAY_MS_MAX)) {
    try {
      return await action()
    } catch (error) {
      if (!isTransient(error)) throw error
      if (clock.monotonicMs() >= endMs)
        throw fault('SHARD_NOT_READY', `JetStream does not answer for ${what}`, { what }, { cause: error })
    }
    await pause(timers, jittered(random, delayMs))
  }
}
