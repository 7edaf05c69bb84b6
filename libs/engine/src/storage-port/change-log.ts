/**
 * The storage port's change log: the journals of a tenant's collectives, and its own, read as one by address.
 *
 * J1  Addresses rise over all journals, for they are places of the one log; so whoever goes on behind the last that it
 *     was given misses none and sees none twice (P6).
 * J2  What was compacted away before somebody read it is told, not passed over.
 */
import { storedRecord, type Address, type CollectiveId } from '@waggle/protocol'
import {
  decodeJournalRow,
  journalRange,
  readJournalHorizon,
  readLastPruned,
  type JournalRow,
} from '../memory/journal.ts'
import type { ChangeLog } from './storage-engine.ts'
import type { SyncEvent, WatchEventRecord } from './storage-records.ts'
import { compareAddresses, laterAddress } from '../state/address-order.ts'
import {
  addressOfJournalKey,
  JOURNAL_STORE,
  journalKey,
  NO_INCARNATION,
  tenantScope,
  type Scope,
} from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { pageOf } from './ordered-ids.ts'
import type { StorageSession } from './storage-session.ts'
import type { TenantReading } from './tenant-reading.ts'

/** A journal, and the collective whose it is: absent for that of the tenant. */
export interface Journal {
  readonly scope: Scope
  readonly collective?: CollectiveId
}

export const changeLog = (session: StorageSession): ChangeLog => ({
  async getWalSequence() {
    return session.read(async (reading) => {
      let newest = NO_INCARNATION
      for (const { scope } of await journalsOf(reading, session)) {
        const range = { ...journalRange(scope), reverse: true, limit: 1 }
        for await (const key of reading.state.scanKeys(range)) newest = laterAddress(newest, addressOfJournalKey(key))
      }
      return newest
    })
  },

  async pollWatchEvents(since, limit) {
    const from = storedRecord('address', since, 'since') as Address
    const count = storedRecord('count', limit, 'limit')
    return session.read(async (reading) => {
      const journals = await journalsOf(reading, session)
      const changes = await changesAfter(reading.state, journals, from, count)
      const isLost = journals.some(({ scope }) => hasLost(reading.state, scope, from))
      return {
        events: changes.map(({ record }) => record),
        next: changes.at(-1)?.address ?? from,
        ...(isLost ? { lost: true } : {}),
      }
    })
  },

  async pollSyncEvents(since, limit) {
    const from = storedRecord('address', since, 'since') as Address
    const count = storedRecord('count', limit, 'limit')
    return session.read(async (reading) => changesAfter(reading.state, await journalsOf(reading, session), from, count))
  },
})

export const journalsOf = async (reading: TenantReading, { tenant }: StorageSession): Promise<readonly Journal[]> => [
  { scope: tenantScope(tenant) },
  ...(await reading.collectives()).map(({ collective, scope }) => ({ scope, collective: collective.id })),
]

/** J1. The first changes after `since`: each journal is read no further than to the last that is wanted. */
const changesAfter = async (
  state: StoreReader,
  journals: readonly Journal[],
  since: Address,
  limit: number,
): Promise<readonly SyncEvent[]> => {
  let first: SyncEvent[] = []
  for (const journal of journals) {
    const last = first.length < limit ? undefined : first.at(-1)?.address
    const more = await pageOf(changesIn(state, journal, since, last), { limit })
    if (more.length > 0)
      first = [...first, ...more].sort((left, right) => compareAddresses(left.address, right.address)).slice(0, limit)
  }
  return first
}

async function* changesIn(
  state: StoreReader,
  { scope, collective }: Journal,
  since: Address,
  before: Address | undefined,
): AsyncGenerator<SyncEvent> {
  const { gte, lt } = journalRange(scope, since)
  const range = { gte, lt: before === undefined ? lt : journalKey(scope, JOURNAL_STORE.memory, before) }
  // A journal that ends before what is wanted has no range.
  if (Buffer.compare(range.gte, range.lt) >= 0) return
  for await (const [key, bytes] of state.scan(range)) {
    const row = decodeJournalRow(bytes)
    // What the tenant's own journal speaks of are collectives.
    yield { address: addressOfJournalKey(key), record: recordOf(row, collective ?? row.id) }
  }
}

const recordOf = ({ id, kind, entity, timeMs }: JournalRow, collectiveId: CollectiveId): WatchEventRecord => ({
  entityId: id,
  collectiveId,
  eventType: kind,
  timestampMs: timeMs,
  entityType: entity,
})

/** J2. Whether changes of a journal after `since` are gone. */
const hasLost = (state: StoreReader, scope: Scope, since: Address): boolean => {
  const horizon = readJournalHorizon(state, scope, JOURNAL_STORE.memory)
  const wasPruned = compareAddresses(horizon, scope.incarnation) !== 0
  return wasPruned && compareAddresses(readLastPruned(state, scope, JOURNAL_STORE.memory), since) > 0
}
