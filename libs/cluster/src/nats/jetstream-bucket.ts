/**
 * A key-value bucket of JetStream, with reads from its leader and writes by compare-and-set alone. The bucket is there:
 * `directory/` creates it.
 */
import type { JetStreamClient } from '@nats-io/jetstream'
import { Kvm, type KV } from '@nats-io/kv'
import { apiCode, refusalOf } from './api-errors.ts'

/** A key's newest value; `value` is absent where the key was deleted. */
export interface BucketEntry {
  readonly revision: number
  readonly value?: Uint8Array
}

/**
 * What became of a write: `refused` means that the revision is not the newest one, or could not be told: read again,
 * then decide. `unknown`: it may have happened, or may still.
 */
export type BucketWrite =
  | { readonly kind: 'written'; readonly revision: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown'; readonly error: unknown }

export interface Bucket {
  readonly name: string
  /** @throws what the client throws when nobody answers */
  read(key: string): Promise<BucketEntry | undefined>
  /** @param revision the one that must be the newest; 0: the key must never have been there, or be forgotten */
  write(key: string, value: Uint8Array, revision: number): Promise<BucketWrite>
  delete(key: string, revision: number): Promise<BucketWrite>
}

/** Milliseconds. */
const REQUEST_TIMEOUT_MS = 1_000

export const openBucket = async (client: JetStreamClient, name: string): Promise<Bucket> => {
  // Without `allow_direct` reads are the leader's. Opening asks the server nothing.
  const kv: KV = await new Kvm(client).open(name)
  return {
    name,
    async read(key) {
      const entry = await kv.get(key)
      if (entry === null) return undefined
      return { revision: entry.revision, ...(entry.operation === 'PUT' ? { value: entry.value } : {}) }
    },
    write: (key, value, revision) =>
      attempt(() => kv.put(key, value, { previousSeq: revision, timeout: REQUEST_TIMEOUT_MS })),
    delete: (key, revision) =>
      attempt(async () => {
        await kv.delete(key, { previousSeq: revision })
        return revision
      }),
  }
}

const attempt = async (write: () => Promise<number>): Promise<BucketWrite> => {
  try {
    return { kind: 'written', revision: await write() }
  } catch (error) {
    const refused = apiCode(error) !== undefined && refusalOf(error) === 'wrongSequence'
    return refused ? { kind: 'refused' } : { kind: 'unknown', error }
  }
}
