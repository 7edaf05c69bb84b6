/** Decimals without their scale: whole numbers of 128 or 256 bits, little-endian two's complement. */

const WORD_BYTES = 8
const WORD_BITS = 64n

/** The whole number that the bytes are; their count is a multiple of 8. */
export const decimalOf = (bytes: Uint8Array): bigint => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const last = bytes.length - WORD_BYTES
  let number = view.getBigInt64(last, true)
  for (let at = last - WORD_BYTES; at >= 0; at -= WORD_BYTES)
    number = (number << WORD_BITS) | view.getBigUint64(at, true)
  return number
}

/** @param width bytes, a multiple of 8; the number fits into them */
export const decimalBytes = (number: bigint, width: number): Uint8Array => {
  const bytes = new Uint8Array(width)
  const view = new DataView(bytes.buffer)
  for (let at = 0, rest = number; at < width; at += WORD_BYTES, rest >>= WORD_BITS)
    view.setBigUint64(at, BigInt.asUintN(64, rest), true)
  return bytes
}
