/** How far the batch store is, and what of its journal is there. */
import type { ResultOf } from '@waggle/protocol'
import { readLastPruned } from '../memory/journal.ts'
import { addressOfJournalKey, JOURNAL_STORE, journalHorizonKey, type Scope } from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { keyJournalRange } from './key-journal.ts'
import { readKeyStore } from './key-rows.ts'

export const keyPosition = async (
  state: StoreReader,
  scope: Scope,
): Promise<Omit<ResultOf<'keys.position'>, 'sequence'>> => {
  const { current, keyCount } = readKeyStore(state, scope)
  const oldest = await oldestBatch(state, scope)
  return { current, keyCount, ...(oldest === undefined ? {} : { oldest }) }
}

/** The first batch that is there whole: one that is being pruned, in steps, counts as gone. */
export const oldestBatch = async (state: StoreReader, scope: Scope): Promise<number | undefined> => {
  // A batch may share its sequence with the collective's creation, which stands in for what was pruned where nothing was.
  const isPruned = state.get(journalHorizonKey(scope, JOURNAL_STORE.keys)) !== undefined
  const from = isPruned ? readLastPruned(state, scope, JOURNAL_STORE.keys).sequence + 1 : 0
  for await (const key of state.scanKeys({ ...keyJournalRange(scope, from), limit: 1 }))
    return addressOfJournalKey(key).sequence
  return undefined
}
