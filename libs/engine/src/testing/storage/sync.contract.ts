/** The storage port's identity, cursors of peers, and compaction. */
import type { Address } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { expectRefused, type CaseOf } from './storage-store.ts'
import { aCollective, freshId, NOWHERE, savedCollective, savedExperiences } from './records.ts'

const LAST = { sequence: Number.MAX_SAFE_INTEGER, index: 0xffff_ffff } as Address
const at = (sequence: number, index = 0) => ({ sequence, index }) as Address

export const syncContract = (given: CaseOf): void => {
  describe('peers', () => {
    test('sync_foundation::test_instance_id_persists_across_reopens: not nil, and stable', async () => {
      const before = given().storage.instanceId()
      expect(before).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8/)
      await given().reopen()
      expect(given().storage.instanceId()).toBe(before)
    })

    test('sync_foundation::test_sync_cursor_save_and_load, test_sync_cursor_load_missing_returns_none', async () => {
      const cursor = { instanceId: freshId(), lastSequence: at(42, 3) }
      await given().storage.saveSyncCursor(cursor)
      expect(await given().storage.loadSyncCursor(cursor.instanceId)).toEqual(cursor)
      expect(await given().storage.loadSyncCursor(freshId())).toBeUndefined()
    })

    test('sync_foundation::test_sync_cursor_upsert: the last value wins, also when it goes back', async () => {
      const instanceId = freshId()
      for (const sequence of [10, 20, 5])
        await given().storage.saveSyncCursor({ instanceId, lastSequence: at(sequence) })
      expect(await given().storage.listSyncCursors()).toEqual([{ instanceId, lastSequence: at(5) }])
    })

    test('sync_foundation::test_sync_cursor_list_multiple_peers: by peer, ascending', async () => {
      const cursors = [1, 2, 3].map((sequence) => ({ instanceId: freshId(), lastSequence: at(sequence) }))
      for (const cursor of cursors) await given().storage.saveSyncCursor(cursor)
      const sorted = cursors.toSorted((left, right) => (left.instanceId < right.instanceId ? -1 : 1))
      expect(await given().storage.listSyncCursors()).toEqual(sorted)
    })

    test('sync_foundation::test_sync_cursor_persists_across_reopens', async () => {
      const cursor = { instanceId: freshId(), lastSequence: at(99) }
      await given().storage.saveSyncCursor(cursor)
      await given().reopen()
      expect(await given().storage.loadSyncCursor(cursor.instanceId)).toEqual(cursor)
    })

    test('a peer that is dropped holds nothing any more', async () => {
      const instanceId = freshId()
      await given().storage.saveSyncCursor({ instanceId, lastSequence: NOWHERE })
      expect(await given().storage.dropSyncCursor(instanceId)).toBe(true)
      expect(await given().storage.dropSyncCursor(instanceId)).toBe(false)
      expect(await given().storage.listSyncCursors()).toEqual([])
    })

    test('P10 refuses what is no cursor, and more peers than a row lists', async () => {
      const { storage } = given()
      const wrong = storage.saveSyncCursor({ instanceId: freshId(), lastSequence: 4 as never })
      await expectRefused(wrong, 'INVALID_FIELD', { field: 'lastSequence' })
      const peers = Array.from({ length: 256 }, () => freshId())
      await Promise.all(peers.map((instanceId) => storage.saveSyncCursor({ instanceId, lastSequence: NOWHERE })))
      const more = storage.saveSyncCursor({ instanceId: freshId(), lastSequence: NOWHERE })
      await expectRefused(more, 'TOO_MANY_ITEMS', { field: 'instanceId', limit: 256 })
      await storage.saveSyncCursor({ instanceId: peers[0]!, lastSequence: at(1) })
    })
  })

  describe('compaction', () => {
    /** A collective and five experiences: addresses of six changes. */
    const sixChanges = async (): Promise<readonly Address[]> => {
      const { id } = await savedCollective(given())
      await savedExperiences(given(), id, 5)
      return (await given().storage.pollSyncEvents(NOWHERE, 100)).map(({ address }) => address)
    }
    const left = async (): Promise<readonly Address[]> =>
      (await given().storage.pollSyncEvents(NOWHERE, 10_000)).map(({ address }) => address)
    const peerAt = async (lastSequence: Address): Promise<void> =>
      given().storage.saveSyncCursor({ instanceId: freshId(), lastSequence })

    test('sync_foundation::test_compact_wal_no_peers: 0, and everything stays', async () => {
      const changes = await sixChanges()
      expect(await given().storage.compactWal()).toBe(0)
      expect(await left()).toEqual(changes)
    })

    test('sync_foundation::test_compact_wal_single_peer: up to and with its cursor', async () => {
      const changes = await sixChanges()
      await peerAt(changes[3]!)
      expect(await given().storage.compactWal()).toBe(4)
      expect(await left()).toEqual(changes.slice(4))
      await given().reopen()
      expect(await left()).toEqual(changes.slice(4))
    })

    test('sync_foundation::test_compact_wal_multiple_peers_uses_min_cursor', async () => {
      const changes = await sixChanges()
      await peerAt(changes[4]!)
      await peerAt(changes[2]!)
      expect(await given().storage.compactWal()).toBe(3)
      expect(await left()).toEqual(changes.slice(3))
    })

    test('sync_foundation::test_compact_wal_preserves_events_above_cursor, test_compact_wal_idempotent', async () => {
      const changes = await sixChanges()
      await peerAt(changes[1]!)
      expect(await given().storage.compactWal()).toBe(2)
      expect(await given().storage.compactWal()).toBe(0)
      expect(await left()).toEqual(changes.slice(2))
    })

    test('a cursor at 0 keeps everything', async () => {
      const changes = await sixChanges()
      await peerAt(NOWHERE)
      expect(await given().storage.compactWal()).toBe(0)
      expect(await left()).toEqual(changes)
    })

    test('compactWalEvents: up to and with, over all collectives; 0 removes none; idempotent', async () => {
      const changes = [...(await sixChanges()), ...(await sixChanges())].slice(6)
      const { storage } = given()
      expect(await storage.compactWalEvents(NOWHERE)).toBe(0)
      expect(await storage.compactWalEvents(changes[7]!)).toBe(7)
      expect(await storage.compactWalEvents(changes[7]!)).toBe(0)
      expect(await left()).toEqual([changes[5], ...changes.slice(8)])
    })

    test('the newest change of a collective stays, and with it getWalSequence; the original removes it', async () => {
      const changes = await sixChanges()
      const { storage } = given()
      expect(await storage.compactWalEvents(LAST)).toBe(5)
      expect(await left()).toEqual(changes.slice(5))
      expect(await storage.getWalSequence()).toEqual(changes[5])
    })

    test('P9 compactWalEvents never passes the cursor of a peer; the original does (defect)', async () => {
      const changes = await sixChanges()
      await peerAt(changes[1]!)
      expect(await given().storage.compactWalEvents(LAST)).toBe(2)
      expect(await left()).toEqual(changes.slice(2))
    })

    test('P9 nor that of a watcher of the collective', async () => {
      const { id: collective } = await savedCollective(given())
      const { next: cursor } = await given().call('watch.next', { collective, from: 'start', waitMs: 0 })
      await given().call('cursor.save', { collective, name: 'reader', cursor })
      await savedExperiences(given(), collective, 3)
      expect(await given().storage.compactWalEvents(LAST)).toBe(1)
      expect(await left()).toHaveLength(3)
    })

    test('K5 many changes go in bounded steps, and all of them', async () => {
      const { id: collective } = await savedCollective(given())
      const experiences = Array.from({ length: 700 }, (_, index) => ({ content: `${index}`, embedding: [1, 1, 1] }))
      await given().call('experience.recordMany', { collective, experiences })
      expect(await given().storage.compactWalEvents(LAST)).toBe(700)
      expect(await left()).toHaveLength(1)
    })

    test('who polls from before what was compacted is told so; the original says nothing (defect)', async () => {
      const changes = await sixChanges()
      await given().storage.compactWalEvents(changes[2]!)
      const { storage } = given()
      const told = await storage.pollWatchEvents(changes[0]!, 100)
      expect(told).toMatchObject({ lost: true, next: changes[5] })
      expect(told.events).toHaveLength(3)
      expect(await storage.pollWatchEvents(changes[2]!, 100)).not.toHaveProperty('lost')
      // A collective that is younger than what was asked with has lost nothing.
      await given().storage.saveCollective(aCollective())
      expect(await storage.pollWatchEvents(changes[2]!, 100)).not.toHaveProperty('lost')
    })

    test('deletions of collectives are compacted like all else', async () => {
      for (let index = 0; index < 3; index += 1)
        await given().storage.deleteCollective((await savedCollective(given())).id)
      expect(await left()).toHaveLength(3)
      expect(await given().storage.compactWalEvents(LAST)).toBe(2)
      expect(await left()).toHaveLength(1)
    })
  })
}
