/**
 * Batches of the journal of keys: the rows of a sequence together, as entries in the order in which they were written
 * and then the keys that the batch left deleted. Its items are numbered in that order, and cursors name those numbers.
 */
import { latin1Of } from '@waggle/kernel'
import { endOfBatch, type Address, type Sequence } from '@waggle/protocol'
import { JOURNAL_STORE, journalKey, type Scope } from '../../state/keyspace.ts'
import type { KeyRange, StoreReader } from '../../store/key-value-store.ts'
import type { AddressedRow, JournalTable } from '../../watch/journal-rows.ts'
import { decodeKeyJournalRow, keyJournalRange, type KeyJournalRow } from '../key-journal.ts'

/** An entry, or a key that is deleted. */
export type BatchItem = readonly [key: Uint8Array, value?: Uint8Array]

export interface KeyBatch {
  readonly sequence: Sequence
  /** Epoch milliseconds. */
  readonly time: number
  readonly items: readonly BatchItem[]
  /** So many of the items are entries. */
  readonly entryCount: number
  /** Bytes of all values. */
  readonly bytes: number
}

/** All rows of the batch that a place is in, unless it is at the end of it, and of those behind it. */
const rowsBehind = (scope: Scope, after: Address): KeyRange =>
  keyJournalRange(scope, after.index === endOfBatch(after.sequence).index ? after.sequence + 1 : after.sequence)

export const keyJournal: JournalTable<KeyJournalRow> = { behind: rowsBehind, decode: decodeKeyJournalRow }

/** @param rows whole batches, in their order */
export async function* batchesOf(rows: AsyncIterable<AddressedRow<KeyJournalRow>>): AsyncGenerator<KeyBatch> {
  let sequence: Sequence | undefined
  let ofBatch: KeyJournalRow[] = []
  for await (const { address, row } of rows) {
    if (sequence !== undefined && address.sequence !== sequence) {
      yield batchOf(sequence, ofBatch)
      ofBatch = []
    }
    sequence = address.sequence
    ofBatch.push(row)
  }
  if (sequence !== undefined) yield batchOf(sequence, ofBatch)
}

/** The batch of a sequence; `undefined` where there is none. */
export const readBatch = async (
  state: StoreReader,
  scope: Scope,
  sequence: Sequence,
): Promise<KeyBatch | undefined> => {
  const { gte } = keyJournalRange(scope, sequence)
  // No row of another batch is read: a damaged one would be this one's matter.
  const range = { gte, lt: journalKey(scope, JOURNAL_STORE.keys, endOfBatch(sequence)) }
  const rows: KeyJournalRow[] = []
  for await (const [, bytes] of state.scan(range)) rows.push(decodeKeyJournalRow(bytes))
  return rows.length === 0 ? undefined : batchOf(sequence, rows)
}

const batchOf = (sequence: Sequence, rows: readonly KeyJournalRow[]): KeyBatch => {
  const entries = rows.flatMap((row) => row.entries)
  const deleted = leftDeleted(rows)
  return {
    ...{ sequence, time: rows[0]?.timeMs ?? 0 },
    items: [...entries, ...deleted.map((key) => [key] as const)],
    entryCount: entries.length,
    bytes: entries.reduce((sum, [, value]) => sum + value.length, 0),
  }
}

/** Keys that were deleted in a batch and not put again after that, each once. */
const leftDeleted = (rows: readonly KeyJournalRow[]): readonly Uint8Array[] => {
  if (rows.every(({ deleted }) => deleted.length === 0)) return []
  const left = new Map<string, Uint8Array>()
  for (const { entries, deleted } of rows) {
    // A row tells of puts or of deletions.
    for (const [key] of entries) left.delete(latin1Of(key))
    for (const key of deleted) left.set(latin1Of(key), key)
  }
  return [...left.values()]
}
