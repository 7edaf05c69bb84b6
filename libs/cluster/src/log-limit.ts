/**
 * Keeps a message that others can provoke from filling the log: once in a while it is said, with how often it was not.
 */
import type { Clock } from '@waggle/kernel'

const INTERVAL_MS = 10_000

export class LogLimit {
  readonly #clock: Clock
  #nextMs = -Infinity
  #skipped = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many were passed over since the last one that was said; `undefined` when this one is to be passed over. */
  take(): number | undefined {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs < this.#nextMs) {
      this.#skipped += 1
      return undefined
    }
    const skipped = this.#skipped
    this.#nextMs = nowMs + INTERVAL_MS
    this.#skipped = 0
    return skipped
  }
}
