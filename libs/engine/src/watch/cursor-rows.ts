/** The cursors that are registered on a journal: one row lists them, ordered by name. */
import { journalNames, type Address, type JournalName, type Sequence } from '@waggle/protocol'
import { compareAddresses } from '../state/address-order.ts'
import { cursorsKey, JOURNAL_STORE, type Scope } from '../state/keyspace.ts'
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

/** The cursors of all journals of a collective, by name. */
export const readNamedCursors = (
  state: StateView,
  scope: Scope,
): readonly (RegisteredCursor & { readonly journal: JournalName })[] =>
  journalNames
    .flatMap((journal) => readCursors(state, scope, JOURNAL_STORE[journal]).map((cursor) => ({ ...cursor, journal })))
    .sort((left, right) => (left.name < right.name ? -1 : 1))

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
 * The last change of a journal that every registered cursor has seen, of the memory's those of the tenant's peers too:
 * what comes after it somebody needs (P9). `undefined` where none is registered.
 */
export const lowestCursor = (state: StateView, scope: Scope, store: number): Address | undefined => {
  const watchers = readCursors(state, scope, store).map(({ address }) => address)
  const isMemory = store === JOURNAL_STORE.memory
  const peers = isMemory ? readSyncCursors(state, scope.tenant).map(({ lastSequence }) => lastSequence) : []
  return [...watchers, ...peers].sort(compareAddresses)[0]
}
