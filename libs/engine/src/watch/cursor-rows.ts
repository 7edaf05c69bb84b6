/**
 * The cursors that are registered on a journal: one row lists them, ordered by name. One that was abandoned stays in it
 * as a notice, and holds nothing.
 */
import { journalNames, limits, type Address, type JournalName, type Sequence } from '@waggle/protocol'
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
  /** Milliseconds: when nobody saves it for longer, it is abandoned. */
  readonly keepMs: number
  /** When it was given up; absent: it holds what it has not seen. */
  readonly droppedAt?: number
}

type Row = readonly [...Head, keepMs?: number, droppedAt?: number]
type Head = [name: string, sequence: number, index: number, savedAt: number]

const decodeCursor = ([name, sequence, index, savedAt, keepMs, droppedAt]: Row): RegisteredCursor => ({
  ...{ name, address: { sequence: sequence as Sequence, index }, savedAt },
  keepMs: keepMs ?? limits.CURSOR_KEEP_MS_DEFAULT,
  ...(droppedAt === undefined ? {} : { droppedAt }),
})

/** Those that hold, and notices of those that were given up. */
export const readCursors = (state: StateView, scope: Scope, store: number): readonly RegisteredCursor[] =>
  readCursorRows(state, scope, store).map(decodeCursor)

const readCursorRows = (state: StateView, scope: Scope, store: number): readonly Row[] =>
  (readRow(state, cursorsKey(scope, store)) ?? []) as readonly Row[]

export const isHolding = ({ droppedAt }: RegisteredCursor): boolean => droppedAt === undefined

/** Whether it was not saved for longer than it is kept. */
export const isAbandoned = (cursor: RegisteredCursor, timeMs: number): boolean =>
  isHolding(cursor) && timeMs - cursor.savedAt > cursor.keepMs

/** The cursors of all journals of a collective, by name. */
export const readNamedCursors = (
  state: StateView,
  scope: Scope,
): readonly (RegisteredCursor & { readonly journal: JournalName })[] =>
  journalNames
    .flatMap((journal) => readCursors(state, scope, JOURNAL_STORE[journal]).map((cursor) => ({ ...cursor, journal })))
    .sort((left, right) => (left.name < right.name ? -1 : 1))

const writeRows = (state: MutableState, scope: Scope, store: number, rows: readonly Row[]): void => {
  const key = cursorsKey(scope, store)
  if (rows.length === 0) state.delete(key)
  else state.put(key, encodeRow(rows))
}

const byName = ([left]: Row, [right]: Row): number => (left < right ? -1 : 1)

export interface SavedPlace extends Pick<RegisteredCursor, 'name' | 'address' | 'savedAt'> {
  /** Absent where the event did not say it yet. */
  readonly keepMs?: number
}

/** Registers a cursor, or moves the one of that name. */
export const putCursor = (
  state: MutableState,
  scope: Scope,
  store: number,
  { name, address, savedAt, keepMs }: SavedPlace,
): void => {
  const others = readCursorRows(state, scope, store).filter(([other]) => other !== name)
  const head: Head = [name, address.sequence, address.index, savedAt]
  const row: Row = keepMs === undefined ? head : [...head, keepMs]
  writeRows(state, scope, store, [...others, row].sort(byName))
}

export const removeCursor = (state: MutableState, scope: Scope, store: number, name: string): void => {
  const others = readCursorRows(state, scope, store).filter(([other]) => other !== name)
  writeRows(state, scope, store, others)
}

/** Of one journal. The oldest notices make way for newer ones. */
const NOTICES_MAX = limits.CURSORS_PER_COLLECTIVE_MAX

/** Leaves notices in the place of cursors. */
export const abandonCursors = (state: MutableState, { scope, store, names, timeMs }: AbandonedCursors): void => {
  const rows = readCursors(state, scope, store).map((cursor): RegisteredCursor =>
    isHolding(cursor) && names.includes(cursor.name) ? { ...cursor, droppedAt: timeMs } : cursor,
  )
  const notices = rows.filter((cursor) => !isHolding(cursor))
  const oldest = notices
    .sort((left, right) => (left.droppedAt as number) - (right.droppedAt as number))
    .slice(0, Math.max(0, notices.length - NOTICES_MAX))
  const kept = rows.filter((cursor) => !oldest.includes(cursor))
  writeRows(
    state,
    scope,
    store,
    kept.map(({ name, address, savedAt, keepMs, droppedAt }): Row => {
      const row = [name, address.sequence, address.index, savedAt, keepMs] as const
      return droppedAt === undefined ? row : [...row, droppedAt]
    }),
  )
}

export interface AbandonedCursors {
  readonly scope: Scope
  readonly store: number
  readonly names: readonly string[]
  readonly timeMs: number
}

/**
 * The last change of a journal that every registered cursor has seen, of the memory's those of the tenant's peers too:
 * what comes after it somebody needs (P9). `undefined` where none is registered.
 */
export const lowestCursor = (state: StateView, scope: Scope, store: number): Address | undefined => {
  const watchers = readCursors(state, scope, store)
    .filter(isHolding)
    .map(({ address }) => address)
  const isMemory = store === JOURNAL_STORE.memory
  const peers = isMemory ? readSyncCursors(state, scope.tenant).map(({ lastSequence }) => lastSequence) : []
  return [...watchers, ...peers].sort(compareAddresses)[0]
}
