/** 32-bit FNV-1a, an unsigned integer. Two inputs of one length that differ in one byte never have the same hash. */
export const fnv1a32 = (bytes: Uint8Array): number => {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}
