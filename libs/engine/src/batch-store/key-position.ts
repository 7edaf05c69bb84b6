/** How far the batch store is, and what of its journal is there. */
import type { ResultOf } from '@waggle/protocol'
import { expiredCounts } from '../expiry/expired-counts.ts'
import { addressOfJournalKey, type Scope } from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { keyBehind } from '../store/prefix-range.ts'
import { keyJournalRange } from './key-journal.ts'
import { readKeyStore } from './key-rows.ts'
import { isPruneRow } from './prune/prune-rows.ts'
import { readPrunedBatch } from './prune/pruned-batches.ts'
import { readRetention } from './prune/retention-rows.ts'

export const keyPosition = async (
  state: StoreReader,
  scope: Scope,
  nowMs: number,
): Promise<Omit<ResultOf<'keys.position'>, 'sequence'>> => {
  const { current, keyCount: stored } = readKeyStore(state, scope)
  const keyCount = stored - (await expiredCounts(state, scope, nowMs)).key
  const oldest = await oldestBatch(state, scope)
  const rule = readRetention(state, scope)
  return {
    ...{ current, keyCount },
    ...(oldest === undefined ? {} : { oldest }),
    ...(rule === undefined ? {} : { rule }),
  }
}

/** Rows of prunes that are passed over at once. */
const PRUNE_ROWS = 64

/**
 * The first batch that is there whole: one that is being pruned, in steps, counts as gone, and a row that only tells of
 * a prune of keys is none.
 */
export const oldestBatch = async (state: StoreReader, scope: Scope): Promise<number | undefined> => {
  const { lt, gte: first } = keyJournalRange(scope, readPrunedBatch(state, scope) + 1)
  let gte = first
  // Looking at a key passes over its value, which may be large: mostly the first row is the one.
  for (let limit = 1; ; limit = PRUNE_ROWS) {
    let rows = 0
    for await (const key of state.scanKeys({ gte, lt, limit })) {
      const address = addressOfJournalKey(key)
      if (!isPruneRow(state, scope, address)) return address.sequence
      gte = keyBehind(key)
      rows += 1
    }
    if (rows < limit) return undefined
  }
}
