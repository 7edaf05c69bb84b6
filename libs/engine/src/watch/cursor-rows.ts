/** The cursors that are registered on a journal: one row lists them, ordered by name. */
import type { Address, Sequence } from '@waggle/protocol'
import { compareAddresses } from '../state/address-order.ts'
import { cursorsKey, type Scope } from '../state/keyspace.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { encodeRow, readRow } from '../state/rows.ts'
import { readSyncCursors } from '../storage-port/storage-rows.ts'

export interface RegisteredCursor {
  readonly name: string
  /** The last change that was seen. */
  readonly address: Address
  /** Time of the record that says so. */
  readonly savedAt: number
}

type Row = readonly [name: string, sequence: number, index: number, savedAt: number]

export const readCursors = (state: StateView, scope: Scope, store: number): readonly RegisteredCursor[] =>
  ((readRow(state, cursorsKey(scope, store)) ?? []) as readonly Row[]).map(([name, sequence, index, savedAt]) => ({
    name,
    address: { sequence: sequence as Sequence, index },
    savedAt,
  }))

const writeCursors = (state: MutableState, scope: Scope, store: number, cursors: readonly RegisteredCursor[]): void => {
  const key = cursorsKey(scope, store)
  if (cursors.length === 0) state.delete(key)
  else
    state.put(
      key,
      encodeRow(cursors.map(({ name, address, savedAt }) => [name, address.sequence, address.index, savedAt])),
    )
}

/** Registers a cursor, or moves the one of that name. */
export const putCursor = (state: MutableState, scope: Scope, store: number, cursor: RegisteredCursor): void => {
  const others = readCursors(state, scope, store).filter(({ name }) => name !== cursor.name)
  const cursors = [...others, cursor].sort((left, right) => (left.name < right.name ? -1 : 1))
  writeCursors(state, scope, store, cursors)
}

export const removeCursor = (state: MutableState, scope: Scope, store: number, name: string): void => {
  const others = readCursors(state, scope, store).filter((cursor) => cursor.name !== name)
  writeCursors(state, scope, store, others)
}

/**
 * The last change of a journal that every registered cursor has seen, those of the tenant's peers too: what comes after
 * it somebody needs (P9). `undefined` where none is registered.
 */
export const lowestCursor = (state: StateView, scope: Scope, store: number): Address | undefined => {
  const watchers = readCursors(state, scope, store).map(({ address }) => address)
  const peers = readSyncCursors(state, scope.tenant).map(({ lastSequence }) => lastSequence)
  return [...watchers, ...peers].sort(compareAddresses)[0]
}
