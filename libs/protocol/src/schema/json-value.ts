/**
 * JSON values from outside, in both forms in which requests carry them: as a value, and as a text.
 *
 * J1  What is taken has one meaning for every reader: no name twice in a map, no number beyond double precision, no
 *     text that is not well-formed Unicode, nothing that JSON has no form for.
 * J2  Depth, size, and the number of names and containers are bounded before anything is built.
 * J3  A text is kept as it came, so that numbers with more digits than a double holds come back with all of them.
 */
import { utf8Size } from '@waggle/kernel'
import { jsonStructure, type JsonBounds } from '../codec/json-structure.ts'
import { BODY_CONTAINERS_MAX, BODY_NAMES_MAX } from '../limits.ts'
import type { Json } from '../vector-store.ts'
import { contentTooLarge, invalidField, type Decoder } from './decoder.ts'
import { isMap } from './map.ts'
import { excerpt, isWellFormed } from './unicode.ts'

export interface JsonLimits {
  /** Of the text. */
  readonly bytesMax: number
  readonly depthMax: number
}

/** A JSON text; comes out as it is. @throws Fault `INVALID_FIELD`, `CONTENT_TOO_LARGE` */
export const jsonText =
  ({ bytesMax, depthMax }: JsonLimits): Decoder<string> =>
  (value, field) => {
    if (typeof value !== 'string') throw invalidField(field, 'JSON text')
    if (!isWellFormed(value)) throw invalidField(field, 'well-formed Unicode')
    const size = utf8Size(value)
    if (size > bytesMax) throw contentTooLarge(field, size, bytesMax)
    const bounds: JsonBounds = { depthMax, containersMax: BODY_CONTAINERS_MAX, namesMax: BODY_NAMES_MAX }
    const { defect, names } = jsonStructure(Buffer.from(value), bounds)
    if (defect !== undefined) throw invalidField(field, 'JSON text', { defect })
    const parsed = parse(value, field)
    if (namesOf(parsed, field) !== names) throw invalidField(field, 'JSON text in which no map has a name twice')
    return value
  }

const parse = (text: string, field: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The message may quote the text, cut anywhere.
    throw invalidField(field, 'JSON text', { defect: excerpt(error instanceof Error ? error.message : 'no JSON') })
  }
}

/** J1. How many names stand in a value that was parsed. */
const namesOf = (value: unknown, field: string): number => {
  if (typeof value === 'string' && !isWellFormed(value)) throw invalidField(field, 'well-formed Unicode')
  if (typeof value === 'number' && !Number.isFinite(value)) throw invalidField(field, 'numbers that a double can hold')
  if (typeof value !== 'object' || value === null) return 0
  let names = 0
  if (Array.isArray(value)) for (const item of value) names += namesOf(item, field)
  else
    for (const [name, item] of Object.entries(value)) {
      if (!isWellFormed(name)) throw invalidField(field, 'well-formed Unicode')
      names += 1 + namesOf(item, field)
    }
  return names
}

/** The JSON text of a value. @throws Fault `INVALID_FIELD`, `CONTENT_TOO_LARGE` */
export const jsonTextOf =
  ({ bytesMax, depthMax }: JsonLimits): Decoder<string> =>
  (value, field) => {
    const writer = new JsonWriter(bytesMax, depthMax)
    writer.value(value, field, 1)
    const text = writer.text
    const size = utf8Size(text)
    if (size > bytesMax) throw contentTooLarge(field, size, bytesMax)
    return text
  }

/** A JSON value; comes out as a copy that is ours. @throws Fault `INVALID_FIELD`, `CONTENT_TOO_LARGE` */
export const jsonValue = (limits: JsonLimits): Decoder<Json> => {
  const textOf = jsonTextOf(limits)
  return (value, field) => JSON.parse(textOf(value, field)) as Json
}

/** Reads each property once, and asks no value how it wants to be written. */
class JsonWriter {
  readonly #bytesMax: number
  readonly #depthMax: number
  readonly #pieces: string[] = []
  #length = 0

  constructor(bytesMax: number, depthMax: number) {
    this.#bytesMax = bytesMax
    this.#depthMax = depthMax
  }

  get text(): string {
    return this.#pieces.join('')
  }

  value(value: unknown, field: string, depth: number): void {
    if (value === null || typeof value === 'boolean') this.#write(String(value), field)
    else if (typeof value === 'string') this.#string(value, field)
    else if (typeof value === 'number') this.#number(value, field)
    else if (Array.isArray(value)) this.#list(value, field, depth)
    else if (isMap(value)) this.#map(value, field, depth)
    else throw invalidField(field, 'JSON value')
  }

  #string(value: string, field: string): void {
    if (!isWellFormed(value)) throw invalidField(field, 'well-formed Unicode')
    this.#write(JSON.stringify(value), field)
  }

  #number(value: number, field: string): void {
    if (!Number.isFinite(value)) throw invalidField(field, 'finite number')
    this.#write(JSON.stringify(value), field)
  }

  #list(value: readonly unknown[], field: string, depth: number): void {
    this.#enter(field, depth)
    this.#write('[', field)
    for (let index = 0; index < value.length; index += 1) {
      if (index > 0) this.#write(',', field)
      this.value(value[index], `${field}[${index}]`, depth + 1)
    }
    this.#write(']', field)
  }

  #map(value: Record<string, unknown>, field: string, depth: number): void {
    this.#enter(field, depth)
    let separator = '{'
    for (const name of Object.keys(value)) {
      const item = value[name]
      if (item === undefined) continue
      this.#write(separator, field)
      this.#string(name, field)
      this.#write(':', field)
      this.value(item, `${field}.${excerpt(name)}`, depth + 1)
      separator = ','
    }
    this.#write(separator === '{' ? '{}' : '}', field)
  }

  /** J2. */
  #enter(field: string, depth: number): void {
    const limit = this.#depthMax
    if (depth > limit) throw invalidField(field, `maps and lists at most ${limit} deep`, { limit })
  }

  /** J2: what refers to itself, or to the same many times, ends here. */
  #write(piece: string, field: string): void {
    this.#length += piece.length
    if (this.#length > this.#bytesMax) throw contentTooLarge(field, this.#length, this.#bytesMax)
    this.#pieces.push(piece)
  }
}
