/** What the vector and payload store speaks of. Ids are whole numbers of 64 bits, in decimal digits. */
import type { Uint64Text } from './uint64.ts'

/**
 * How near two vectors are: cosine, dot and jaccard grow with nearness, euclidean and hamming are distances. Hamming
 * counts the components that are above 0.5 in one and not in the other; jaccard is the sum of the lesser components
 * over that of the greater ones, 1 where that is 0. The cosine of a vector that is all zero is 0.
 */
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

/** How one value is compared with another. */
export const comparisons = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte'] as const
export type Comparison = (typeof comparisons)[number]

/**
 * A condition on a payload, by VelesDB's names. `field` is a path of names joined by dots, through maps alone. Values
 * of different types are never equal and never in an order, and so is what is not there:
 *
 * - `eq`, `in`, `gt`, `gte`, `lt`, `lte`, `contains`, `like`, `ilike`, the `array…` and the `geo…` ones fail where the
 *   field is missing or of another type; `neq` is the opposite of `eq`, `isNotNull` of `isNull`.
 * - `isNull`: missing, or `null`. An id without a payload has no fields.
 * - Numbers are compared as doubles, texts by their code points, lists and maps as a whole.
 * - `contains`: a text in which `value` stands; case counts.
 * - `like`: the whole text, where `%` stands for any characters, `_` for one, and a backslash takes its meaning from
 *   either and from itself. `ilike` folds case, character by character.
 * - `arrayContains…`: a list with an item that equals `value`, with any or with each of `values`.
 * - `geo…`: a map with `lat` and `lng` in degrees; the distance is on a sphere, in metres. A box includes its edges,
 *   and one that begins behind its end is empty.
 */
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
      readonly lat: number
      readonly lng: number
      /** How the distance compares to `threshold`. */
      readonly operator: Comparison
      /** Metres. */
      readonly threshold: number
    }
  | {
      readonly type: 'geoBbox'
      readonly field: string
      readonly latMin: number
      readonly lngMin: number
      readonly latMax: number
      readonly lngMax: number
    }
  /** All, or any, of the conditions: of none, `and` holds and `or` does not. */
  | { readonly type: 'and' | 'or'; readonly conditions: readonly PayloadFilter[] }
  | { readonly type: 'not'; readonly condition: PayloadFilter }
