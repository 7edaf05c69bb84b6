/**
 * The change feed of a collective's memory: one row a change, addressed by the change itself (DESIGN F7). The codes are
 * PulseDB's, so that its watch log can be told from ours by numbering alone.
 *
 * A row holds what filters ask for, as the change left it: whether a change matches does not depend on when somebody
 * looks, so every watcher with the same filter sees the same changes (P6).
 */
import { formatUuid, uuidInto, type Uuid } from '@waggle/kernel'
import {
  changeEntities,
  changeKinds,
  type Address,
  type ChangeEntity,
  type ChangeKind,
  type Sequence,
} from '@waggle/protocol'
import type { ApplyContext } from '../event/applier.ts'
import { addressBefore } from '../state/address-order.ts'
import { JOURNAL_STORE, journalHorizonKey, journalKey, journalPrefix, type Scope } from '../state/keyspace.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { decodeRow, encodeRow, readRow } from '../state/rows.ts'
import type { KeyRange } from '../store/key-value-store.ts'
import { keyBehind, prefixRange } from '../store/prefix-range.ts'
import { facetsFrom, facetsRow, type Facets } from './experience/facets.ts'

export interface JournalRow {
  readonly kind: ChangeKind
  readonly entity: ChangeEntity
  readonly id: Uuid
  /** Time of the change, epoch milliseconds. */
  readonly timeMs: number
  /** Absent for entities that no condition speaks of. */
  readonly facets?: Facets | undefined
}

const HEAD_BYTES = 26

const encodeJournalRow = ({ kind, entity, id, timeMs, facets }: JournalRow): Uint8Array => {
  const tail = facets === undefined ? NO_FACETS : encodeRow(facetsRow(facets))
  const row = Buffer.allocUnsafe(HEAD_BYTES + tail.length)
  row[0] = changeKinds.indexOf(kind)
  row[1] = changeEntities.indexOf(entity)
  uuidInto(id, row, 2)
  row.writeBigUInt64BE(BigInt(timeMs), 18)
  row.set(tail, HEAD_BYTES)
  return row
}

const NO_FACETS = new Uint8Array()

export const decodeJournalRow = (bytes: Uint8Array): JournalRow => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEAD_BYTES)
  return {
    kind: changeKinds[view.getUint8(0)] as ChangeKind,
    entity: changeEntities[view.getUint8(1)] as ChangeEntity,
    id: formatUuid(bytes.subarray(2, 18)),
    timeMs: Number(view.getBigUint64(18)),
    ...(bytes.length === HEAD_BYTES ? {} : { facets: facetsFrom(decodeRow(bytes.subarray(HEAD_BYTES))) }),
  }
}

/** The rows of a journal of the memory, or those behind an address. */
export const journalRange = (scope: Scope, after?: Address): KeyRange & { readonly lt: Uint8Array } => {
  const { gte, lt } = prefixRange(journalPrefix(scope, JOURNAL_STORE.memory))
  return { gte: after === undefined ? gte : keyBehind(journalKey(scope, JOURNAL_STORE.memory, after)), lt }
}

/** Writes the row of the event that is being applied, and tells watchers. */
export const putJournalRow = (
  { state, address, timeMs, tell }: ApplyContext,
  scope: Scope,
  { kind, entity, id, facets }: Omit<JournalRow, 'timeMs'>,
): void => {
  state.put(journalKey(scope, JOURNAL_STORE.memory, address), encodeJournalRow({ kind, entity, id, timeMs, facets }))
  tell({ kind: 'journal', journal: 'memory', scope })
}

/**
 * The logical horizon of a journal: the address of the lowest row that is still there. Until it moves that is the row
 * of the collective's own creation.
 */
export const readJournalHorizon = (state: StateView, scope: Scope, store: number): Address =>
  readHorizonRow(state, scope, store)?.horizon ?? scope.incarnation

/**
 * The last row of a journal that was pruned: whoever has seen it, or anything after it, has lost nothing. Where nothing
 * was pruned, a place before the first row.
 */
export const readLastPruned = (state: StateView, scope: Scope, store: number): Address =>
  readHorizonRow(state, scope, store)?.lastPruned ?? addressBefore(scope.incarnation)

export interface JournalHorizon {
  readonly horizon: Address
  readonly lastPruned: Address
}

export const putJournalHorizon = (
  state: MutableState,
  scope: Scope,
  store: number,
  { horizon, lastPruned }: JournalHorizon,
): void => {
  const row = [horizon.sequence, horizon.index, lastPruned.sequence, lastPruned.index]
  state.put(journalHorizonKey(scope, store), encodeRow(row))
}

const readHorizonRow = (state: StateView, scope: Scope, store: number): JournalHorizon | undefined => {
  const row = readRow(state, journalHorizonKey(scope, store)) as readonly number[] | undefined
  if (row === undefined) return undefined
  const [sequence, index, prunedSequence, prunedIndex] = row as [Sequence, number, Sequence?, number?]
  const horizon = { sequence, index }
  // A row of the first versions tells the horizon alone: what lies before it may all have been pruned.
  if (prunedSequence === undefined || prunedIndex === undefined) return { horizon, lastPruned: addressBefore(horizon) }
  return { horizon, lastPruned: { sequence: prunedSequence, index: prunedIndex } }
}
