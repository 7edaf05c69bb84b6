/** How far the batch store is, and what of its journal is there. */
import type { ResultOf } from '@waggle/protocol'
import { addressOfJournalKey, type Scope } from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { keyJournalRange } from './key-journal.ts'
import { readKeyStore } from './key-rows.ts'
import { readPrunedBatch } from './prune/pruned-batches.ts'
import { readRetention } from './prune/retention-rows.ts'

export const keyPosition = async (
  state: StoreReader,
  scope: Scope,
): Promise<Omit<ResultOf<'keys.position'>, 'sequence'>> => {
  const { current, keyCount } = readKeyStore(state, scope)
  const oldest = await oldestBatch(state, scope)
  const rule = readRetention(state, scope)
  return {
    ...{ current, keyCount },
    ...(oldest === undefined ? {} : { oldest }),
    ...(rule === undefined ? {} : { rule }),
  }
}

/** The first batch that is there whole: one that is being pruned, in steps, counts as gone. */
export const oldestBatch = async (state: StoreReader, scope: Scope): Promise<number | undefined> => {
  const from = readPrunedBatch(state, scope) + 1
  for await (const key of state.scanKeys({ ...keyJournalRange(scope, from), limit: 1 }))
    return addressOfJournalKey(key).sequence
  return undefined
}
