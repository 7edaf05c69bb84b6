/**
 * What a write of keys does to the state, whichever event brings it.
 *
 * W1  Of a key that a write names twice the last value stays; the journal keeps every entry, in the order given.
 * W2  A write is one row of the journal, and takes its sequence also where it finds nothing to delete.
 * W3  What is put expires no more, unless the event behind it says so.
 * W4  The counters move with the rows: keys, the bytes of keys and values, batches, and the newest batch.
 */
import { present } from '@waggle/kernel'
import type { CollectiveId } from '@waggle/protocol'
import type { ApplyContext } from '../event/applier.ts'
import { moveExpiries, type ExpiryMove } from '../expiry/expiry-rows.ts'
import { expiryFrom } from '../expiry/is-expired.ts'
import { JOURNAL_STORE, journalKey, keyPrefix, retentionKey, type Scope } from '../state/keyspace.ts'
import { encodeKeyJournalRow, type KeyJournalRow } from './key-journal.ts'
import { decodeKeyRow, encodeKeyRow, expiryOfRow, putKeyStore, readKeyStore, sizeOfValue } from './key-rows.ts'
import { markPruneRow } from './prune/prune-rows.ts'

/** Puts entries in their order (W1). */
export const putKeys = (context: ApplyContext, entries: KeyJournalRow['entries']): void => {
  const { state, address } = context
  const scope = context.scope()
  const prefix = keyPrefix(scope)
  const expiries: ExpiryMove<'key'>[] = []
  let [keyCount, bytes] = [0, 0]
  for (const [key, value] of entries) {
    const rowKey = rowKeyOf(prefix, key)
    const before = state.get(rowKey)
    noteExpiry(expiries, key, before)
    if (before === undefined) keyCount += 1
    bytes += value.length - (before === undefined ? -key.length : sizeOfValue(before))
    state.put(rowKey, encodeKeyRow({ address, value }))
  }
  // W3.
  moveExpiries(state, scope, 'key', expiries)
  tellBatch(context, scope, { entries, deleted: [] }, { keyCount, bytes })
}

/** Deletes keys; those that are not there stand in the journal, too (W2). */
export const deleteKeys = (context: ApplyContext, keys: readonly Uint8Array[]): void => {
  tellBatch(context, context.scope(), { entries: [], deleted: keys }, eraseKeys(context, keys))
}

/** W2. Tells of keys that have expired, which is no batch of a client's: as a prune does. */
export const expireKeys = (context: ApplyContext, keys: readonly Uint8Array[]): void => {
  const { state, address, timeMs, tell } = context
  const scope = context.scope()
  const change = eraseKeys(context, keys)
  state.put(journalKey(scope, JOURNAL_STORE.keys, address), encodeKeyJournalRow({ timeMs, entries: [], deleted: keys }))
  markPruneRow(state, scope, address)
  const store = readKeyStore(state, scope)
  putKeyStore(state, scope, {
    ...store,
    keyCount: store.keyCount + change.keyCount,
    bytes: store.bytes + change.bytes,
  })
  tell({ kind: 'journal', journal: 'keys', scope })
  tell({ kind: 'upkeep', scope })
}

/** Gives keys that are there another time to expire at, or none. */
export const setKeyExpiry = (
  context: ApplyContext,
  keys: readonly Uint8Array[],
  expiresAt: number | undefined,
  collective: CollectiveId,
): void => {
  const { state } = context
  const scope = context.scope()
  const prefix = keyPrefix(scope)
  const expiries: ExpiryMove<'key'>[] = []
  for (const key of keys) {
    const rowKey = rowKeyOf(prefix, key)
    const row = decodeKeyRow(present(state.get(rowKey), 'key of an event'))
    expiries.push({ id: key, before: row.expiresAt, after: expiresAt })
    const { address, value } = row
    state.put(rowKey, encodeKeyRow({ address, value, ...expiryFrom(expiresAt) }))
  }
  moveExpiries(state, scope, 'key', expiries, collective)
}

const noteExpiry = (expiries: ExpiryMove<'key'>[], key: Uint8Array, row: Uint8Array | undefined): void => {
  const before = row === undefined ? undefined : expiryOfRow(row)
  if (before !== undefined) expiries.push({ id: key, before })
}

const eraseKeys = (
  context: ApplyContext,
  keys: readonly Uint8Array[],
): { readonly keyCount: number; readonly bytes: number } => {
  const { state } = context
  const scope = context.scope()
  const prefix = keyPrefix(scope)
  const expiries: ExpiryMove<'key'>[] = []
  let [keyCount, bytes] = [0, 0]
  for (const key of keys) {
    const rowKey = rowKeyOf(prefix, key)
    const before = state.get(rowKey)
    if (before === undefined) continue
    noteExpiry(expiries, key, before)
    keyCount -= 1
    bytes -= key.length + sizeOfValue(before)
    state.delete(rowKey)
  }
  moveExpiries(state, scope, 'key', expiries)
  return { keyCount, bytes }
}

/** What all keys of a write begin with is made once. */
const rowKeyOf = (prefix: Uint8Array, key: Uint8Array): Uint8Array => {
  const rowKey = Buffer.allocUnsafe(prefix.length + key.length)
  rowKey.set(prefix)
  rowKey.set(key, prefix.length)
  return rowKey
}

/** W2 W4. */
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
