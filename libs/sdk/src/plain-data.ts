/**
 * What a caller wrote, copied in the moment of the call.
 *
 * D1  Every property is read once, before the call first waits: what the caller does to his objects afterwards changes
 *     nothing, and a retry sends what was said first.
 * D2  What throws when it is read, or has no end, is a fault that names it, never an error of its own.
 *
 * It copies and judges nothing else: what is neither a list, a vector, a date nor a map is left for the decoder to
 * refuse, and so is a list that is longer than any list may be.
 */
import { types } from 'node:util'
import { isFault } from '@waggle/kernel'
import { fault, invalidField, jsonTextOf, limits, tooManyItems } from '@waggle/protocol'
import type { RequestBody } from './caller.ts'

/** Longer ones are refused wherever they stand, so they are not worth a copy. */
const ITEMS_MAX = Math.max(
  ...[limits.BATCH_ITEMS_MAX, limits.DIMENSION_MAX, limits.KEYS_PER_BATCH_MAX, limits.POINTS_PER_BATCH_MAX],
)
/** Bytes of one call that are copied: what holds more is refused, for a value or for all of them together. */
const BYTES_MAX = 2 * limits.UPLOAD_BYTES_MAX
/** What a fault repeats of a name that the caller chose. */
const NAME_UNITS_MAX = 100

/** A copy of `value` that is plain data. @param field its path @throws Fault `INVALID_FIELD` (D2) */
export const plainCopy = (value: unknown, field: string): unknown => {
  const trail: Trail = [field]
  return readable(field, trail, () => new Copier(trail).copy(value))
}

const payloadText = jsonTextOf({ bytesMax: limits.PAYLOAD_BYTES_MAX, depthMax: limits.PAYLOAD_DEPTH_MAX })

/** The JSON text of a payload. @param field its path @throws Fault `INVALID_FIELD` (D2), `CONTENT_TOO_LARGE` */
export const plainJson = (value: unknown, field: string): string =>
  readable(field, [field], () => payloadText(value, field))

/** A copy of a list or map itself, with what is in it as it is; of what is neither, the thing. @throws Fault (D2) */
export const plainTop = (value: unknown, field: string): unknown =>
  readable(field, [field], () => {
    if (Array.isArray(value))
      return Array.from({ length: Math.min(value.length, ITEMS_MAX + 1) }, (_, index): unknown => value[index])
    return isMap(value) ? Object.fromEntries(Object.keys(value).map((name) => [name, value[name]])) : value
  })

export interface MapOptions {
  /** The map's fields are the request's own, so their paths begin with their names. */
  readonly isRequest?: boolean
  /** A field whose value is no data and is passed on as it is. */
  readonly asIs?: string
}

/** As `plainCopy`, of a map. @param field its path @throws Fault `INVALID_FIELD` for anything else */
export const plainMap = (value: unknown, field: string, { isRequest = false, asIs }: MapOptions = {}): RequestBody => {
  const trail: Trail = [field]
  return readable(field, trail, () => {
    if (!isMap(value)) throw invalidField(field, 'map')
    if (isRequest) trail.length = 0
    return new Copier(trail).map(value, asIs)
  })
}

/** A list of such maps. @throws Fault `INVALID_FIELD`, `TOO_MANY_ITEMS` */
export const plainMaps = (value: unknown, field: string, itemsMax: number): RequestBody[] => {
  const copy = plainCopy(value, field)
  if (!Array.isArray(copy)) throw invalidField(field, 'list')
  if (copy.length > itemsMax) throw tooManyItems(field, copy.length, itemsMax)
  return copy.map((item: unknown, index) => {
    if (!isMap(item)) throw invalidField(`${field}[${index}]`, 'map')
    return item
  })
}

/**
 * The options of a call that are there, of which only `known` may be: one that is misspelt would do what the caller
 * meant to prevent. @throws Fault `INVALID_FIELD`, `UNKNOWN_FIELD`
 */
