/**
 * The journal of the batch store: one row a write, addressed by the event that wrote it, with all its entries in the
 * order given. A batch, what the contract numbers by its sequence, is the rows of one record: writes that were committed
 * together share it.
 */
import type { Address, Sequence } from '@waggle/protocol'
import { concatBytes } from '@waggle/kernel'
import { JOURNAL_STORE, addressOfJournalKey, journalKey, journalPrefix, type Scope } from '../state/keyspace.ts'
import { decodeRow, encodeRow } from '../state/rows.ts'
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

const TIME_BYTES = 8

export const encodeKeyJournalRow = ({ timeMs, entries, deleted }: KeyJournalRow): Uint8Array => {
  const time = Buffer.allocUnsafe(TIME_BYTES)
  time.writeBigUInt64BE(BigInt(timeMs))
  return concatBytes(time, encodeRow([entries, deleted]))
}

export const decodeKeyJournalRow = (bytes: Uint8Array): KeyJournalRow => {
  const [entries, deleted] = decodeRow(bytes.subarray(TIME_BYTES))
  const timeMs = Number(new DataView(bytes.buffer, bytes.byteOffset, TIME_BYTES).getBigUint64(0))
  return { timeMs, entries: entries as KeyJournalRow['entries'], deleted: deleted as KeyJournalRow['deleted'] }
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
