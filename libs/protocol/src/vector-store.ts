/** What the vector and payload store speaks of. Ids are whole numbers of 64 bits, in decimal digits. */
import type { Uint64Text } from './uint64.ts'

/** How near two vectors are: cosine, dot and jaccard grow with nearness, euclidean and hamming are distances. */
export const vectorMetrics = ['cosine', 'euclidean', 'dot', 'hamming', 'jaccard'] as const
export type VectorMetric = (typeof vectorMetrics)[number]

/** VelesDB's modes; here each is as durable as the store is. */
export const vectorDurabilities = ['fsync', 'flushOnly', 'none'] as const
export type VectorDurability = (typeof vectorDurabilities)[number]

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

export interface ScoredVector {
  readonly id: Uint64Text
  /** By the metric: higher is nearer, but for distances. */
  readonly score: number
  readonly vector?: Float32Array
  /** The payload of that id as JSON text; absent where it has none. */
  readonly json?: string
}

/** A condition on a payload; `field` is a path of names joined by dots. */
export type PayloadFilter =
  | { readonly type: 'eq' | 'neq'; readonly field: string; readonly value: Json }
  | { readonly type: 'gt' | 'gte' | 'lt' | 'lte'; readonly field: string; readonly value: number | string }
  | { readonly type: 'in'; readonly field: string; readonly values: readonly Json[] }
  | { readonly type: 'contains'; readonly field: string; readonly value: string }
  | { readonly type: 'isNull' | 'isNotNull'; readonly field: string }
  | { readonly type: 'like' | 'ilike'; readonly field: string; readonly pattern: string }
  | { readonly type: 'arrayContains'; readonly field: string; readonly value: Json }
  | { readonly type: 'arrayContainsAny' | 'arrayContainsAll'; readonly field: string; readonly values: readonly Json[] }
  | {
      readonly type: 'geoDistance'
      readonly field: string
      readonly latitude: number
      readonly longitude: number
      /** Metres. */
      readonly radius: number
    }
  | {
      readonly type: 'geoBbox'
      readonly field: string
      readonly south: number
      readonly west: number
      readonly north: number
      readonly east: number
    }
  | { readonly type: 'and' | 'or'; readonly conditions: readonly PayloadFilter[] }
  | { readonly type: 'not'; readonly condition: PayloadFilter }
