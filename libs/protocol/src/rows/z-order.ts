/**
 * Fields of a key whose bits take turns, the highest of each first: keys that are near in every field are near in the
 * order. A field whose bits are used up takes no turn any more.
 */

const bitAt = (bytes: Uint8Array, bit: number): number => ((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1

const setBit = (bytes: Uint8Array, bit: number): void => {
  bytes[bit >> 3] = (bytes[bit >> 3] as number) | (0x80 >> (bit & 7))
}

/** The fields' bytes, each as `encodeKeyField` makes them, as one. */
export const interleaveKeyFields = (fields: readonly Uint8Array[]): Uint8Array => {
  const together = new Uint8Array(fields.reduce((size, field) => size + field.length, 0))
  const bitsMax = 8 * Math.max(0, ...fields.map((field) => field.length))
  let next = 0
  for (let bit = 0; bit < bitsMax; bit += 1)
    for (const field of fields) {
      if (bit >= 8 * field.length) continue
      if (bitAt(field, bit) === 1) setBit(together, next)
      next += 1
    }
  return together
}

/** Where each bit of one field stands among those of all. @param widths of all fields, in bytes */
export const bitPositions = (widths: readonly number[], position: number): Uint16Array => {
  const bits = new Uint16Array(8 * (widths[position] ?? 0))
  let next = 0
  for (let bit = 0; bit < bits.length; bit += 1)
    for (const [field, width] of widths.entries()) {
      if (bit >= 8 * width) continue
      if (field === position) bits[bit] = next
      next += 1
    }
  return bits
}

/** The bytes of a field whose bits stand in `bytes` at these positions behind `bitOffset`. */
export const gatherBits = (bytes: Uint8Array, bitOffset: number, positions: Uint16Array): Uint8Array => {
  const field = new Uint8Array(positions.length >> 3)
  for (let bit = 0; bit < positions.length; bit += 1)
    if (bitAt(bytes, bitOffset + (positions[bit] as number)) === 1) setBit(field, bit)
  return field
}
