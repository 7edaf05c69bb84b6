/**
 * The journal of the batch store: one row a write, addressed by the event that wrote it, with all its entries in the
 * order given. A batch, what the contract numbers by its sequence, is the rows of one record: writes that were
 * committed together share it.
 */
import type { Address, Sequence } from '@waggle/protocol'
import { JOURNAL_STORE, addressOfJournalKey, journalKey, journalPrefix, type Scope } from '../state/keyspace.ts'
import type { KeyRange, StoreReader } from '../store/key-value-store.ts'
import { prefixRange } from '../store/prefix-range.ts'

export interface KeyJournalRow {
  /** Time of the write, epoch milliseconds. */
  readonly timeMs: number
  /** What was put, in the order given, repeats kept. */
  readonly entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[]
  /** What was deleted, as it was asked for. */
  readonly deleted: readonly Uint8Array[]
}

/*
 * A row: time:8 · count:4 · (key length:1 · key · value length:4 · value)* · count:4 · (key length:1 · key)*. Written
 * and read in place: a generic encoding copied every value twice on its way in.
 */
const TIME_BYTES = 8
const COUNT_BYTES = 4
const KEY_HEAD_BYTES = 1
const VALUE_HEAD_BYTES = 4
const UINT32 = 2 ** 32

export const encodeKeyJournalRow = ({ timeMs, entries, deleted }: KeyJournalRow): Uint8Array => {
  let size = TIME_BYTES + 2 * COUNT_BYTES
  for (const [key, value] of entries) size += KEY_HEAD_BYTES + key.length + VALUE_HEAD_BYTES + value.length
  for (const key of deleted) size += KEY_HEAD_BYTES + key.length
  const row = Buffer.allocUnsafe(size)
  row.writeUInt32BE(Math.floor(timeMs / UINT32), 0)
  row.writeUInt32BE(timeMs % UINT32, 4)
  let at = row.writeUInt32BE(entries.length, TIME_BYTES)
  for (const [key, value] of entries) {
    at = row.writeUInt8(key.length, at)
    row.set(key, at)
    at = row.writeUInt32BE(value.length, at + key.length)
    row.set(value, at)
    at += value.length
  }
  at = row.writeUInt32BE(deleted.length, at)
  for (const key of deleted) {
    at = row.writeUInt8(key.length, at)
    row.set(key, at)
    at += key.length
  }
  return row
}

/** Keys and values are views into `bytes`. */
export const decodeKeyJournalRow = (bytes: Uint8Array): KeyJournalRow => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = TIME_BYTES + COUNT_BYTES
  const take = (size: number): Uint8Array => bytes.subarray(at, (at += size))
  const takeKey = (): Uint8Array => {
    at += KEY_HEAD_BYTES
    return take(view.getUint8(at - KEY_HEAD_BYTES))
  }
  const takeValue = (): Uint8Array => {
    at += VALUE_HEAD_BYTES
    return take(view.getUint32(at - VALUE_HEAD_BYTES))
  }
  const entries = Array.from({ length: view.getUint32(TIME_BYTES) }, () => [takeKey(), takeValue()] as const)
  at += COUNT_BYTES
  const deleted = Array.from({ length: view.getUint32(at - COUNT_BYTES) }, takeKey)
  return { timeMs: view.getUint32(0) * UINT32 + view.getUint32(4), entries, deleted }
}

/** The rows of the journal from a sequence on. */
export const keyJournalRange = (scope: Scope, from = 0): KeyRange & { readonly lt: Uint8Array } => {
  const { lt } = prefixRange(journalPrefix(scope, JOURNAL_STORE.keys))
  return { gte: journalKey(scope, JOURNAL_STORE.keys, { sequence: from as Sequence, index: 0 }), lt }
}

/** The rows from a sequence on, in their order. */
export async function* keyJournalRows(
  state: StoreReader,
  scope: Scope,
  from: number,
): AsyncGenerator<{ readonly address: Address; readonly row: KeyJournalRow }> {
  for await (const [key, bytes] of state.scan(keyJournalRange(scope, from)))
    yield { address: addressOfJournalKey(key), row: decodeKeyJournalRow(bytes) }
}
