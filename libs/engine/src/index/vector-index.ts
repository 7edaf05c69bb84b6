/**
 * The port to a collective's vector index. An index is a cache of the state: it can be dropped and built again at any
 * time, and is never the only copy of anything. All changes are idempotent.
 */
import type { Uuid } from '@waggle/kernel'
import type { DecayConfig, RecallWeights } from '@waggle/protocol'
import type { EnergyInputs } from '../memory/experience/energy.ts'

export interface VectorHit {
  readonly id: Uuid
  /** Cosine in single precision, -1..1. */
  readonly similarity: number
  /** What hits are ordered by; without a ranking the similarity. */
  readonly score: number
  /** 0..1, where the query ranks by it. */
  readonly energy?: number
}

/** How a query weighs similarity and energy: similarities below 0 count as 0. */
export interface Ranking {
  readonly weights: RecallWeights
  readonly decay: DecayConfig
  readonly nowMs: number
}

export interface VectorQuery {
  /** Finite, not all zero, of the index's dimension. */
  readonly embedding: Float32Array
  /** 1 or more. */
  readonly k: number
  readonly includeArchived: boolean
  /** Absent: similarity alone. */
  readonly ranking?: Ranking
  /** Further condition on a hit; asked best first, for no more ids than it takes to find k. */
  readonly accept?: (id: Uuid) => boolean
}

/** What an index knows of a row beside its vector. */
export interface IndexedRow {
  readonly archived: boolean
  /** Absent for what has none. */
  readonly energy?: EnergyInputs
}

export interface VectorIndex {
  /** Vectors in the index, archived ones included. */
  readonly size: number
  /** What they take. */
  readonly bytes: number
  /** Adds a vector, or replaces the one of that id. */
  put(id: Uuid, embedding: Float32Array, row: IndexedRow): void
  archive(id: Uuid, archived: boolean): void
  /** Replaces what the energy of a row depends on. */
  setEnergy(id: Uuid, energy: EnergyInputs): void
  remove(id: Uuid): void
  /**
   * The k best of all that match, best first: exactly k when k match (P7). Ties of the score are broken by similarity,
   * then by id.
   */
  search(query: VectorQuery): readonly VectorHit[]
}
