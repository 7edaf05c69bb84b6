/**
 * Room that tenants share, none of whom is promised a part.
 *
 * O1  A tenant may hold as much as is left free. So one alone gets half, and of n that want everything at once each
 *     gets one part of n + 1: one part stays free for whoever holds nothing yet.
 * O2  What is known of a tenant is forgotten with the last that he holds.
 */
import type { TenantId } from '@waggle/protocol'

export class SharedRoom {
  readonly #max: number
  readonly #held = new Map<TenantId, number>()
  #total = 0

  constructor(max: number) {
    this.#max = max
  }

  /** What all of them hold. */
  get total(): number {
    return this.#total
  }

  heldBy(tenant: TenantId): number {
    return this.#held.get(tenant) ?? 0
  }

  /** O1. */
  hasRoomFor(tenant: TenantId, amount: number): boolean {
    return this.heldBy(tenant) + amount <= this.#max - this.#total
  }

  /** @param amount negative: given back */
  add(tenant: TenantId, amount: number): void {
    const held = this.heldBy(tenant) + amount
    this.#total += amount
    // O2
    if (held > 0) this.#held.set(tenant, held)
    else this.#held.delete(tenant)
  }
}
