/**
 * Opaque texts: base64url over a few bytes of fixed length, the first of which says what they are, with a checksum
 * behind them, so that a text that was cut short or mistyped is refused instead of being read as another position.
 */
import { assert } from '@waggle/kernel'
import { isGeneration, type Address, type Generation, type Sequence } from './address.ts'
import { fnv1a32 } from './fnv1a32.ts'

const CHECKSUM_BYTES = 3

/** The text of a body. */
export const seal = (body: Uint8Array): string => {
  const sealed = Buffer.alloc(body.length + CHECKSUM_BYTES)
  sealed.set(body)
  sealed.writeUIntBE(checksumOf(body), body.length, CHECKSUM_BYTES)
  return sealed.toString('base64url')
}

/** Against mistakes, not against forgers: a token grants nothing. */
const checksumOf = (body: Uint8Array): number => fnv1a32(body) & 0xff_ffff

/** The body of a text of that kind, its first byte, and length; `undefined` where `seal` did not make it. */
export const unseal = (text: string, kind: number, length: number): DataView | undefined => {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== length + CHECKSUM_BYTES || bytes[0] !== kind || bytes.toString('base64url') !== text) return
  const body = bytes.subarray(0, length)
  if (bytes.readUIntBE(length, CHECKSUM_BYTES) !== checksumOf(body)) return
  return new DataView(body.buffer, body.byteOffset, length)
}

export const setGeneration = (view: DataView, offset: number, generation: Generation): void => {
  assert(isGeneration(generation), 'a generation is 16 hexadecimal digits')
  view.setBigUint64(offset, BigInt(`0x${generation}`))
}

export const generationAt = (view: DataView, offset: number): Generation =>
  view.getBigUint64(offset).toString(16).padStart(16, '0') as Generation

export const setCount = (view: DataView, offset: number, count: number): void => {
  assert(Number.isSafeInteger(count) && count >= 0, 'a position is told by exact numbers')
  view.setBigUint64(offset, BigInt(count))
}

/** Beyond the safe integers for a forged one: the checksum is no secret. */
export const countAt = (view: DataView, offset: number): number => Number(view.getBigUint64(offset))

/** The highest index that a change may have. */
export const INDEX_MAX = 0xffff_ffff

/** Twelve bytes. */
export const setAddress = (view: DataView, offset: number, { sequence, index }: Address): void => {
  assert(Number.isInteger(index) && index >= 0 && index <= INDEX_MAX, 'the index of a change fits into four bytes')
  setCount(view, offset, sequence)
  view.setUint32(offset + 8, index)
}

/** Its sequence is beyond the safe integers for a forged one. */
export const addressAt = (view: DataView, offset: number): Address => ({
  sequence: countAt(view, offset) as Sequence,
  index: view.getUint32(offset + 8),
})
