/**
 * The port to a collective's vector index. An index is a cache of the state: it can be dropped and built again at any
 * time, and is never the only copy of anything. All changes are idempotent.
 */
import type { ExperienceId } from '@waggle/protocol'

export interface VectorHit {
  readonly id: ExperienceId
  /** Cosine in single precision, -1..1. */
  readonly similarity: number
}

export interface VectorQuery {
  /** Finite, not all zero, of the index's dimension. */
  readonly embedding: Float32Array
  /** 1 or more. */
  readonly k: number
  readonly includeArchived: boolean
  /** Further condition on a hit; asked best first, for no more ids than it takes to find k. */
  readonly accept?: (id: ExperienceId) => boolean
}

export interface VectorIndex {
  /** Vectors in the index, archived ones included. */
  readonly size: number
  /** Adds a vector, or replaces the one of that id. */
  put(id: ExperienceId, embedding: Float32Array, archived: boolean): void
  archive(id: ExperienceId, archived: boolean): void
  remove(id: ExperienceId): void
  /** The k nearest that match, best first, ties by id: exactly k when k match (P7). */
  search(query: VectorQuery): readonly VectorHit[]
}
