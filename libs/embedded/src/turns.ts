/**
 * The turns of a process that calls its own store.
 *
 * T1  Whoever calls again and again, and waits for nothing but the answers, lets everybody else have their turn: a read
 *     that is answered from memory ends without one, and a loop of such reads would stop timers, sockets and the writes
 *     of the store itself (P11).
 */
import type { Clock, Timers } from '@waggle/kernel'

/** As long as anything may go on at a stretch. */
const TURN_MS_MAX = 10

export class Turns {
  readonly #clock: Clock
  readonly #timers: Pick<Timers, 'yield'>
  /** When the first call of this turn of the event loop was made. */
  #beganMs: number | undefined
  #ending: Promise<void> | undefined

  constructor(clock: Clock, timers: Pick<Timers, 'yield'>) {
    this.#clock = clock
    this.#timers = timers
  }

  /** T1. What to wait for before the next answer: the end of this turn, where it has lasted long enough. */
  take(): Promise<void> | undefined {
    const nowMs = this.#clock.monotonicMs()
    if (this.#beganMs === undefined) {
      this.#beganMs = nowMs
      this.#ending = this.#timers.yield().then(() => {
        this.#beganMs = undefined
      })
    }
    return nowMs - this.#beganMs > TURN_MS_MAX ? this.#ending : undefined
  }
}
