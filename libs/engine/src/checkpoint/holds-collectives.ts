/**
 * Whether any tenant has a collective in a state: a cluster of which no shard has one may be restored into. What
 * deleted ones have left (rows that are not swept yet, outcomes under idempotency keys) does not count.
 */
import { directoryPrefix } from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { prefixRange } from '../store/prefix-range.ts'

/** One row is read at the most. */
export const holdsCollectives = async (state: StoreReader): Promise<boolean> => {
  for await (const _ of state.scanKeys({ ...prefixRange(directoryPrefix()), limit: 1 })) return true
  return false
}
