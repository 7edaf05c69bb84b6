/**
 * PulseDB's `tests/cross_process_watch.rs`, `src/watch/poll.rs`, and what of `tests/sync_foundation.rs` is behaviour
 * without a peer: the durable log, its cursors and its compaction. Theirs is numbered from 1 without gaps, ours by the
 * address in the log, which rises: cases that name a number there count changes here.
 */
import { isUuid } from '@waggle/kernel'
import type { Address } from '@waggle/protocol'
import { expect } from 'vitest'
import type { StorageEngine } from '../../storage-port/storage-engine.ts'
import type { WatchEventRecord } from '../../storage-port/storage-records.ts'
import type { Cases, EmptyCase, ParityCase } from './parity-store.ts'
import { createCollective, read, record, recordMany, relate, storeInsight, typesByKind, unknownId } from './samples.ts'

const START = { sequence: 0, index: 0 } as Address

const storageOf = ({ store, tenant }: EmptyCase): Promise<StorageEngine> => store.storage(tenant)

const isAfter = (left: Address, right: Address): boolean =>
  left.sequence > right.sequence || (left.sequence === right.sequence && left.index > right.index)

const peer = (n: number) => unknownId(n) as ReturnType<StorageEngine['instanceId']>

/** As PulseDB's facade polls: a limit on all changes, of which it then shows those of experiences. */
const poll = async (storage: StorageEngine, since: Address, limit = 1_000) => {
  const { events, next } = await storage.pollWatchEvents(since, limit)
  return { events: events.filter(({ entityType }) => entityType === 'experience'), next, looked: events.length }
}

const kindsOf = (events: readonly WatchEventRecord[]): readonly string[] => events.map(({ eventType }) => eventType)

export const pollingParity = (it: Cases): void => {
  polling(it)
  poller(it)
  instance(it)
  walRecords(it)
  compaction(it)
}

const polling = (it: Cases): void => {
  it.empty(
    'cross_process_watch.rs test_get_current_sequence_starts_at_zero: before the first change',
    async (given) => {
      expect(await (await storageOf(given)).getWalSequence()).toEqual(START)
    },
  )

  it('cross_process_watch.rs test_get_current_sequence_returns_latest: rises with every change', async (given) => {
    const storage = await storageOf(given)
    const seen = [START, await storage.getWalSequence()]
    for (let count = 0; count < 3; count += 1) {
      await record(given)
      seen.push(await storage.getWalSequence())
    }
    for (const [index, address] of seen.slice(1).entries()) expect(isAfter(address, seen[index]!)).toBe(true)
    expect(await storage.pollWatchEvents(START, 100)).toMatchObject({ next: seen.at(-1) })
  })

  it.empty('cross_process_watch.rs test_poll_changes_empty_database: no events', async (given) => {
    expect(await (await storageOf(given)).pollWatchEvents(START, 1_000)).toEqual({ events: [], next: START })
  })

  it('cross_process_watch.rs test_poll_changes_after_record: one Created of an experience', async (given) => {
    const id = await record(given)
    const storage = await storageOf(given)
    const { events, next, looked } = await poll(storage, START)
    expect(events).toEqual([
      {
        ...{ entityId: id, collectiveId: given.collective, eventType: 'created', entityType: 'experience' },
        timestampMs: given.store.nowMs(),
      },
    ])
    expect([looked, next]).toEqual([2, await storage.getWalSequence()])
  })

  it('cross_process_watch.rs test_poll_changes_incremental: 3, then 2, then none', async (given) => {
    const storage = await storageOf(given)
    for (let count = 0; count < 3; count += 1) await record(given)
    const first = await poll(storage, START)
    for (let count = 0; count < 2; count += 1) await record(given)
    const second = await poll(storage, first.next)
    const third = await poll(storage, second.next)
    expect([first.events.length, second.events.length, third.events.length]).toEqual([3, 2, 0])
    expect(third.next).toEqual(second.next)
  })

  it('cross_process_watch.rs test_poll_changes_mixed_operations: six changes, in order', async (given) => {
    const { call, collective } = given
    const id = await record(given)
    await call('experience.update', { collective, id, patch: { importance: 0.75 } })
    await call('experience.reinforce', { collective, id })
    await call('experience.archive', { collective, id })
    await call('experience.unarchive', { collective, id })
    await call('experience.delete', { collective, id })
    const { events, looked } = await poll(await storageOf(given), START)
    expect(kindsOf(events)).toEqual(['created', 'updated', 'updated', 'archived', 'updated', 'deleted'])
    expect(looked).toBe(7)
  })

  it('cross_process_watch.rs test_poll_changes_batch_limit: 2, 3, 3, 2 of 10 experiences', async (given) => {
    for (let count = 0; count < 10; count += 1) await record(given)
    const storage = await storageOf(given)
    const counts: number[] = []
    let since = START
    for (let round = 0; round < 5; round += 1) {
      const { events, next } = await poll(storage, since, 3)
      counts.push(events.length)
      since = next
    }
    expect(counts).toEqual([2, 3, 3, 2, 0])
    expect(since).toEqual(await storage.getWalSequence())
  })

  it('cross_process_watch.rs test_sequence_survives_close_reopen: and rises on', async (given) => {
    const ids = [await record(given), await record(given), await record(given)]
    const before = await (await storageOf(given)).getWalSequence()
    await given.store.reopen()
    const storage = await storageOf(given)
    expect(await storage.getWalSequence()).toEqual(before)
    const { events } = await poll(storage, START)
    expect(events.map(({ entityId }) => entityId)).toEqual(ids)
    expect(kindsOf(events)).toEqual(['created', 'created', 'created'])
    await record(given)
    expect(isAfter(await storage.getWalSequence(), before)).toBe(true)
  })

  it('cross_process_watch.rs test_poll_changes_collective_isolation: each with its own', async (given) => {
    const other = { ...given, collective: await createCollective(given) }
    for (const one of [given, other, given, other]) await record(one)
    const { events } = await poll(await storageOf(given), START)
    const { collective } = given
    expect(events.map(({ collectiveId }) => collectiveId)).toEqual([
      ...[collective, other.collective, collective, other.collective],
    ])
  })
}

