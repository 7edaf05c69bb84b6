import type { Experience } from './experience.ts'

/** What a search weighs: each 0 or more, and together 1. */
export interface SearchWeights {
  /** Without `text` this is the weight of relevance: of the embedding, of the words, or half of it of each. */
  readonly similarity: number
  readonly text?: number
  readonly energy: number
}

/**
 * How far a record is lifted by its neighbours: those recorded just before and just after it for the same
 * `sourceTask`. What has no task has no neighbours.
 */
export interface Neighbours {
  /** Share of the relevance of the one before, 0..1. */
  readonly before: number
  /** Share of the relevance of the one after, 0..1. */
  readonly after: number
  /** Neighbours are those by the same `sourceAgent` alone: for tasks on which several agents record at once. */
  readonly sameAgent: boolean
}

/** Measured on conversations: a turn is explained by the one before it more than by the one after it (ADR 0029). */
export const NEIGHBOURS_DEFAULT: Neighbours = { before: 0.3, after: 0.1, sameAgent: false }

export interface SearchHit {
  readonly experience: Experience
  /** Cosine in single precision, -1..1; absent where no embedding was looked at. */
  readonly similarity?: number
  /** BM25 of the words, 0 where none is shared; absent where no text was looked at. */
  readonly bm25?: number
  /** What the results are ordered by, unless `diversity` was asked for; the sum of the weighted parts. */
  readonly score: number
  /** 0..1, where the search weighed it. */
  readonly energy?: number
  /** Present where the score was put together of scaled figures. */
  readonly parts?: SearchParts
}

/**
 * What a score is the sum of. Similarity and words are scaled to 0..1 over the candidates of the search, the best of
 * each to 1; parts that were not looked at are absent.
 */
export interface SearchParts {
  /** 0..1, before it is weighted. */
  readonly similarity?: number
  /** 0..1, before it is weighted. */
  readonly text?: number
  /** 0..1, before it is weighted. */
  readonly energy?: number
  /** What the neighbours add, as it stands in the score. */
  readonly neighbours?: number
}
