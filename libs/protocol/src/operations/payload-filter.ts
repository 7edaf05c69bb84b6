/**
 * Conditions on payloads, as requests carry them.
 *
 * Q1  What is taken has one meaning: a text that is no pattern, a condition without its value, a place that is not on
 *     the earth are refused, and name their field.
 * Q2  How many conditions there are, how deep they stand in one another, and how long their values are is bounded.
 */
import { utf8Size } from '@waggle/kernel'
import {
  FILTER_CONDITIONS_MAX,
  FILTER_PATTERN_BYTES_MAX,
  PATTERN_BYTES_MAX,
  PAYLOAD_DEPTH_MAX,
  PAYLOAD_VALUE_BYTES_MAX,
  PAYLOAD_VALUES_MAX,
} from '../limits.ts'
import { contentTooLarge, invalidField, tooManyItems, type Decoder } from '../schema/decoder.ts'
import { jsonValue } from '../schema/json-value.ts'
import { isMap, map, taggedUnion } from '../schema/map.ts'
import { list, oneOf, text } from '../schema/values.ts'
import { comparisons, type PayloadFilter } from '../vector-store.ts'

const field = text({ bytesMin: 1, bytesMax: PATTERN_BYTES_MAX })
const json = jsonValue({ bytesMax: PAYLOAD_VALUE_BYTES_MAX, depthMax: PAYLOAD_DEPTH_MAX })
const listOfJson = list(json, { itemsMax: PAYLOAD_VALUES_MAX })
const longText = text({ bytesMax: PAYLOAD_VALUE_BYTES_MAX })

const finite: Decoder<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalidField(path, 'finite number')
  return value
}

const degrees =
  (most: number): Decoder<number> =>
  (value, path) => {
    if (!(Math.abs(finite(value, path)) <= most)) throw invalidField(path, `number ${-most}..${most}`)
    return value as number
  }

const ordered: Decoder<number | string> = (value, path) => {
  if (typeof value === 'string') return longText(value, path)
  if (typeof value !== 'number') throw invalidField(path, 'finite number or text')
  return finite(value, path)
}

/** A backslash takes the meaning from what follows; before what has none it is a slip of the pen. */
const PATTERN = /^(?:[^\\]|\\[%_\\])*$/s

const pattern: Decoder<string> = (value, path) => {
  const decoded = text({ bytesMax: PATTERN_BYTES_MAX })(value, path)
  if (!PATTERN.test(decoded)) throw invalidField(path, 'a pattern in which \\ stands before %, _ or \\ alone')
  return decoded
}

const lat = degrees(90)
const lng = degrees(180)

const simple = {
  eq: { field, value: json },
  neq: { field, value: json },
  gt: { field, value: ordered },
  gte: { field, value: ordered },
  lt: { field, value: ordered },
  lte: { field, value: ordered },
  in: { field, values: listOfJson },
  contains: { field, value: text({ bytesMax: PATTERN_BYTES_MAX }) },
  isNull: { field },
  isNotNull: { field },
  like: { field, pattern },
  ilike: { field, pattern },
  arrayContains: { field, value: json },
  arrayContainsAny: { field, values: listOfJson },
  arrayContainsAll: { field, values: listOfJson },
  geoDistance: { field, lat, lng, operator: oneOf(comparisons), threshold: finite },
  geoBbox: { field, latMin: lat, lngMin: lng, latMax: lat, lngMax: lng },
} as const

/** Types whose value may be `null`, which everywhere else stands for absent. */
const nullable = ['eq', 'neq', 'arrayContains'] as const
const isNullable: ReadonlySet<unknown> = new Set(nullable)
const withoutValue = map({ type: oneOf(nullable), field })

/** @param depthMax how deep conditions may stand inside others */
export const payloadFilter = (depthMax: number): Decoder<PayloadFilter> => {
  const decode = condition(depthMax, depthMax)
  return (value, path) => {
    const filter = decode(value, path)
    const conditions = conditionsOf(filter)
    const count = conditions.length
    if (count > FILTER_CONDITIONS_MAX) throw tooManyItems(path, count, FILTER_CONDITIONS_MAX)
    const size = conditions.reduce((sum, inner) => sum + patternBytes(inner), 0)
    if (size > FILTER_PATTERN_BYTES_MAX) throw contentTooLarge(path, size, FILTER_PATTERN_BYTES_MAX)
    return filter
  }
}

const condition = (levels: number, depthMax: number): Decoder<PayloadFilter> => {
  const inner: Decoder<PayloadFilter> =
    levels > 1
      ? condition(levels - 1, depthMax)
      : (_value, path) => {
          throw invalidField(path, `conditions at most ${depthMax} deep`, { limit: depthMax })
        }
  const conditions = list(inner, { itemsMax: FILTER_CONDITIONS_MAX })
  const decode = taggedUnion('type', { ...simple, and: { conditions }, or: { conditions }, not: { condition: inner } })
  return (value, path) => {
    if (isMap(value) && value.value === null && isNullable.has(value.type)) {
      const { value: nothing, ...others } = value
      return { ...withoutValue(others, path), value: nothing }
    }
    return decode(value, path)
  }
}

/** A condition, and all that stand inside it. */
const conditionsOf = (filter: PayloadFilter): readonly PayloadFilter[] => {
  if (filter.type === 'not') return [filter, ...conditionsOf(filter.condition)]
  if (filter.type !== 'and' && filter.type !== 'or') return [filter]
  return [filter, ...filter.conditions.flatMap(conditionsOf)]
}

const patternBytes = (filter: PayloadFilter): number => {
  if (filter.type === 'contains') return utf8Size(filter.value)
  return filter.type === 'like' || filter.type === 'ilike' ? utf8Size(filter.pattern) : 0
}
