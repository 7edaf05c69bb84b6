/**
 * How late the event loop is: a timer that asks ten times a second tells how long others had to wait.
 *
 * L1  A stall counts for as long as probes need to see it once or twice; then it is over. A process that was stopped
 *     and goes on is live again, one that stalls again and again is not.
 */
import type { CancelTimer, Clock, Histogram, Timers } from '@waggle/kernel'

export interface LoopWatchParts {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly timers: Pick<Timers, 'after'>
  /** Takes every delay, in seconds. */
  readonly delays: Histogram
}

const PERIOD_MS = 100
/** L1. */
const REMEMBERED_MS = 15_000

export class LoopWatch {
  readonly #parts: LoopWatchParts
  /** The longest delay of late, and when it ended. */
  #longest: { readonly delayMs: number; readonly atMs: number } = { delayMs: 0, atMs: -Infinity }
  #askedAtMs: number
  #cancel: CancelTimer

  constructor(parts: LoopWatchParts) {
    this.#parts = parts
    this.#askedAtMs = parts.clock.monotonicMs()
    this.#cancel = this.#ask()
  }

  /** The longest delay of the last 15 s, milliseconds; 0 where there was none. */
  get longestMs(): number {
    this.#note()
    return this.#longest.delayMs
  }

  stop(): void {
    this.#cancel()
  }

  #ask(): CancelTimer {
    const { clock, timers, delays } = this.#parts
    this.#askedAtMs = clock.monotonicMs()
    return timers.after(
      PERIOD_MS,
      () => {
        delays.record(this.#note() / 1_000)
        this.#cancel = this.#ask()
      },
      { background: true },
    )
  }

  /** A probe may come before the timer that is late. @returns how late the timer is now */
  #note(): number {
    const nowMs = this.#parts.clock.monotonicMs()
    const delayMs = Math.max(0, nowMs - this.#askedAtMs - PERIOD_MS)
    const isOver = nowMs - this.#longest.atMs > REMEMBERED_MS
    if (isOver || delayMs >= this.#longest.delayMs) this.#longest = { delayMs, atMs: nowMs }
    return delayMs
  }
}
