/**
 * The one time of a record (DESIGN L8): never lower than the one before, and never further ahead of the time that has
 * really passed than a bound, so that a wall clock which jumps cannot carry the log into the future.
 */
import type { Clock } from '@waggle/kernel'

/** How far a wall clock may run ahead of the monotonic one within a term. */
const AHEAD_MS_MAX = 2_000

export class RecordTime {
  readonly #clock: Clock
  readonly #startMs: number
  readonly #startMonotonicMs: number
  #previousMs: number

  /** @param previousMs time of the last record of the log */
  constructor(clock: Clock, previousMs: number) {
    this.#clock = clock
    this.#previousMs = previousMs
    this.#startMs = Math.max(previousMs, clock.nowMs())
    this.#startMonotonicMs = clock.monotonicMs()
  }

  /** The time of the next record, epoch milliseconds. */
  next(): number {
    const elapsedMs = Math.floor(this.#clock.monotonicMs() - this.#startMonotonicMs)
    const latestMs = this.#startMs + elapsedMs + AHEAD_MS_MAX
    this.#previousMs = Math.max(this.#previousMs, Math.min(this.#clock.nowMs(), latestMs))
    return this.#previousMs
  }
}
