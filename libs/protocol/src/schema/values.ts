import { isUuid, utf8Size, type Uuid } from '@waggle/kernel'
import { TIME_MS_MAX } from '../limits.ts'
import type { Uint64Text } from '../uint64.ts'
import { contentTooLarge, invalidField, requiredField, tooManyItems, type Decoder } from './decoder.ts'
import { isWellFormed } from './unicode.ts'

/** Text of well-formed Unicode; `bytesMax` bounds its UTF-8 size, `bytesMin: 1` refuses the empty one. */
export const text =
  (bounds: { readonly bytesMax?: number; readonly bytesMin?: 1 } = {}): Decoder<string> =>
  (value, field) => {
    if (typeof value !== 'string') throw invalidField(field, 'string')
    if (!isWellFormed(value)) throw invalidField(field, 'well-formed Unicode')
    if (bounds.bytesMin === 1 && value.length === 0) throw requiredField(field)
    if (bounds.bytesMax !== undefined) {
      const size = utf8Size(value)
      if (size > bounds.bytesMax) throw contentTooLarge(field, size, bounds.bytesMax)
    }
    return value
  }

/** A number in single precision, NaN and infinities included: their range is checked by the rules of the field. */
export const float: Decoder<number> = (value, field) => {
  if (typeof value !== 'number') throw invalidField(field, 'number')
  // -0 has no form in JSON: it would come back as another value than was stored.
  return Math.fround(value) + 0
}

/** Any number, NaN and infinities included: its range is checked by the rules of the field. */
export const number: Decoder<number> = (value, field) => {
  if (typeof value !== 'number') throw invalidField(field, 'number')
  return value
}

/** A number to compare others with, in single precision: NaN, which nothing compares to, would find nothing. */
export const threshold: Decoder<number> = (value, field) => {
  if (typeof value !== 'number' || Number.isNaN(value)) throw invalidField(field, 'number')
  return Math.fround(value)
}

export const integer =
  (bounds: { readonly min: number; readonly max: number }): Decoder<number> =>
  (value, field) => {
    const expected = `integer ${bounds.min}..${bounds.max}`
    if (typeof value !== 'number' || !Number.isInteger(value)) throw invalidField(field, expected, bounds)
    if (value < bounds.min || value > bounds.max) throw invalidField(field, expected, { ...bounds, value })
    return value
  }

export const boolean: Decoder<boolean> = (value, field) => {
  if (typeof value !== 'boolean') throw invalidField(field, 'boolean')
  return value
}

/** A UUID in its text form; upper case is taken and lowered. */
export const uuid: Decoder<Uuid> = (value, field) => {
  const lower = typeof value === 'string' ? value.toLowerCase() : value
  if (!isUuid(lower)) throw invalidField(field, 'uuid')
  return lower
}

/** A `Date` or epoch milliseconds; comes out as an integer of milliseconds. */
export const time: Decoder<number> = (value, field) => {
  const timeMs = value instanceof Date ? value.getTime() : value
  if (typeof timeMs !== 'number' || !Number.isInteger(timeMs) || timeMs < 0 || timeMs > TIME_MS_MAX)
    throw invalidField(field, 'date or epoch milliseconds', { min: 0, max: TIME_MS_MAX })
  return timeMs
}

export const oneOf = <const Values extends readonly string[]>(values: Values): Decoder<Values[number]> => {
  const known = new Set<unknown>(values)
  return (value, field) => {
    if (!known.has(value)) throw invalidField(field, values.join('|'))
    return value as Values[number]
  }
}

export const list =
  <Item>(item: Decoder<Item>, bounds: { readonly itemsMax: number }): Decoder<readonly Item[]> =>
  (value, field) => {
    if (!Array.isArray(value)) throw invalidField(field, 'list')
    if (value.length > bounds.itemsMax) throw tooManyItems(field, value.length, bounds.itemsMax)
    const items: Item[] = []
    for (let index = 0; index < value.length; index += 1) items.push(item(value[index], `${field}[${index}]`))
    return items
  }

const UINT64_MAX = 2n ** 64n - 1n
const DECIMAL = /^(?:0|[1-9]\d{0,19})$/

/**
 * A whole number of 64 bits without sign, exact: a `bigint`, a safe integer, or its decimal digits. It comes out as
 * digits, which every encoding can carry.
 */
export const uint64: Decoder<Uint64Text> = (value, field) => {
  const number = uint64Of(value)
  if (number === undefined) throw invalidField(field, `integer 0..${UINT64_MAX} as bigint, safe integer or digits`)
  return number.toString() as Uint64Text
}

const uint64Of = (value: unknown): bigint | undefined => {
  const number =
    typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
      ? BigInt(value)
      : typeof value === 'string' && DECIMAL.test(value)
        ? BigInt(value)
        : undefined
  return number !== undefined && number >= 0n && number <= UINT64_MAX ? number : undefined
}

/** A list of two. */
export const pair =
  <First, Second>(first: Decoder<First>, second: Decoder<Second>): Decoder<readonly [First, Second]> =>
  (value, field) => {
    if (!Array.isArray(value)) throw invalidField(field, 'list of two')
    const decoded = [first(value[0], `${field}[0]`), second(value[1], `${field}[1]`)] as const
    if (value.length !== 2) throw invalidField(field, 'list of two')
    return decoded
  }
