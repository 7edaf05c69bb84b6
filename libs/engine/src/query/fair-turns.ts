/**
 * Turns of the event loop for reads with much to compute, however many there are. Left to themselves a thousand of them
 * would all have a turn before anything else had one (P11).
 *
 * T1  One read computes in each turn; a tenant's in the order in which they asked.
 * T2  Tenants take turns: a thousand reads of one keep a single one of another waiting for a turn, not for a thousand.
 */
import type { Timers } from '@waggle/kernel'
import type { TenantId } from '@waggle/protocol'

export class FairTurns {
  readonly #timers: Pick<Timers, 'yield'>
  /** Who waits, by tenant; whose turn is next stands first. */
  readonly #waiting = new Map<TenantId, (() => void)[]>()
  #isPassing = false

  constructor(timers: Pick<Timers, 'yield'>) {
    this.#timers = timers
  }

  /** The turns of a tenant: `yield` resolves when one is the caller's. */
  of(tenant: TenantId): Pick<Timers, 'yield'> {
    return { yield: () => this.#wait(tenant) }
  }

  async #wait(tenant: TenantId): Promise<void> {
    const turn = new Promise<void>((resolve) => {
      const others = this.#waiting.get(tenant)
      if (others === undefined) this.#waiting.set(tenant, [resolve])
      else others.push(resolve)
    })
    if (!this.#isPassing) void this.#pass()
    return turn
  }

  async #pass(): Promise<void> {
    this.#isPassing = true
    while (this.#waiting.size > 0) {
      await this.#timers.yield()
      const [first] = this.#waiting
      if (first === undefined) break
      const [tenant, waiting] = first
      waiting.shift()?.()
      // T2.
      this.#waiting.delete(tenant)
      if (waiting.length > 0) this.#waiting.set(tenant, waiting)
    }
    this.#isPassing = false
  }
}
