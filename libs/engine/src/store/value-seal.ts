/**
 * The checksum at the end of every stored value. LevelDB reads without verifying its own checksums, so S4 needs one
 * that is ours: over the value and the key, so that a row that turns up under a wrong key is found as well.
 *
 * It is `zlib.crc32`, which is native and needs no package. Measured for key and value together: 0.44 µs for 500 bytes,
 * 0.68 µs for 1.5 kB, against 3-7 µs for a point read (crc32c of `@node-rs/crc32`: 0.41 and 0.61 µs).
 */
import { crc32 } from 'node:zlib'
import { uint32At } from './level-coding.ts'

export const SEAL_SIZE_BYTES = 4

/** The length of the key goes in too: otherwise bytes could move from the end of a key to its value unnoticed. */
const checksum = (key: Uint8Array, value: Uint8Array): number => {
  const start = (crc32(key) ^ key.length) >>> 0
  // zlib takes an empty view without memory behind it for a request to start anew, and answers 0.
  return value.length === 0 ? start : crc32(value, start)
}

/** A copy of `value` with its checksum behind it, in the byte order of LevelDB. */
export const sealValue = (key: Uint8Array, value: Uint8Array): Uint8Array => {
  const sealed = Buffer.allocUnsafe(value.length + SEAL_SIZE_BYTES)
  sealed.set(value)
  sealed.writeUInt32LE(checksum(key, value), value.length)
  return sealed
}

/**
 * The value in `sealed`, without copying: it starts where `sealed` starts, so the alignment stays. `undefined` when the
 * checksum does not fit, which the caller reports as `CORRUPT`.
 */
export const unsealValue = (key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined => {
  const end = sealed.length - SEAL_SIZE_BYTES
  if (end < 0) return undefined
  const value = new Uint8Array(sealed.buffer, sealed.byteOffset, end)
  return uint32At(sealed, end) === checksum(key, value) ? value : undefined
}
