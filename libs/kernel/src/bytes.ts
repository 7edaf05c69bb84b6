/** Small operations on byte arrays that every layer needs. */

/** Negative, zero or positive as `left` sorts before, equal to or after `right`: bytewise, a prefix first. */
export const compareBytes = (left: Uint8Array, right: Uint8Array): number => Buffer.compare(left, right)

export const equalBytes = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0

export const concatBytes = (...chunks: readonly Uint8Array[]): Uint8Array => Buffer.concat(chunks)

export const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')

/** One character a byte: the cheapest faithful text there is, for a map to know bytes by. */
export const latin1Of = (bytes: Uint8Array): string =>
  (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)).toString('latin1')

/** The UTF-8 size of `text` in bytes. */
export const utf8Size = (text: string): number => Buffer.byteLength(text, 'utf8')

const UTF8 = new TextEncoder()

export const utf8 = (text: string): Uint8Array => UTF8.encode(text)

/** The smallest key that sorts after all that start with `prefix`; `undefined` when there is none (all 0xff). */
export const prefixEnd = (prefix: Uint8Array): Uint8Array | undefined => {
  for (let end = prefix.length - 1; end >= 0; end -= 1) {
    const byte = prefix[end] as number
    if (byte < 0xff) {
      // Not `slice`: a Buffer's shares its memory, and the prefix would change under its owner.
      const bound = Uint8Array.from(prefix.subarray(0, end + 1))
      bound[end] = byte + 1
      return bound
    }
  }
  return undefined
}