const poller = (it: Cases): void => {
  const nextOf = async ({ call, collective }: ParityCase, fields: object) =>
    call('watch.next', { collective, filter: { entities: ['experience'] }, ...fields })

  it('src/watch/poll.rs test_change_poller_new_starts_at_zero: from the start, all that was', async (given) => {
    const ids = [await record(given), await record(given)]
    const { changes } = await nextOf(given, { from: 'start' })
    expect(changes.map(({ id }) => id)).toEqual(ids)
  })

  it('src/watch/poll.rs test_change_poller_from_sequence: from a cursor, what came after it', async (given) => {
    await record(given)
    const { changes } = await nextOf(given, { from: 'start' })
    const later = await record(given)
    const after = await nextOf(given, { from: changes[0]!.cursor })
    expect(after.changes.map(({ id }) => id)).toEqual([later])
  })

  it('src/watch/poll.rs test_change_poller_default: from nothing, what comes from now on', async (given) => {
    await record(given)
    const { changes, next } = await nextOf(given, {})
    expect(changes).toEqual([])
    const later = await record(given)
    expect((await nextOf(given, { from: next })).changes.map(({ id }) => id)).toEqual([later])
  })

  it('src/watch/poll.rs test_change_poller_with_batch_limit: at most so many at once', async (given) => {
    const ids: string[] = []
    for (let count = 0; count < 5; count += 1) ids.push(await record(given))
    const seen: string[][] = []
    let from = 'start'
    for (let round = 0; round < 4; round += 1) {
      const { changes, next } = await nextOf(given, { from, max: 2 })
      seen.push(changes.map(({ id }) => id))
      from = next
    }
    expect(seen.flat()).toEqual(ids)
    for (const ofReply of seen) expect(ofReply.length).toBeLessThanOrEqual(2)
  })
}

