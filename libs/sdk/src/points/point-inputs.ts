/** What users write of vectors and payloads. */
import type { Json, PayloadFilter, VectorMetric } from '@waggle/protocol'
import type { EmbeddingInput, PointIdInput } from '../inputs.ts'

/** A vector of the collective's dimension under an id; a pair means the same. */
export type VectorItemInput =
  { readonly id: PointIdInput; readonly vector: EmbeddingInput } | readonly [id: PointIdInput, vector: EmbeddingInput]

/** Any JSON value under an id, or its text under `json`; a pair is an id and a value. */
export type PayloadItemInput =
  | { readonly id: PointIdInput; readonly payload: Json }
  | { readonly id: PointIdInput; readonly json: string }
  | readonly [id: PointIdInput, payload: Json]

export interface VectorSearchInput {
  readonly vector: EmbeddingInput
  /** 1..1000, 10 when absent. */
  readonly k?: number | undefined
  /** `cosine` when absent. */
  readonly metric?: VectorMetric | undefined
  /** Conditions on the payload of the same id. */
  readonly filter?: PayloadFilter | undefined
  readonly include?: readonly ('vector' | 'payload')[] | undefined
}

/** A neighbour. */
export interface VectorHit {
  readonly id: bigint
  /** By the metric: higher is nearer, but for the distances `euclidean` and `hamming`. */
  readonly score: number
  readonly vector?: Float32Array
  readonly payload?: Json
}
