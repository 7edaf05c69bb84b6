/**
 * What the parity suites of the batch, vector and page stores ask of a store: the public interface, from two clients,
 * and a restart. One store serves all cases of a suite, and each case has a collective of its own, which is as empty as
 * a new database.
 */
import type { CollectiveHandle } from '../../collective-handle.ts'
import type { Waggle } from '../../waggle.ts'

export interface ParityStore {
  readonly waggle: Waggle
  /** Another client, which shares nothing with the first; embedded, where there is but one, that one. */
  readonly other: Waggle
  /**
   * Ends whatever holds the data, as hard as the store allows, and brings it back: embedded by closing and opening, on
   * a cluster by kill -9 of every shard process. `waggle` and `other` are new ones afterwards, or the same.
   */
  restart(): Promise<void>
  /** Closes it and removes all traces. */
  dispose(): Promise<void>
}

export type OpenParityStore = () => Promise<ParityStore>

/** One case. */
export interface ParityCase {
  readonly store: ParityStore
  readonly hive: CollectiveHandle
}

/** Registers one case. Its title begins with the contract and the case's name there: `exoware E17: …`. */
export interface Cases {
  (title: string, body: (given: ParityCase) => Promise<void>): void
  /** What `before` does is judged by `after`, which is run when the store has been restarted. */
  restarted<Left>(
    title: string,
    before: (given: ParityCase) => Promise<Left>,
    after: (given: ParityCase, left: Left) => Promise<void>,
  ): void
}
