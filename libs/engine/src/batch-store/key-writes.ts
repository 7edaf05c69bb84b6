/**
 * What a write of keys does to the state, whichever event brings it.
 *
 * W1  Of a key that a write names twice the last value stays; the journal keeps every entry, in the order given.
 * W2  A write is one row of the journal, and takes its sequence also where it finds nothing to delete.
 * W3  The counters move with the rows: keys, the bytes of keys and values, batches, and the newest batch.
 */
import type { ApplyContext } from '../event/applier.ts'
import { JOURNAL_STORE, journalKey, keyPrefix, retentionKey, type Scope } from '../state/keyspace.ts'
import { encodeKeyJournalRow, type KeyJournalRow } from './key-journal.ts'
import { encodeKeyRow, putKeyStore, readKeyStore, sizeOfValue } from './key-rows.ts'

/** Puts entries in their order (W1). */
export const putKeys = (context: ApplyContext, entries: KeyJournalRow['entries']): void => {
  const { state, address } = context
  const scope = context.scope()
  const prefix = keyPrefix(scope)
  let [keyCount, bytes] = [0, 0]
  for (const [key, value] of entries) {
    const rowKey = rowKeyOf(prefix, key)
    const before = state.get(rowKey)
    if (before === undefined) keyCount += 1
    bytes += value.length - (before === undefined ? -key.length : sizeOfValue(before))
    state.put(rowKey, encodeKeyRow({ address, value }))
  }
  tellBatch(context, scope, { entries, deleted: [] }, { keyCount, bytes })
}

/** Deletes keys; those that are not there stand in the journal, too (W2). */
export const deleteKeys = (context: ApplyContext, keys: readonly Uint8Array[]): void => {
  const { state } = context
  const scope = context.scope()
  const prefix = keyPrefix(scope)
  let [keyCount, bytes] = [0, 0]
  for (const key of keys) {
    const rowKey = rowKeyOf(prefix, key)
    const before = state.get(rowKey)
    if (before === undefined) continue
    keyCount -= 1
    bytes -= key.length + sizeOfValue(before)
    state.delete(rowKey)
  }
  tellBatch(context, scope, { entries: [], deleted: keys }, { keyCount, bytes })
}

/** What all keys of a write begin with is made once. */
const rowKeyOf = (prefix: Uint8Array, key: Uint8Array): Uint8Array => {
  const rowKey = Buffer.allocUnsafe(prefix.length + key.length)
  rowKey.set(prefix)
  rowKey.set(key, prefix.length)
  return rowKey
}

/** W2 W3. */
const tellBatch = (
  { state, address, timeMs, tell }: ApplyContext,
  scope: Scope,
  written: Omit<KeyJournalRow, 'timeMs'>,
  change: { readonly keyCount: number; readonly bytes: number },
): void => {
  state.put(journalKey(scope, JOURNAL_STORE.keys, address), encodeKeyJournalRow({ ...written, timeMs }))
  const { keyCount, bytes, batchCount, current } = readKeyStore(state, scope)
  putKeyStore(state, scope, {
    keyCount: keyCount + change.keyCount,
    bytes: bytes + change.bytes,
    batchCount: batchCount + (current === address.sequence ? 0 : 1),
    current: address.sequence,
  })
  tell({ kind: 'journal', journal: 'keys', scope })
  // What the rule no longer keeps may go at once.
  if (state.get(retentionKey(scope)) !== undefined) tell({ kind: 'upkeep', scope })
}
