import { invalidField, contentTooLarge, type Decoder } from './decoder.ts'
import { isMap, map } from './map.ts'
import { isWellFormed } from './unicode.ts'
import { text } from './values.ts'

/**
 * Bytes: a `Uint8Array`, a text, which stands for its UTF-8, or, where an encoding has neither, `{ base64 }`. They come
 * out as a copy that is ours.
 */
export const bytes =
  (bounds: { readonly bytesMax: number }): Decoder<Uint8Array> =>
  (value, field) => {
    const decoded = bytesOf(value, field)
    if (decoded.length > bounds.bytesMax) throw contentTooLarge(field, decoded.length, bounds.bytesMax)
    return decoded
  }

const bytesOf = (value: unknown, field: string): Uint8Array => {
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (typeof value === 'string') {
    if (!isWellFormed(value)) throw invalidField(field, 'well-formed Unicode')
    return new Uint8Array(Buffer.from(value))
  }
  if (isMap(value)) return bytesOfBase64(inBase64(value, field).base64, `${field}.base64`)
  throw invalidField(field, 'bytes, text or { base64 }')
}

const inBase64 = map({ base64: text() })

const bytesOfBase64 = (encoded: string, field: string): Uint8Array => {
  const decoded = Buffer.from(encoded, 'base64')
  // Node skips what is no base64.
  if (decoded.toString('base64') !== encoded) throw invalidField(field, 'base64 with padding')
  return new Uint8Array(decoded)
}

/** What bytes are in JSON. */
export const base64Of = (value: Uint8Array): { readonly base64: string } => ({
  base64: Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64'),
})
