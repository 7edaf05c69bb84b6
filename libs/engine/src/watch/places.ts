/** Cursors of watchers as places in a journal of one life of a collective. */
import {
  collectiveNumber,
  decodeWatchCursor,
  encodeWatchCursor,
  fault,
  type Address,
  type CollectiveId,
  type Generation,
  type JournalName,
  type Sequence,
} from '@waggle/protocol'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { readCollective } from '../memory/collective/collective-rows.ts'
import { readJournalHorizon, readLastPruned } from '../memory/journal.ts'
import type { QueryContext } from '../query/querier.ts'
import { compareAddresses } from '../state/address-order.ts'
import { JOURNAL_STORE, journalKey, tombstoneKey, type Scope } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'

/** A journal of one life of a collective, in one moment. */
export interface Journal {
  readonly journal: JournalName
  readonly state: StateView
  readonly scope: Scope
  readonly collective: CollectiveId
  readonly generation: Generation
}

/** What a cursor says in a journal. */
export interface Place {
  /** The last change that was seen. */
  readonly address: Address
  /** False for a cursor of another life of the collective or of the store. */
  readonly isOfThisLife: boolean
  /** Whether changes after it are gone: exactly then, a cursor on the last one that was pruned has lost nothing. */
  readonly isLost: boolean
  /** The place before everything that is kept. */
  readonly oldest: Address
}

export const cursorAt = (
  { journal, scope, collective, generation }: Omit<Journal, 'state'>,
  address: Address,
): string =>
  encodeWatchCursor({
    journal,
    generation,
    collective: collectiveNumber(collective),
    incarnation: scope.incarnation,
    address,
  })

/** What the cursors of a journal are called. */
const CURSOR_OF: Readonly<Record<JournalName, string>> = { memory: 'one of changes', keys: 'one of keys' }

/** @throws Fault `INVALID_CURSOR` for a text that is none, or of another journal or collective */
export const placeOf = (
  { journal, state, scope, collective, generation }: Journal,
  text: string,
  field: string,
): Place => {
  const cursor = decodeWatchCursor(text, field)
  if (cursor.journal !== journal)
    throw fault(
      'INVALID_CURSOR',
      `the cursor is ${CURSOR_OF[cursor.journal]}, not ${CURSOR_OF[journal]} field=${field}`,
      { field },
    )
  if (cursor.collective !== collectiveNumber(collective))
    throw fault('INVALID_CURSOR', `the cursor belongs to another collective field=${field}`, { field })
  const { address } = cursor
  const oldest = oldestPlace(state, scope, journal)
  const isOfThisLife = cursor.generation === generation && compareAddresses(cursor.incarnation, scope.incarnation) === 0
  return { address, isOfThisLife, isLost: !isOfThisLife || compareAddresses(address, oldest) < 0, oldest }
}

/**
 * Refuses a cursor that is ahead of all that happened. Nobody was given it; saved, it would hold nothing, and the true
 * ones of its name would be behind it (P9).
 * @throws Fault `INVALID_CURSOR`
 */
export const refuseAhead = (
  text: string,
  { generation, applied }: { readonly generation: Generation; readonly applied: Sequence },
  field: string,
): void => {
  const cursor = decodeWatchCursor(text, field)
  if (cursor.generation === generation && cursor.address.sequence > applied)
    throw fault('INVALID_CURSOR', `the cursor is ahead of every change field=${field}`, { field })
}

/**
 * Records between a watcher's place and the newest applied one; `undefined` for who names no place, or none of this
 * generation.
 */
export const lagOf = (
  from: string | undefined,
  { generation, applied }: { readonly generation: Generation; readonly applied: Sequence },
): number | undefined => {
  if (from === undefined || from === FROM_START) return undefined
  try {
    const cursor = decodeWatchCursor(from, 'from')
    return cursor.generation === generation ? Math.max(0, applied - cursor.address.sequence) : undefined
  } catch {
    // Whoever reads from it refuses it.
    return undefined
  }
}

/** The place before everything that is kept. */
export const oldestPlace = (state: StateView, scope: Scope, journal: JournalName): Address =>
  readLastPruned(state, scope, JOURNAL_STORE[journal])

/** What asks for the changes of a collective behind a cursor, or from `start`, or from now on. */
interface WatchRequest {
  readonly collective: CollectiveId
  readonly from?: string
}

/** Asks for the changes from the oldest that is kept. */
export const FROM_START = 'start'

/**
 * The life of the collective that is watched. One that was deleted tells its last changes to whoever followed it, until
 * its journals are swept, a minute later. Rows go in their order: while the first is there, all are.
 * @throws Fault `NOT_FOUND`, `INVALID_CURSOR`
 */
export const watchedScope = (
  { collective, from }: WatchRequest,
  { reading: { state }, tenant }: Pick<QueryContext, 'reading' | 'tenant'>,
): Scope => {
  if (from === undefined || from === FROM_START || readCollective(state, tenant, collective) !== undefined)
    return knownCollective(state, tenant, collective).scope
  const scope = { tenant, incarnation: decodeWatchCursor(from, 'from').incarnation }
  return isWhole(state, scope) ? scope : knownCollective(state, tenant, collective).scope
}

/** The journal of the memory, which has the collective's own creation or what came after it, is swept first. */
const isWhole = (state: StateView, scope: Scope): boolean => {
  const first = readJournalHorizon(state, scope, JOURNAL_STORE.memory)
  return (
    state.get(tombstoneKey(scope)) !== undefined &&
    state.get(journalKey(scope, JOURNAL_STORE.memory, first)) !== undefined
  )
}
