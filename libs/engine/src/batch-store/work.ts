/**
 * What a read computes, in steps of some 10 ns. After so many others have their turn, however much there is left to do
 * (P11); before a long piece of work they have it, too.
 */
import type { Timers } from '@waggle/kernel'
import type { Regex } from './regex/regex.ts'

/** Somewhat more than 1 ms: a put takes several turns, and others' work is in each of them. */
const STEPS_PER_TURN = 100_000

export class Work {
  readonly #timers: Pick<Timers, 'yield'>
  /** Of this turn. */
  #turn = 0
  /** Steps so far. */
  spent = 0

  constructor(timers: Pick<Timers, 'yield'>) {
    this.#timers = timers
  }

  spend(steps: number): void {
    this.spent += steps
    this.#turn += steps
  }

  /** Lets others have their turn, when this one's is over. */
  async rest(): Promise<void> {
    if (this.#turn < STEPS_PER_TURN) return
    this.#turn = 0
    await this.#timers.yield()
  }

  /** Whether an expression is found. @param onTurn called after each turn; what it throws ends the search */
  async search(regex: Regex, subject: Uint8Array, onTurn?: () => void): Promise<boolean> {
    const search = regex.search(subject)
    // Subscribers who wait for the same value do not all begin with it at once.
    if (subject.length * regex.size > STEPS_PER_TURN) await this.#timers.yield()
    for (;;) {
      const before = search.steps
      const outcome = search.run(STEPS_PER_TURN)
      this.spend(search.steps - before)
      if (outcome !== undefined) return outcome
      onTurn?.()
      await this.rest()
    }
  }
}
