/**
 * The work of one read, cut into turns of the event loop: whoever has taken up one lets others have theirs (P11).
 * Work is counted, not timed, so that a read does the same on every machine.
 */
import type { Timers } from '@waggle/kernel'

/**
 * Steps in one turn. A step is one operation on one number or character, so a turn takes some milliseconds; what takes
 * more than one operation says so by asking for more steps.
 */
const STEPS_PER_TURN = 4_000_000

export class Turns {
  readonly #timers: Pick<Timers, 'yield'>
  #left = STEPS_PER_TURN

  constructor(timers: Pick<Timers, 'yield'>) {
    this.#timers = timers
  }

  /** Counts what was done; gives something to wait for once the turn is over. */
  spend(steps: number): Promise<void> | undefined {
    this.#left -= steps
    if (this.#left > 0) return undefined
    this.#left = STEPS_PER_TURN
    return this.#timers.yield()
  }
}
