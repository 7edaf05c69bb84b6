/**
 * What vectors, payloads and searches must be, in the plainest words there are: maps, a scan of everything, and filters
 * by other means than the store's.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Json, PayloadFilter, VectorMetric } from '@waggle/protocol'

export interface ModelHit {
  readonly id: string
  readonly score: number
}

export interface ModelSearch {
  readonly vector: readonly number[]
  readonly k: number
  readonly metric: VectorMetric
  readonly filter?: PayloadFilter
}

const NEARER_IS_LESS: readonly VectorMetric[] = ['euclidean', 'hamming']

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const scoreOf = (metric: VectorMetric, left: readonly number[], right: readonly number[]): number => {
  const pairs = left.map((value, place): [number, number] => [value, right[place] as number])
  const dot = sum(pairs.map(([x, y]) => x * y))
  switch (metric) {
    case 'cosine': {
      const lengths = Math.hypot(...left) * Math.hypot(...right)
      return lengths === 0 ? 0 : dot / lengths
    }
    case 'euclidean':
      return Math.hypot(...pairs.map(([x, y]) => x - y))
    case 'dot':
      return dot
    case 'hamming':
      return pairs.filter(([x, y]) => x > 0.5 !== y > 0.5).length
    case 'jaccard': {
      const union = sum(pairs.map(([x, y]) => Math.max(x, y)))
      return union === 0 ? 1 : sum(pairs.map(([x, y]) => Math.min(x, y))) / union
    }
  }
}

export class PointModel {
  readonly vectors = new Map<string, readonly number[]>()
  readonly payloads = new Map<string, Json>()

  /**
   * What is wrong with an answer, if anything is. Rounding may part what are ties here, so the order is judged by the
   * scores of the answer, and those by the model's.
   */
  wrongIn({ vector, k, metric, filter }: ModelSearch, hits: readonly ModelHit[]): string | undefined {
    const sign = NEARER_IS_LESS.includes(metric) ? 1 : -1
    const matching = [...this.vectors]
      .filter(([id]) => filter === undefined || matches(filter, this.payloads.get(id)))
      .map(([id, stored]): readonly [string, number] => [id, sign * scoreOf(metric, stored, vector)])
      .sort(([, left], [, right]) => left - right)
    if (hits.length !== Math.min(k, matching.length)) return `${hits.length} of ${matching.length} with k=${k}`
    const scores = new Map(matching)
    for (const [place, { id, score }] of hits.entries()) {
      const expected = scores.get(id)
      if (expected === undefined) return `${id} does not match`
      if (Math.abs(sign * score - expected) > ROUNDING) return `${id} has ${sign * expected}, not ${score}`
      if (Math.abs(expected - (matching[place]?.[1] as number)) > ROUNDING) return `${id} is not the next`
      const next = hits[place + 1]
      if (next === undefined) continue
      const difference = sign * (next.score - score)
      if (difference < 0 || (difference === 0 && BigInt(next.id) <= BigInt(id))) return `${next.id} stands behind ${id}`
    }
    return undefined
  }
}

const ROUNDING = 1e-9

const matches = (filter: PayloadFilter, payload: Json | undefined): boolean => {
  switch (filter.type) {
    case 'and':
      return filter.conditions.every((inner) => matches(inner, payload))
    case 'or':
      return filter.conditions.some((inner) => matches(inner, payload))
    case 'not':
      return !matches(filter.condition, payload)
    default:
      return holds(filter, valueAt(payload, filter.field.split('.')))
  }
}

const valueAt = (value: unknown, [name, ...others]: readonly string[]): unknown => {
  if (name === undefined) return value
  return isMap(value) && Object.keys(value).includes(name) ? valueAt(value[name], others) : undefined
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type FieldFilter = Extract<PayloadFilter, { readonly field: string }>

const holds = (filter: FieldFilter, value: unknown): boolean => {
  const among = (list: unknown, wanted: Json): boolean =>
    Array.isArray(list) && list.some((item) => isDeepStrictEqual(item, wanted))
  switch (filter.type) {
    case 'eq':
      return isDeepStrictEqual(value, filter.value)
    case 'neq':
      return !isDeepStrictEqual(value, filter.value)
    case 'in':
      return among(filter.values, value as Json)
    case 'isNull':
      return value === undefined || value === null
    case 'isNotNull':
      return value !== undefined && value !== null
    case 'contains':
      return typeof value === 'string' && value.includes(filter.value)
    case 'like':
    case 'ilike': {
      const source = filter.pattern.replaceAll('%', '.*').replaceAll('_', '.')
      return typeof value === 'string' && new RegExp(`^${source}$`, filter.type === 'like' ? 's' : 'si').test(value)
    }
    case 'arrayContains':
      return among(value, filter.value)
    case 'arrayContainsAny':
      return filter.values.some((wanted) => among(value, wanted))
    case 'arrayContainsAll':
      return Array.isArray(value) && filter.values.every((wanted) => among(value, wanted))
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return typeof value === typeof filter.value && inOrder(filter.type, value as number, filter.value as number)
    case 'geoBbox': {
      const { lat, lng } = (isMap(value) ? value : {}) as { readonly lat?: number; readonly lng?: number }
      if (typeof lat !== 'number' || typeof lng !== 'number') return false
      return lat >= filter.latMin && lat <= filter.latMax && lng >= filter.lngMin && lng <= filter.lngMax
    }
    case 'geoDistance':
      throw new Error('the model knows no distances')
  }
}

const inOrder = (type: 'gt' | 'gte' | 'lt' | 'lte', value: number, bound: number): boolean => {
  if (type === 'gt') return value > bound
  if (type === 'gte') return value >= bound
  return type === 'lt' ? value < bound : value <= bound
}
