import { fault } from '../errors.ts'
import {
  invalidField,
  optional,
  requiredField,
  type Decoder,
  type DefaultedDecoder,
  type OptionalDecoder,
} from './decoder.ts'
import { excerpt } from './unicode.ts'

/** The decoder of one field: required, optional, or with a default. */
export type FieldDecoder = Decoder<unknown> | OptionalDecoder<unknown> | DefaultedDecoder<unknown>

export type Fields = Readonly<Record<string, FieldDecoder>>

type RequiredNames<F extends Fields> = {
  [Name in keyof F]: F[Name] extends OptionalDecoder<unknown> ? never : Name
}[keyof F]

type ValueOf<F> =
  F extends Decoder<infer V>
    ? V
    : F extends OptionalDecoder<infer V>
      ? V
      : F extends DefaultedDecoder<infer V>
        ? V
        : never

/** The typed map that `fields` decodes to. */
export type MapOf<F extends Fields> = { readonly [Name in RequiredNames<F>]: ValueOf<F[Name]> } & {
  readonly [Name in Exclude<keyof F, RequiredNames<F>>]?: ValueOf<F[Name]>
}

/**
 * True for an object whose own properties are all there is to it. Others (a `Map`, a `Date`, a promise that nobody
 * awaited) keep what they hold elsewhere and would pass for an empty map: a filter that lets everything through.
 */
export const isMap = (value: unknown): value is Record<string, unknown> =>
  Object.prototype.toString.call(value) === '[object Object]'

/** The path of a field inside `parent`; the request itself has the empty path. */
const within = (parent: string, name: string): string => (parent === '' ? name : `${parent}.${name}`)

/**
 * A map with exactly these fields, decoded in the order in which they are declared. A field that is not declared is a
 * fault: ignoring a misspelt `ifVersion` would do what the caller meant to prevent.
 */
export const map = <const F extends Fields>(fields: F): Decoder<MapOf<F>> => {
  const entries = Object.entries(fields)
  return (value, field) => {
    if (!isMap(value)) throw invalidField(field === '' ? 'request' : field, 'map')
    for (const name of Object.keys(value))
      if (!Object.hasOwn(fields, name) && value[name] !== undefined) {
        const path = within(field, excerpt(name))
        throw fault('UNKNOWN_FIELD', `unknown field field=${path}`, { field: path })
      }
    const decoded: Record<string, unknown> = {}
    for (const [name, decoder] of entries) {
      const entry = Object.hasOwn(value, name) ? value[name] : undefined
      const result = decodeField(decoder, entry, within(field, name))
      if (result !== undefined) decoded[name] = result
    }
    return decoded as MapOf<F>
  }
}

const decodeField = (decoder: FieldDecoder, value: unknown, path: string): unknown => {
  const absent = value === undefined || value === null
  if (typeof decoder === 'function') {
    if (absent) throw requiredField(path)
    return decoder(value, path)
  }
  if ('optional' in decoder && value === null && decoder.takesNull === true) return null
  if ('optional' in decoder) return absent ? undefined : decoder.optional(value, path)
  return absent ? decoder.value : decoder.decoder(value, path)
}

/** A union of maps told apart by the text in `tag`: `{ kind: 'fact', … }`. */
export const taggedUnion = <const Tag extends string, const Variants extends Readonly<Record<string, Fields>>>(
  tag: Tag,
  variants: Variants,
): Decoder<{ [K in keyof Variants]: { readonly [T in Tag]: K } & MapOf<Variants[K]> }[keyof Variants]> => {
  const decoders = new Map<unknown, Decoder<object>>()
  for (const [name, fields] of Object.entries(variants)) {
    const tagDecoder: Decoder<string> = () => name
    decoders.set(name, map({ [tag]: tagDecoder, ...fields }))
  }
  return (value, field) => {
    if (!isMap(value)) throw invalidField(field, 'map')
    const decoder = decoders.get(value[tag])
    if (decoder === undefined) throw invalidField(within(field, tag), [...decoders.keys()].join('|'))
    return decoder(value, field) as never
  }
}

/** Exactly one of several fields, under its name: `{ keepLatest: { count: 5 } }`. */
export const choice = <const F extends Readonly<Record<string, Decoder<unknown>>>>(
  fields: F,
): Decoder<{ [Name in keyof F]: { readonly [N in Name]: ValueOf<F[N]> } }[keyof F]> => {
  const names = Object.keys(fields)
  const decode = map(Object.fromEntries(names.map((name) => [name, optional(fields[name] as Decoder<unknown>)])))
  return (value, field) => {
    const decoded = decode(value, field)
    if (Object.keys(decoded).length !== 1) throw invalidField(field, `one of ${names.join('|')}`)
    return decoded as never
  }
}