const instance = (it: Cases): void => {
  it('sync_foundation.rs test_instance_id_persists_across_reopens: and is not nil', async (given) => {
    const id = (await storageOf(given)).instanceId()
    expect(isUuid(id)).toBe(true)
    expect(id).not.toBe('00000000-0000-0000-0000-000000000000')
    await given.store.reopen()
    expect((await storageOf(given)).instanceId()).toBe(id)
  })

  it.empty('sync_foundation.rs test_instance_id_unique_per_database: another store has another', async (given) => {
    const other = await given.store.another()
    try {
      const ids = [(await storageOf(given)).instanceId(), (await other.storage(given.tenant)).instanceId()]
      expect(new Set(ids).size).toBe(2)
    } finally {
      await other.dispose()
    }
  })

  it.empty('sync_foundation.rs test_sync_cursor_save_and_load: equal', async (given) => {
    const storage = await storageOf(given)
    await createCollective(given)
    const cursor = { instanceId: peer(1), lastSequence: await storage.getWalSequence() }
    await storage.saveSyncCursor(cursor)
    expect(await storage.loadSyncCursor(peer(1))).toEqual(cursor)
  })

  it.empty('sync_foundation.rs test_sync_cursor_load_missing_returns_none: nothing', async (given) => {
    expect(await (await storageOf(given)).loadSyncCursor(peer(1))).toBeUndefined()
  })

  it('sync_foundation.rs test_sync_cursor_upsert: the last value wins, also backwards', async (given) => {
    const storage = await storageOf(given)
    const first = await storage.getWalSequence()
    await record(given)
    for (const lastSequence of [first, await storage.getWalSequence(), first]) {
      await storage.saveSyncCursor({ instanceId: peer(1), lastSequence })
      expect((await storage.loadSyncCursor(peer(1)))?.lastSequence).toEqual(lastSequence)
    }
    expect(await storage.listSyncCursors()).toHaveLength(1)
  })

  it('sync_foundation.rs test_sync_cursor_list_multiple_peers: three, by peer', async (given) => {
    const storage = await storageOf(given)
    const lastSequence = await storage.getWalSequence()
    for (const n of [3, 1, 2]) await storage.saveSyncCursor({ instanceId: peer(n), lastSequence })
    const found = await storage.listSyncCursors()
    expect(found.map(({ instanceId }) => instanceId)).toEqual([peer(1), peer(2), peer(3)])
  })

  it('sync_foundation.rs test_sync_cursor_persists_across_reopens: kept', async (given) => {
    const storage = await storageOf(given)
    const cursor = { instanceId: peer(1), lastSequence: await storage.getWalSequence() }
    await storage.saveSyncCursor(cursor)
    await given.store.reopen()
    expect(await (await storageOf(given)).loadSyncCursor(peer(1))).toEqual(cursor)
  })
}

const walRecords = (it: Cases): void => {
  it('sync_foundation.rs test_wal_records_collective_creation: one record, of a collective', async (given) => {
    const { events } = await (await storageOf(given)).pollWatchEvents(START, 100)
    expect(events).toEqual([
      {
        ...{ entityId: given.collective, collectiveId: given.collective, eventType: 'created' },
        ...{ entityType: 'collective', timestampMs: given.store.nowMs() },
      },
    ])
  })

  it('sync_foundation.rs test_wal_records_relation_creation_and_deletion: the 4th and the 5th', async (given) => {
    const [source, target] = [await record(given), await record(given)]
    const id = await relate(given, { source, target })
    await given.call('relation.delete', { collective: given.collective, id })
    const { events } = await (await storageOf(given)).pollWatchEvents(START, 100)
    expect(events).toHaveLength(5)
    expect(events[3]).toMatchObject({ entityId: id, entityType: 'relation', eventType: 'created' })
    expect(events[4]).toMatchObject({ entityId: id, entityType: 'relation', eventType: 'deleted' })
  })

  it('sync_foundation.rs test_wal_records_insight_creation_and_deletion: the 3rd and the 4th', async (given) => {
    const id = await storeInsight(given, { sources: [await record(given)] })
    await given.call('insight.delete', { collective: given.collective, id })
    const { events } = await (await storageOf(given)).pollWatchEvents(START, 100)
    expect(events).toHaveLength(4)
    expect(events[2]).toMatchObject({ entityId: id, entityType: 'insight', eventType: 'created' })
    expect(events[3]).toMatchObject({ entityId: id, entityType: 'insight', eventType: 'deleted' })
  })

  it('sync_foundation.rs test_poll_changes_backward_compat_filters_experience_only: 2 events', async (given) => {
    const [source, target] = [await record(given), await record(given)]
    await relate(given, { source, target })
    const { events, looked } = await poll(await storageOf(given), START)
    expect([events.length, looked]).toEqual([2, 4])
    const watched = await given.call('watch.next', {
      ...{ collective: given.collective, from: 'start', filter: { entities: ['experience'] } },
    })
    expect(watched.changes.map(({ id }) => id)).toEqual([source, target])
  })

  it('sync_foundation.rs test_apply_synced_experience_writes_data: content and 5 applications kept', async (given) => {
    const id = await record(given)
    const { embedding, ...shown } = await read(given, id)
    const storage = await storageOf(given)
    const { createdAt, version: _, ...fields } = shown
    const synced = { ...fields, id: unknownId(9) as typeof id, content: 'synced', applications: { [peer(1)]: 5 } }
    await storage.saveExperience({ ...synced, timestamp: createdAt, embedding: embedding! })
    expect(await read(given, synced.id)).toMatchObject({ content: 'synced', applications: 5 })
  })

  it.empty('sync_foundation.rs test_apply_synced_collective_creates_indexes: usable for a record', async (given) => {
    const storage = await storageOf(given)
    const id = unknownId(77) as ParityCase['collective']
    const nowMs = given.store.nowMs()
    await storage.saveCollective({ id, name: 'synced', dimension: 384, createdAt: nowMs, updatedAt: nowMs })
    const synced = { ...given, collective: id }
    await recordMany(synced, 2, () => ({ type: typesByKind.fact }))
    expect(await storage.countExperiencesInCollective(id)).toBe(2)
  })

  it('sync_foundation.rs test_entity_type_tag_values: four sorts of entity', async (given) => {
    const source = await record(given)
    const target = await record(given)
    await relate(given, { source, target })
    await storeInsight(given, { sources: [source] })
    const { events } = await (await storageOf(given)).pollWatchEvents(START, 100)
    expect(events.map(({ entityType }) => entityType)).toEqual([
      ...['collective', 'experience', 'experience', 'relation', 'insight'],
    ])
  })

  it('sync_foundation.rs test_change_poller_poll_sync_events: 2 with addresses, then none', async (given) => {
    await record(given)
    const storage = await storageOf(given)
    const events = await storage.pollSyncEvents(START, 100)
    expect(events.map(({ record: { entityType } }) => entityType)).toEqual(['collective', 'experience'])
    expect(isAfter(events[1]!.address, events[0]!.address)).toBe(true)
    expect(events[1]!.address).toEqual(await storage.getWalSequence())
    expect(await storage.pollSyncEvents(events[1]!.address, 100)).toEqual([])
  })
}

