/**
 * Work that is under way side by side and comes to its end in the order in which it was begun: reports name lines in
 * the order of the file, and no more than `limit` results are ever held.
 */
import { present } from '@waggle/kernel'

export class OrderedWindow<Outcome> {
  readonly #limit: number
  readonly #settle: (outcome: Outcome) => void
  readonly #underWay: Promise<Outcome>[] = []

  /** @param settle called with one outcome after the other */
  constructor(limit: number, settle: (outcome: Outcome) => void) {
    this.#limit = limit
    this.#settle = settle
  }

  /** Resolves when one more may begin. */
  async room(): Promise<void> {
    while (this.#underWay.length >= this.#limit) await this.#settleOldest()
  }

  /** `work` must not reject: a failure is an outcome. */
  push(work: Promise<Outcome>): void {
    this.#underWay.push(work)
  }

  /** Resolves when all that was begun has ended. */
  async drain(): Promise<void> {
    while (this.#underWay.length > 0) await this.#settleOldest()
  }

  async #settleOldest(): Promise<void> {
    const oldest = present(this.#underWay[0], 'work that is under way')
    const outcome = await oldest
    void this.#underWay.shift()
    this.#settle(outcome)
  }
}
