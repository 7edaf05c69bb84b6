/** Cursors of watchers as places in the journal of one life of a collective. */
import {
  collectiveNumber,
  decodeWatchCursor,
  encodeWatchCursor,
  fault,
  type Address,
  type CollectiveId,
  type Generation,
  type Sequence,
} from '@waggle/protocol'
import { readLastPruned } from '../memory/journal.ts'
import { compareAddresses } from '../state/address-order.ts'
import { JOURNAL_STORE, type Scope } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'

/** The changes of one life of a collective, in one moment. */
export interface Journal {
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

export const cursorAt = ({ scope, collective, generation }: Omit<Journal, 'state'>, address: Address): string =>
  encodeWatchCursor({
    journal: 'memory',
    generation,
    collective: collectiveNumber(collective),
    incarnation: scope.incarnation,
    address,
  })

/** @throws Fault `INVALID_CURSOR` for a text that is none, or of another collective */
export const placeOf = ({ state, scope, collective, generation }: Journal, text: string, field: string): Place => {
  const cursor = decodeWatchCursor(text, field)
  if (cursor.journal !== 'memory')
    throw fault('INVALID_CURSOR', `the cursor is one of keys, not of changes field=${field}`, { field })
  if (cursor.collective !== collectiveNumber(collective))
    throw fault('INVALID_CURSOR', `the cursor belongs to another collective field=${field}`, { field })
  const { address } = cursor
  const oldest = oldestPlace(state, scope)
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

/** The place before everything that is kept. */
export const oldestPlace = (state: StateView, scope: Scope): Address =>
  readLastPruned(state, scope, JOURNAL_STORE.memory)