export const optionsOf = (value: unknown, known: readonly string[]): RequestBody => {
  const given = plainMap(value, 'options')
  const options: Record<string, unknown> = {}
  for (const name of Object.keys(given)) {
    const option = given[name]
    if (isAbsent(option)) continue
    if (!known.includes(name)) {
      const path = `options.${name.slice(0, NAME_UNITS_MAX)}`
      throw fault('UNKNOWN_FIELD', `unknown field field=${path}`, { field: path })
    }
    options[name] = option
  }
  return options
}

/** Refuses names that the method itself fills in. @throws Fault `UNKNOWN_FIELD` */
export const refuseFields = (fields: RequestBody, names: readonly string[]): void => {
  for (const field of Object.keys(fields))
    if (names.includes(field) && fields[field] !== undefined)
      throw fault('UNKNOWN_FIELD', `unknown field field=${field}`, { field })
}

/** True for a list. What throws when it is looked at is none, and refused for it where it is copied. */
export const isList = (value: unknown): value is readonly unknown[] => {
  try {
    return Array.isArray(value)
  } catch {
    return false
  }
}

/** True for what counts as not given. */
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null

/** Names and indexes from the top to what is being read. */
type Trail = (string | number)[]

const pathOf = (trail: Trail): string =>
  trail.reduce<string>((path, step) => {
    if (typeof step === 'number') return `${path}[${step}]`
    return path === '' ? step : `${path}.${step}`
  }, '')

/** D2 @param trail where `read` has got to; empty at the top of a request, which is then called `field` */
const readable = <Result>(field: string, trail: Trail, read: () => Result): Result => {
  try {
    return read()
  } catch (error) {
    if (isFault(error)) throw error
    const path = pathOf(trail)
    throw invalidField(path === '' ? field : path, `plain data, nested at most ${limits.BODY_DEPTH_MAX} deep`)
  }
}

const isMap = (value: unknown): value is RequestBody => Object.prototype.toString.call(value) === '[object Object]'

class Copier {
  readonly #trail: Trail
  #containers = 0
  #bytesCopied = 0

  constructor(trail: Trail) {
    this.#trail = trail
  }

  copy(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    // By what they are inside, not by their prototype: another realm has other classes, and anybody can set one.
    if (types.isFloat32Array(value)) return value.length > ITEMS_MAX ? value : new Float32Array(value)
    if (types.isUint8Array(value)) return this.#bytes(value)
    if (types.isDate(value)) return new Date(Date.prototype.getTime.call(value))
    if (Array.isArray(value)) return this.#list(value)
    return isMap(value) ? this.map(value) : value
  }

  map(map: RequestBody, asIs?: string): RequestBody {
    this.#enter()
    const at = this.#trail.push('') - 1
    const copy: Record<string, unknown> = {}
    for (const name of Object.keys(map)) {
      this.#trail[at] = name.slice(0, NAME_UNITS_MAX)
      const value = map[name]
      const own = name === asIs ? value : this.copy(value)
      // An assignment would make it the prototype; an ordinary property of that name the decoder refuses.
      if (name === '__proto__') Object.defineProperty(copy, name, { value: own, enumerable: true })
      else copy[name] = own
    }
    this.#trail.pop()
    return copy
  }

  #bytes(bytes: Uint8Array): Uint8Array {
    this.#bytesCopied += bytes.length
    return this.#bytesCopied > BYTES_MAX ? bytes : new Uint8Array(bytes)
  }

  #list(list: readonly unknown[]): readonly unknown[] {
    this.#enter()
    const { length } = list
    // A real list keeps the length that it is refused for; a proxy might not.
    if (length > ITEMS_MAX) return types.isProxy(list) ? Array(ITEMS_MAX + 1) : list
    const at = this.#trail.push(0) - 1
    const copy: unknown[] = []
    for (let index = 0; index < length; index += 1) {
      this.#trail[at] = index
      copy.push(this.copy(list[index]))
    }
    this.#trail.pop()
    return copy
  }

  /** What leads back to itself is deep, and what holds itself twice is wide. */
  #enter(): void {
    this.#containers += 1
    if (this.#trail.length > limits.BODY_DEPTH_MAX || this.#containers > limits.BODY_CONTAINERS_MAX)
      throw new RangeError('too deep or too wide')
  }
}
