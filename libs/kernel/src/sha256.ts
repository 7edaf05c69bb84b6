import { createHash } from 'node:crypto'

/** SHA-256 over the concatenation of `chunks`: 32 bytes. */
export const sha256 = (...chunks: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash('sha256')
  for (const chunk of chunks) hash.update(chunk)
  return hash.digest()
}

/** SHA-256 over a stream of chunks, for what does not fit in memory at once. */
export const sha256Stream = (): { update(chunk: Uint8Array): void; digest(): Uint8Array } => {
  const hash = createHash('sha256')
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() }
}
