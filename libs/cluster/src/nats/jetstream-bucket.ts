/** A key's newest value; `value` is absent where the key was deleted. */
export interface BucketEntry {
  readonly revision: number
  readonly value?: Uint8Array
}

/**
 * What became of a write: `refused` means that the revision is not the newest one, or could not be told; read again, then
 * decide. `unknown`: it may have happened, or may still.
 */
export type BucketWrite =
  | { readonly kind: 'written'; readonly revision: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown'; readonly error: unknown }

/** A key-value bucket of JetStream, with reads from its leader and writes by compare-and-set alone. */
export interface Bucket {
  readonly name: string
  /** @throws what the client throws when nobody answers */
  read(key: string): Promise<BucketEntry | undefined>
  /** @param revision the one that must be the newest; 0: the key must never have been there */
  write(key: string, value: Uint8Array, revision: number): Promise<BucketWrite>
  delete(key: string, revision: number): Promise<BucketWrite>
}
