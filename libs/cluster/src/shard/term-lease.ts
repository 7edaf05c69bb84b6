/** The lease of a shard's leader: taken after its barrier, and let go of when its term ends (DESIGN L1, L3). */
import type { Clock, Logger, Random, Timers } from '@waggle/kernel'
import type { Epoch } from '@waggle/protocol'
import type { Directory } from '../directory/directory.ts'
import { leaseHolder, takeLease, type Lease } from '../lease/lease.ts'

export interface TermLeaseParts {
  readonly shard: number
  readonly node: string
  readonly directory: Directory
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

export interface LeaseTerm {
  readonly epoch: Epoch
  /** How long it is tried, milliseconds. */
  readonly patienceMs: number
  /** Whether the term still wants it; else it is given back at once, for nobody else would. */
  readonly isWanted: () => boolean
  readonly onLost: () => void
}

export class TermLease {
  readonly #parts: TermLeaseParts
  #lease: Lease | undefined

  constructor(parts: TermLeaseParts) {
    this.#parts = parts
  }

  /** Monotonic; `undefined` while there is none. */
  get deadlineMs(): number | undefined {
    return this.#lease?.deadlineMs()
  }

  get isHeld(): boolean {
    return this.deadlineMs !== undefined && this.deadlineMs > this.#parts.clock.monotonicMs()
  }

  /** Whether nobody holds it, or an earlier life of this node does: the lock of its folder says that it is over. */
  async isVacant(): Promise<boolean> {
    const { directory, node } = this.#parts
    const holder = await leaseHolder(directory.leases, this.#key)
    return holder === undefined || holder.node === node
  }

  /** @returns whether it was taken */
  async take({ epoch, patienceMs, isWanted, onLost }: LeaseTerm): Promise<boolean> {
    const { directory, clock, timers, random, logger, node } = this.#parts
    const taking = await takeLease(
      { bucket: directory.leases, clock, timers, random, logger },
      {
        key: this.#key,
        holder: { node, id: epoch.id, rank: epoch.sequence },
        tryUntilMs: clock.monotonicMs() + patienceMs,
        onLost,
      },
    )
    if (taking.kind !== 'held') return false
    if (isWanted()) this.#lease = taking.lease
    else await taking.lease.release()
    return true
  }

  /** Gives it back. */
  async release(): Promise<void> {
    await this.#let()?.release()
  }

  /** Leaves it to whoever comes next, with no race against its end. */
  async leave(): Promise<void> {
    await this.#let()?.leave()
  }

  get #key(): string {
    return `shard.${this.#parts.shard}`
  }

  #let(): Lease | undefined {
    const lease = this.#lease
    this.#lease = undefined
    return lease
  }
}
