/**
 * Fields inside keys, in an encoding whose bytes sort as the values do: whole numbers are big-endian with their sign
 * bit turned, a float's other bits too where it is negative; a text fills 16 bytes and ends at its first NUL; a binary
 * is what it is. It is Exoware's.
 */
import { utf8 } from '@waggle/kernel'
import { isUtf8 } from 'node:buffer'
import { invalidField } from '../schema/decoder.ts'
import { isWellFormed } from '../schema/unicode.ts'
import type { FieldKind } from '../reduce.ts'
import { decimalBytes } from './decimal.ts'
import { DATE32_MAX, DATE32_MIN, DECIMAL_BYTES, isInRange, isWholeKind, type Scalar, type WholeKind } from './scalar.ts'

const SIGN_32 = 0x8000_0000
const SIGN_64 = 1n << 63n
const TEXT_BYTES = 16

/** Bytes that a field takes in a key. @param length of a `fixedSizeBinary` */
export const keyFieldWidth = (kind: FieldKind, length = 0): number => {
  switch (kind) {
    case 'boolean':
      return 1
    case 'date32':
      return 4
    case 'utf8':
      return TEXT_BYTES
    case 'decimal128':
    case 'decimal256':
      return DECIMAL_BYTES[kind]
    case 'fixedSizeBinary':
      return length
    default:
      return 8
  }
}

/**
 * The bytes of a value as a field of a key.
 * @throws Fault `INVALID_FIELD` for a value that is not of the kind, or outside it
 */
export const encodeKeyField = (kind: FieldKind, value: Scalar): Uint8Array => {
  if (isWholeKind(kind)) return encodeWhole(kind, value)
  switch (kind) {
    case 'float64':
      return encodeFloat(value)
    case 'date32': {
      if (typeof value !== 'number' || !Number.isInteger(value) || value < DATE32_MIN || value > DATE32_MAX)
        throw invalidField('value', `integer ${DATE32_MIN}..${DATE32_MAX}`)
      const bytes = new Uint8Array(4)
      new DataView(bytes.buffer).setUint32(0, (value ^ SIGN_32) >>> 0)
      return bytes
    }
    case 'boolean':
      if (typeof value !== 'boolean') throw invalidField('value', 'boolean')
      return Uint8Array.of(value ? 1 : 0)
    case 'utf8':
      return encodeText(value)
    case 'fixedSizeBinary':
      if (!(value instanceof Uint8Array)) throw invalidField('value', 'bytes')
      return new Uint8Array(value)
  }
}

const encodeWhole = (kind: WholeKind, value: Scalar): Uint8Array => {
  const number = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof number !== 'bigint' || !isInRange(kind, number)) throw invalidField('value', `integer of kind ${kind}`)
  const bytes = decimalBytes(number, keyFieldWidth(kind)).reverse()
  if (kind !== 'uint64') bytes[0] = (bytes[0] as number) ^ 0x80
  return bytes
}

const encodeFloat = (value: Scalar): Uint8Array => {
  if (typeof value !== 'number') throw invalidField('value', 'number')
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  view.setBigUint64(0, (bits & SIGN_64) === 0n ? bits | SIGN_64 : ~bits)
  return bytes
}

const encodeText = (value: Scalar): Uint8Array => {
  if (typeof value !== 'string' || value.includes('\0') || !isWellFormed(value))
    throw invalidField('value', 'well-formed Unicode without NUL')
  const text = utf8(value)
  if (text.length > TEXT_BYTES) throw invalidField('value', `at most ${TEXT_BYTES} bytes`, { limit: TEXT_BYTES })
  const bytes = new Uint8Array(TEXT_BYTES)
  bytes.set(text)
  return bytes
}

/**
 * The value of a field's bytes, which are as many as its kind has; a text and a boolean may have others.
 * @returns `undefined` for a text that is not UTF-8
 */
export const decodeKeyField = (kind: FieldKind, bytes: Uint8Array): Scalar | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  switch (kind) {
    case 'int64':
    case 'date64':
    case 'timestamp':
      return BigInt.asIntN(64, view.getBigUint64(0) ^ SIGN_64)
    case 'uint64':
      return view.getBigUint64(0)
    case 'float64':
      return decodeFloat(view)
    case 'date32':
      return view.getUint32(0) ^ SIGN_32
    case 'boolean':
      return bytes[0] !== 0
    case 'utf8':
      return decodeText(bytes)
    case 'decimal128':
      return wholeOf(view, 2)
    case 'decimal256':
      return wholeOf(view, 4)
    case 'fixedSizeBinary':
      return new Uint8Array(bytes)
  }
}

const decodeFloat = (view: DataView): number => {
  const bits = view.getBigUint64(0)
  const turned = new DataView(new ArrayBuffer(8))
  turned.setBigUint64(0, (bits & SIGN_64) === 0n ? ~bits : bits ^ SIGN_64)
  return turned.getFloat64(0)
}

const wholeOf = (view: DataView, words: number): bigint => {
  let number = BigInt.asIntN(64, view.getBigUint64(0) ^ SIGN_64)
  for (let word = 1; word < words; word += 1) number = (number << 64n) | view.getBigUint64(8 * word)
  return number
}

const decodeText = (bytes: Uint8Array): string | undefined => {
  const end = bytes.indexOf(0)
  const text = end === -1 ? bytes : bytes.subarray(0, end)
  return isUtf8(text) ? Buffer.from(text.buffer, text.byteOffset, text.length).toString() : undefined
}
