import { DIMENSION_MAX } from '../limits.ts'
import { invalidField, requiredField, type Decoder } from './decoder.ts'

/**
 * An embedding, as a list of numbers, a `Float32Array` or raw little-endian float32 bytes; comes out as a copy that is
 * ours. That its components are finite and not all zero is a rule of the field, checked with its dimension.
 */
export const embedding: Decoder<Float32Array> = (value, field) => {
  const vector = embeddingOrNone(value, field)
  if (vector.length === 0) throw requiredField(field)
  return vector
}

/** An embedding in the same forms, which may have no component at all. */
export const embeddingOrNone: Decoder<Float32Array> = (value, field) => {
  if (value instanceof Float32Array) {
    checkLength(value.length, field)
    return new Float32Array(value)
  }
  if (value instanceof Uint8Array) return vectorFromBytes(value, field)
  if (!Array.isArray(value)) throw invalidField(field, 'list of numbers or Float32Array')
  checkLength(value.length, field)
  const vector = new Float32Array(value.length)
  for (let index = 0; index < vector.length; index += 1) {
    const component: unknown = value[index]
    if (typeof component !== 'number') throw invalidField(`${field}[${index}]`, 'number')
    vector[index] = component
  }
  return vector
}

const vectorFromBytes = (bytes: Uint8Array, field: string): Float32Array => {
  if (bytes.length % 4 !== 0) throw invalidField(field, 'a multiple of 4 bytes', { bytes: bytes.length })
  checkLength(bytes.length / 4, field)
  return float32FromBytes(bytes)
}

const checkLength = (length: number, field: string): void => {
  if (length > DIMENSION_MAX) throw invalidField(field, `at most ${DIMENSION_MAX} components`, { limit: DIMENSION_MAX })
}

/** A copy of little-endian float32 bytes at any offset as a vector of its own. */
export const float32FromBytes = (bytes: Uint8Array): Float32Array => {
  const vector = new Float32Array(bytes.length / 4)
  new Uint8Array(vector.buffer).set(bytes)
  return vector
}

/** The bytes of a vector, little-endian, without a copy. */
export const float32Bytes = (vector: Float32Array): Uint8Array =>
  new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
