/**
 * Decoders turn an unknown value into a typed one or throw a fault that names the field. They check the *shape* of a
 * request: types, and the bounds that keep hostile input from costing memory. The rules of the field itself (ranges,
 * counts, lengths in the published order of checks) are checked where the collective is known, by the engine.
 */
import { fault } from '../errors.ts'

/** Takes a value and the path of its field (`filter.domains[3]`). Reads each property once and copies what it keeps. */
export type Decoder<Value> = (value: unknown, field: string) => Value

/** The fault of a value of the wrong type or outside its range. */
export const invalidField = (field: string, expected: string, details: Record<string, string | number> = {}) =>
  fault('INVALID_FIELD', `field is not as expected field=${field} expected=${expected}`, {
    field,
    expected,
    ...details,
  })

/** @param alternative the field that may stand in its place */
export const requiredField = (field: string, alternative?: string) =>
  alternative === undefined
    ? fault('REQUIRED_FIELD', `field is required field=${field}`, { field })
    : fault('REQUIRED_FIELD', `one of two fields is required field=${field} or=${alternative}`, {
        field,
        or: alternative,
      })

export const tooManyItems = (field: string, count: number, limit: number) =>
  fault('TOO_MANY_ITEMS', `too many items field=${field} count=${count} limit=${limit}`, { field, count, limit })

export const contentTooLarge = (field: string, size: number, limit: number) =>
  fault('CONTENT_TOO_LARGE', `text is too long field=${field} bytes=${size} limit=${limit}`, { field, size, limit })

/** Marks a field that may be absent; `undefined` and `null` both count as absent. */
export interface OptionalDecoder<Value> {
  readonly optional: Decoder<Value>
  /** `null` is a value, and not absent. */
  readonly takesNull?: true
}

export const optional = <Value>(decoder: Decoder<Value>): OptionalDecoder<Value> => ({ optional: decoder })

/** A field that may be absent, and where `null` is a value of its own. */
export const orNull = <Value>(decoder: Decoder<Value>): OptionalDecoder<Value | null> => ({
  optional: decoder,
  takesNull: true,
})

/** A field that has a value also where the caller gave none. */
export const withDefault = <Value>(decoder: Decoder<Value>, value: Value): DefaultedDecoder<Value> => {
  // Every request that leaves the field out gets this one value.
  Object.freeze(value)
  return { decoder, value }
}

export interface DefaultedDecoder<Value> {
  readonly decoder: Decoder<Value>
  readonly value: Value
}
