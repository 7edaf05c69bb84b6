/**
 * A digest over the whole state: SHA-256 over every row in key order, lengths in front. Two replicas at the same
 * sequence have the same digest, or one of them is wrong (P8). Rows of the replica itself are left out.
 */
import { hexOf, sha256Stream } from '@waggle/kernel'
import type { Sequence } from '@waggle/protocol'
import { readPosition } from './recovery/position.ts'
import { stateStart } from './state/keyspace.ts'
import type { KeyValueStore } from './store/key-value-store.ts'

export interface StateDigest {
  /** The record after which the state was like this; 0 before the first. */
  readonly sequence: Sequence
  /** 64 hexadecimal digits. */
  readonly digest: string
}

/** Reads one snapshot whole: O(state). @throws Fault `CORRUPT` */
export const digestState = async (store: KeyValueStore): Promise<StateDigest> => {
  const snapshot = store.snapshot()
  try {
    const hash = sha256Stream()
    const lengths = Buffer.alloc(8)
    for await (const [key, value] of snapshot.scan({ gte: stateStart() })) {
      lengths.writeUInt32BE(key.length, 0)
      lengths.writeUInt32BE(value.length, 4)
      for (const chunk of [lengths, key, value]) hash.update(chunk)
    }
    return { sequence: readPosition(snapshot)?.applied ?? (0 as Sequence), digest: hexOf(hash.digest()) }
  } finally {
    await snapshot.close()
  }
}
