/**
 * The one time of a record: the wall clock's, but never lower than the one before, so that the order of times agrees
 * with the order of the log also when the clock is set back.
 *
 * On a cluster it is bounded from above, too (DESIGN L8): within a term it runs ahead of what has passed on the
 * monotonic clock by no more than 2 s a record, so that a clock that jumps forward, for a moment perhaps, does not let
 * everything expire at once. What the log has passed already stays passed.
 */
import type { Clock } from '@waggle/kernel'

/** Milliseconds that a clock may have been set forward between two records. */
const AHEAD_MS_MAX = 2_000

export class RecordTime {
  readonly #clock: Clock
  readonly #isBounded: boolean
  #previousMs: number
  /** When the previous record of this term got its time, on the monotonic clock. */
  #passedMs: number | undefined

  /**
   * @param previousMs time of the last record of the log
   * @param isBounded whether the bound of terms holds
   */
  constructor(clock: Clock, previousMs: number, isBounded = false) {
    this.#clock = clock
    this.#previousMs = previousMs
    this.#isBounded = isBounded
  }

  /** The time of the next record, epoch milliseconds. */
  next(): number {
    const passedMs = this.#clock.monotonicMs()
    const limitMs =
      this.#passedMs === undefined || !this.#isBounded
        ? Infinity
        : this.#previousMs + Math.floor(passedMs - this.#passedMs) + AHEAD_MS_MAX
    this.#previousMs = Math.max(this.#previousMs, Math.min(this.#clock.nowMs(), limitMs))
    this.#passedMs = passedMs
    return this.#previousMs
  }
}
