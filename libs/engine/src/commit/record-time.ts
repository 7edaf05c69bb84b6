/**
 * The one time of a record: the wall clock's, but never lower than the one before, so that the order of times agrees
 * with the order of the log also when the clock is set back.
 */
import type { Clock } from '@waggle/kernel'

export class RecordTime {
  readonly #clock: Clock
  #previousMs: number

  /** @param previousMs time of the last record of the log */
  constructor(clock: Clock, previousMs: number) {
    this.#clock = clock
    this.#previousMs = previousMs
  }

  /** The time of the next record, epoch milliseconds. */
  next(): number {
    this.#previousMs = Math.max(this.#previousMs, this.#clock.nowMs())
    return this.#previousMs
  }
}
