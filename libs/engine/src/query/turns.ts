/**
 * Turns of the event loop for reads with much to compute: one of them computes in each, in the order in which they
 * asked, however many there are. Left to themselves a thousand of them would all have a turn before anything else had
 * one (P11).
 */
import type { Timers } from '@waggle/kernel'

export class Turns implements Pick<Timers, 'yield'> {
  readonly #timers: Pick<Timers, 'yield'>
  readonly #waiting = new Set<() => void>()
  #isPassing = false

  constructor(timers: Pick<Timers, 'yield'>) {
    this.#timers = timers
  }

  /** Resolves when it is the caller's turn. */
  async yield(): Promise<void> {
    const turn = new Promise<void>((resolve) => this.#waiting.add(resolve))
    if (!this.#isPassing) void this.#pass()
    return turn
  }

  async #pass(): Promise<void> {
    this.#isPassing = true
    while (this.#waiting.size > 0) {
      await this.#timers.yield()
      const [next] = this.#waiting
      if (next === undefined) break
      this.#waiting.delete(next)
      next()
    }
    this.#isPassing = false
  }
}
