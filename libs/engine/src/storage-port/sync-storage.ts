/** The storage port's dealings with peers: who this store is, how far they are, what need not be kept for them. */
import { storedRecord, type Address } from '@waggle/protocol'
import { PRUNED_ROWS_MAX } from '../keeping/journal-commands.ts'
import { journalRange } from '../memory/journal.ts'
import type { Storage, SyncStorage } from './storage-engine.ts'
import type { InstanceId, SyncCursor } from './storage-records.ts'
import { compareAddresses } from '../state/address-order.ts'
import { addressOfJournalKey } from '../state/keyspace.ts'
import { journalsOf, type Journal } from './change-log.ts'
import { pageOf } from './ordered-ids.ts'
import { lowestSyncCursor, readSyncCursors } from './storage-rows.ts'
import type { StorageSession } from './storage-session.ts'

export const syncStorage = (
  session: StorageSession,
  instance: InstanceId,
): SyncStorage & Pick<Storage, 'compactWal' | 'dropSyncCursor'> => ({
  instanceId: () => instance,

  async saveSyncCursor(cursor) {
    await session.command('storage.saveSyncCursor', storedRecord('cursor', cursor, '') as SyncCursor)
  },

  async loadSyncCursor(peer) {
    const known = storedRecord('id', peer, 'instanceId')
    return session.read(({ state }) =>
      readSyncCursors(state, session.tenant).find(({ instanceId }) => instanceId === known),
    )
  },

  async listSyncCursors() {
    return session.read(({ state }) => readSyncCursors(state, session.tenant))
  },

  async dropSyncCursor(peer) {
    const known = storedRecord('id', peer, 'instanceId')
    return (await session.command('storage.dropSyncCursor', { instance: known })).found
  },

  async compactWalEvents(upTo) {
    return compact(session, storedRecord('address', upTo, 'upTo') as Address)
  },

  async compactWal() {
    const lowest = await session.read(({ state }) => lowestSyncCursor(state, session.tenant))
    return lowest === undefined ? 0 : compact(session, lowest)
  },
})

const compact = async (session: StorageSession, upTo: Address): Promise<number> => {
  let count = 0
  for (const journal of await session.read((reading) => journalsOf(reading, session)))
    for (let removed = PRUNED_ROWS_MAX; removed === PRUNED_ROWS_MAX; count += removed)
      removed = await compactStep(session, journal, upTo)
  return count
}

/** How many changes of a journal one step removed; fewer than it may when none is left behind them. */
const compactStep = async (session: StorageSession, journal: Journal, upTo: Address): Promise<number> => {
  const listed = await session.read(async ({ state }) => {
    const keys = state.scanKeys({ ...journalRange(journal.scope), limit: PRUNED_ROWS_MAX + 1 })
    return (await pageOf(keys)).map(addressOfJournalKey)
  })
  // The newest stays, whatever was asked for.
  const addresses = listed.slice(0, -1).filter((address) => compareAddresses(address, upTo) <= 0)
  const next = listed[addresses.length]
  if (next === undefined || addresses.length === 0) return 0
  const { collective } = journal
  const options = collective === undefined ? {} : { collective }
  return (await session.command('storage.compactJournal', { ...journal, addresses, next }, options)).count
}
