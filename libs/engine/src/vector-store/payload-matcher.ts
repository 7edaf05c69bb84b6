/**
 * Puts payloads to a filter; `protocol/src/vector-store.ts` says what each condition means.
 *
 * M1  Every condition holds or does not hold of any payload: `not` turns it round, also where the field is missing.
 * M2  The work that a condition takes is told while it is done, in steps of a turn: it grows with the payload's text
 *     and, for patterns, with the pattern; nothing grows faster (P11).
 */
import { compareBytes, unreachable, utf8 } from '@waggle/kernel'
import type { Comparison, Json, PayloadFilter } from '@waggle/protocol'
import { groundDistance, placeOf } from './earth.ts'
import { JsonSet } from './json-equality.ts'
import { LikePattern } from './like-pattern.ts'

/**
 * Judges a payload, `undefined` where an id has none; yields the steps that it takes, part by part.
 * @param size of its text
 */
export type PayloadMatcher = (payload: Json | undefined, size: number) => Generator<number, boolean>

export const payloadMatcher = (filter: PayloadFilter): PayloadMatcher => {
  switch (filter.type) {
    case 'and':
    case 'or':
      return severalOf(filter.conditions.map(payloadMatcher), filter.type === 'or')
    case 'not':
      return negated(payloadMatcher(filter.condition))
    default: {
      const path = filter.field.split('.')
      const test = testOf(filter)
      return (payload, size) => test(valueAt(payload, path), size)
    }
  }
}

/** Whether one of them has the verdict that decides: `true` where any will do, `false` where all must hold. */
const severalOf = (matchers: readonly PayloadMatcher[], decisive: boolean): PayloadMatcher =>
  function* (payload, size) {
    for (const matcher of matchers) if ((yield* matcher(payload, size)) === decisive) return decisive
    return !decisive
  }

/** M1. */
const negated = (matcher: PayloadMatcher): PayloadMatcher =>
  function* (payload, size) {
    return !(yield* matcher(payload, size))
  }

/** What stands at the end of a path through maps. */
const valueAt = (payload: Json | undefined, path: readonly string[]): Json | undefined => {
  let value = payload
  for (const name of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
      return undefined
    value = (value as Readonly<Record<string, Json>>)[name]
  }
  return value
}

type FieldFilter = Extract<PayloadFilter, { readonly field: string }>
/** @param size of the payload's text: no value in it is longer */
type FieldTest = (value: Json | undefined, size: number) => Generator<number, boolean>

const testOf = (filter: FieldFilter): FieldTest => {
  switch (filter.type) {
    case 'eq':
    case 'neq':
      return memberTest([filter.value], filter.type === 'eq')
    case 'in':
      return memberTest(filter.values, true)
    case 'isNull':
    case 'isNotNull':
      return plain((value) => (value === undefined || value === null) === (filter.type === 'isNull'))
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return plain(orderOf(filter))
    case 'contains':
      return patternTest(LikePattern.containing(filter.value))
    case 'like':
    case 'ilike':
      return patternTest(LikePattern.like(filter.pattern, filter.type === 'ilike'))
    case 'arrayContains':
      return arrayTest([filter.value], 'some')
    case 'arrayContainsAny':
      return arrayTest(filter.values, 'some')
    case 'arrayContainsAll':
      return arrayTest(filter.values, 'every')
    case 'geoDistance':
      return plain((value) => {
        const place = placeOf(value)
        return place !== undefined && compares(groundDistance(filter, place) - filter.threshold, filter.operator)
      })
    case 'geoBbox':
      return plain((value) => {
        const { lat, lng } = placeOf(value) ?? { lat: NaN, lng: NaN }
        return lat >= filter.latMin && lat <= filter.latMax && lng >= filter.lngMin && lng <= filter.lngMax
      })
    default:
      return unreachable(filter)
  }
}

const CONDITION_STEPS = 50
const STEPS_PER_CHARACTER = 20

/** A test that reads the value once: some 30 ms for a megabyte of small lists, far less for all else (measured). */
const plain = (holds: (value: Json | undefined) => boolean): FieldTest =>
  function* (value, size) {
    yield CONDITION_STEPS + (typeof value === 'string' || typeof value === 'object' ? size * STEPS_PER_CHARACTER : 0)
    return holds(value)
  }

const memberTest = (values: readonly Json[], holds: boolean): FieldTest => {
  const wanted = new JsonSet(values)
  return plain((value) => (value !== undefined && wanted.has(value)) === holds)
}

const arrayTest = (values: readonly Json[], least: 'some' | 'every'): FieldTest => {
  const wanted = new JsonSet(values)
  const count = least === 'every' ? wanted.size : 1
  return plain((value) => Array.isArray(value) && wanted.countIn(value as readonly Json[]) >= count)
}

const patternTest = (pattern: LikePattern): FieldTest =>
  function* (value) {
    yield CONDITION_STEPS
    return typeof value === 'string' && (yield* pattern.matches(value))
  }

type OrderFilter = Extract<PayloadFilter, { readonly type: 'gt' | 'gte' | 'lt' | 'lte' }>

const orderOf = ({ type, value: bound }: OrderFilter): ((value: Json | undefined) => boolean) => {
  if (typeof bound === 'number') return (value) => typeof value === 'number' && compares(value - bound, type)
  const boundBytes = utf8(bound)
  return (value) => typeof value === 'string' && compares(compareBytes(utf8(value), boundBytes), type)
}

/** @param difference negative, zero or positive as the left one is less than, equal to or greater than the right one */
const compares = (difference: number, by: Comparison): boolean => {
  switch (by) {
    case 'eq':
      return difference === 0
    case 'neq':
      return difference !== 0
    case 'gt':
      return difference > 0
    case 'gte':
      return difference >= 0
    case 'lt':
      return difference < 0
    case 'lte':
      return difference <= 0
  }
}
