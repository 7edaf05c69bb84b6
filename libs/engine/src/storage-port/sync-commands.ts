/**
 * Decisions of the storage port about the store itself: its opening, its peers' cursors, and the compaction of the
 * change log.
 *
 * Z1  Compaction takes the oldest changes of a journal, never one that a registered cursor has not seen (P9), and never
 *     the newest, which tells where the log stands.
 * Z2  One event removes a bounded number of them (K5).
 */
import { assert } from '@waggle/kernel'
import { fault, limits, tooManyItems, type Address, type CollectiveId } from '@waggle/protocol'
import type { DecideContext, Decision } from '../command/decider.ts'
import { event, type EventAddress } from '../event/events.ts'
import { PRUNED_ROWS_MAX } from '../keeping/journal-commands.ts'
import { readCollective } from '../memory/collective/collective-rows.ts'
import type { InstanceId, SyncCursor } from './storage-records.ts'
import { compareAddresses } from '../state/address-order.ts'
import { JOURNAL_STORE, journalKey, NO_INCARNATION, type Scope } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'
import { lowestCursor } from '../watch/cursor-rows.ts'
import type { Found } from './record-commands.ts'
import { readStorage, readSyncCursors } from './storage-rows.ts'

export interface JournalCompaction {
  /** Absent for the journal of the tenant. */
  readonly collective?: CollectiveId
  readonly scope: Scope
  /** The journal's first rows, ascending, none left out; at most `PRUNED_ROWS_MAX`. */
  readonly addresses: readonly Address[]
  /** The row after them: it stays. */
  readonly next: Address
}

export const syncDeciders = {
  'storage.open'({ dimension }: { readonly dimension: number }, { view, tenant }: DecideContext): Decision<object> {
    checkStoredDimension(readStorage(view, tenant)?.dimension, dimension)
    return { events: [event('StorageOpened', { dimension })], result: {} }
  },

  'storage.saveSyncCursor'(
    { instanceId: instance, lastSequence }: SyncCursor,
    { view, tenant }: DecideContext,
  ): Decision<object> {
    const others = readSyncCursors(view, tenant).filter(({ instanceId }) => instanceId !== instance)
    const limit = limits.SYNC_CURSORS_MAX
    if (others.length >= limit) throw tooManyItems('instanceId', others.length + 1, limit)
    return { events: [event('SyncCursorSaved', { instance, ...lastSequence })], result: {} }
  },

  'storage.dropSyncCursor'(
    { instance }: { readonly instance: InstanceId },
    { view, tenant }: DecideContext,
  ): Decision<Found> {
    const found = readSyncCursors(view, tenant).some(({ instanceId }) => instanceId === instance)
    return { events: found ? [event('SyncCursorDropped', { instance })] : [], result: { found } }
  },

  'storage.compactJournal'(
    { collective, scope, addresses, next }: JournalCompaction,
    { view }: DecideContext,
  ): Decision<{ readonly count: number }> {
    // Z2.
    assert(addresses.length <= PRUNED_ROWS_MAX, 'a step of compaction is bounded')
    const isThere = (address: Address): boolean =>
      view.get(journalKey(scope, JOURNAL_STORE.memory, address)) !== undefined
    // Rows were listed some time ago: whoever listed them too may have removed some.
    const rows = addresses.filter(isThere)
    const seen = lowestCursor(view, scope, JOURNAL_STORE.memory)
    // Z1.
    const kept = rows.findIndex((address) => seen !== undefined && compareAddresses(address, seen) > 0)
    const count = kept === -1 ? rows.length : kept
    if (count === 0 || !isLiving(view, scope, collective) || !isThere(next)) return { events: [], result: { count: 0 } }
    const body = {
      ...scope.incarnation,
      store: JOURNAL_STORE.memory,
      addresses: rows.slice(0, count).map(inEvent),
      horizon: inEvent(rows[count] ?? next),
    }
    return { events: [event('JournalPruned', body)], result: { count } }
  },
}

/** @throws Fault `DIMENSION_MISMATCH` */
export const checkStoredDimension = (got: number | undefined, expected: number): void => {
  if (got === undefined || got === expected) return
  throw fault('DIMENSION_MISMATCH', `the store has another embedding dimension expected=${expected} got=${got}`, {
    ...{ field: 'embeddingDimension', expected, got },
  })
}

/** The rows of a collective that is gone are the sweep's. */
const isLiving = (view: StateView, { tenant, incarnation }: Scope, id: CollectiveId | undefined): boolean => {
  const living = id === undefined ? NO_INCARNATION : readCollective(view, tenant, id)?.scope.incarnation
  return living !== undefined && compareAddresses(living, incarnation) === 0
}

const inEvent = ({ sequence, index }: Address): EventAddress => [sequence, index]
