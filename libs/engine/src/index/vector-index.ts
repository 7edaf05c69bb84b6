/**
 * The port to a collective's vector index. An index is a cache of the state: it can be dropped and built again at any
 * time, and is never the only copy of anything. All changes are idempotent.
 */
import type { Uuid } from '@waggle/kernel'
import type { DecayConfig, ExperienceFilter, RecallWeights } from '@waggle/protocol'
import type { ExperienceHead } from '../memory/experience/experience-head.ts'

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

/** What an experience must meet to be found. */
export interface Conditions {
  readonly filter: ExperienceFilter
  /** What has expired by then is not there. */
  readonly atMs: number
}

export interface VectorQuery {
  /** Finite, not all zero, of the index's dimension. */
  readonly embedding: Float32Array
  /** 1 or more. */
  readonly k: number
  /** What experiences must meet; absent for what has no conditions. */
  readonly conditions?: Conditions
  /** Absent: similarity alone. */
  readonly ranking?: Ranking
  /** Further condition on a hit; asked best first, for no more ids than it takes to find k. */
  readonly accept?: (id: Uuid) => boolean
  /** What `prepare` gave for this very query. */
  readonly hint?: VectorHint
}

/** Rows that a search should look at first; what it finds is right whatever they are. */
export interface VectorHint {
  readonly rows: Uint32Array
}

export interface VectorIndex {
  /** Vectors in the index, archived ones included. */
  readonly size: number
  /** What they take. */
  readonly bytes: number
  /** Adds a vector, or replaces the one of that id; with what conditions and energy ask for, where it has that. */
  put(id: Uuid, embedding: Float32Array, row?: ExperienceHead): void
  /** Replaces what is said of a vector. */
  setRow(row: ExperienceHead): void
  remove(id: Uuid): void
  /** Tells whether an id is here and meets the conditions. */
  matching(conditions: Conditions): (id: Uuid) => boolean
  /** Tells the cosine in single precision of a vector that is here. */
  similarityTo(embedding: Float32Array): (id: Uuid) => number | undefined
  /** 0..1, of a row that is here; without one 0. */
  energy(id: Uuid, ranking: Ranking): number
  /** Asks, before a search, whoever must be waited for. */
  prepare?(query: VectorQuery): Promise<VectorHint | undefined>
  /**
   * The k best of all that match, best first: exactly k when k match (P7). Ties of the score are broken by similarity,
   * then by id.
   */
  search(query: VectorQuery): readonly VectorHit[]
  /** Gives back what the garbage collector does not know of; nothing is called afterwards. */
  dispose?(): void
}

/**
 * The rows of the flat tier by number, for tiers above it. A vector has its number from its first `put` until it is
 * removed; the number is then free, and is given to another vector before numbers grow.
 */
export interface VectorRows {
  /** All numbers are below it. */
  readonly rowsEnd: number
  /** Undefined for an id that is not here. */
  rowOf(id: Uuid): number | undefined
  /** Undefined for a free number. */
  idAt(row: number): Uuid | undefined
  /** Copies the vector of a row, of the index's dimension. */
  readVector(row: number, into: Float32Array): void
  /**
   * The k best that match among some rows, as `search` orders them: exactly k when k of them match. Its cost follows
   * the rows named.
   * @param rows in any order; free numbers and repetitions count for nothing
   */
  searchAmong(rows: Uint32Array, query: VectorQuery): readonly VectorHit[]
}
