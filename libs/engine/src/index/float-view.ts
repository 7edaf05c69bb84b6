/**
 * The vector that a stored value is, without a copy: a store gives values where numbers can be read in place (S4). Who
 * keeps it keeps the value's memory.
 */
export const floatView = (bytes: Uint8Array): Float32Array =>
  new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
