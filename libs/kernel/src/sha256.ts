import { createHash, hash } from 'node:crypto'

/**
 * SHA-256 of `bytes`: 32 bytes. In one call, twice as fast as a hash object for short input (measured: 1.9 against
 * 3.9 µs for 300 bytes).
 */
export const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')

/** SHA-256 over a stream of chunks, for what does not fit in memory at once. */
export const sha256Stream = (): { update(chunk: Uint8Array): void; digest(): Uint8Array } => {
  const hash = createHash('sha256')
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() }
}