/** A log of so many changes: the collective's, then those of experiences; with the address of each. */
const logOf = async (given: ParityCase, count: number) => {
  for (let made = 1; made < count; made += 1) await record(given)
  const storage = await storageOf(given)
  const events = await storage.pollSyncEvents(START, 1_000)
  expect(events).toHaveLength(count)
  const addresses = events.map(({ address }) => address)
  const save = async (n: number, done: number): Promise<void> =>
    storage.saveSyncCursor({ instanceId: peer(n), lastSequence: addresses[done - 1]! })
  const left = async (): Promise<readonly Address[]> =>
    (await storage.pollSyncEvents(START, 1_000)).map(({ address }) => address)
  return { storage, addresses, save, left }
}

/** PulseDB's facade: up to the lowest cursor, nothing without cursors. */
const compact = async (storage: StorageEngine): Promise<number> => {
  const cursors = await storage.listSyncCursors()
  const [lowest] = cursors
    .map(({ lastSequence }) => lastSequence)
    .sort((left, right) => (isAfter(left, right) ? 1 : -1))
  return lowest === undefined ? 0 : storage.compactWalEvents(lowest)
}

const compaction = (it: Cases): void => {
  it('sync_foundation.rs test_compact_wal_no_peers: 0, events stay', async (given) => {
    const { storage, addresses, left } = await logOf(given, 4)
    expect(await compact(storage)).toBe(0)
    expect(await left()).toEqual(addresses)
  })

  it('sync_foundation.rs test_compact_wal_single_peer: done with 4 of 6, 4 go', async (given) => {
    const { storage, addresses, save, left } = await logOf(given, 6)
    await save(1, 4)
    expect(await compact(storage)).toBe(4)
    expect(await left()).toEqual(addresses.slice(4))
  })

  it('sync_foundation.rs test_compact_wal_multiple_peers_uses_min_cursor: 3 of 11 go', async (given) => {
    const { storage, addresses, save, left } = await logOf(given, 11)
    await save(1, 7)
    await save(2, 3)
    expect(await compact(storage)).toBe(3)
    expect(await left()).toEqual(addresses.slice(3))
  })

  it('sync_foundation.rs test_compact_wal_preserves_events_above_cursor: and they can be read', async (given) => {
    const { storage, addresses, save } = await logOf(given, 6)
    await save(1, 3)
    await compact(storage)
    const { events, next } = await storage.pollWatchEvents(addresses[2]!, 100)
    expect(events).toHaveLength(3)
    expect(next).toEqual(addresses[5])
    // Who had seen less is told that changes are gone.
    expect(await storage.pollWatchEvents(addresses[0]!, 100)).toMatchObject({ lost: true })
  })

  it('sync_foundation.rs test_compact_wal_idempotent: 2, then 0', async (given) => {
    const { storage, save } = await logOf(given, 4)
    await save(1, 2)
    expect([await compact(storage), await compact(storage)]).toEqual([2, 0])
  })
}
