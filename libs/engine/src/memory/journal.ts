/**
 * The change feed of a collective's memory: one row a change, addressed by the change itself (DESIGN F7). The codes are
 * PulseDB's, so that its watch log can be told from ours by numbering alone.
 */
import { concatBytes, formatUuid, uuidBytes, type Uuid } from '@waggle/kernel'
import type { Address, Sequence } from '@waggle/protocol'
import { JOURNAL_STORE, journalHorizonKey, journalKey, type Scope } from '../state/keyspace.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { encodeRow, readRow } from '../state/rows.ts'

export const changeKinds = ['created', 'updated', 'archived', 'deleted'] as const
export type ChangeKind = (typeof changeKinds)[number]

export const changeEntities = ['experience', 'relation', 'insight', 'collective'] as const
export type ChangeEntity = (typeof changeEntities)[number]

export interface JournalRow {
  readonly kind: ChangeKind
  readonly entity: ChangeEntity
  readonly id: Uuid
  /** Time of the change, epoch milliseconds. */
  readonly timeMs: number
}

const ROW_BYTES = 26

const encodeJournalRow = ({ kind, entity, id, timeMs }: JournalRow): Uint8Array => {
  const time = Buffer.allocUnsafe(8)
  time.writeBigUInt64BE(BigInt(timeMs))
  return concatBytes(Uint8Array.of(changeKinds.indexOf(kind), changeEntities.indexOf(entity)), uuidBytes(id), time)
}

export const decodeJournalRow = (bytes: Uint8Array): JournalRow => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, ROW_BYTES)
  return {
    kind: changeKinds[view.getUint8(0)] as ChangeKind,
    entity: changeEntities[view.getUint8(1)] as ChangeEntity,
    id: formatUuid(bytes.subarray(2, 18)),
    timeMs: Number(view.getBigUint64(18)),
  }
}

export const putJournalRow = (state: MutableState, scope: Scope, address: Address, row: JournalRow): void => {
  state.put(journalKey(scope, JOURNAL_STORE.memory, address), encodeJournalRow(row))
}

/**
 * The logical horizon of a journal: the address of the lowest row that is still there. Until it moves that is the row
 * of the collective's own creation.
 */
export const readJournalHorizon = (state: StateView, scope: Scope, store: number): Address => {
  const row = readRow(state, journalHorizonKey(scope, store))
  return row === undefined ? scope.incarnation : { sequence: row[0] as Sequence, index: row[1] as number }
}

export const putJournalHorizon = (state: MutableState, scope: Scope, store: number, horizon: Address): void => {
  state.put(journalHorizonKey(scope, store), encodeRow([horizon.sequence, horizon.index]))
}
