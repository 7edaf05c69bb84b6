/** The storage port's durable change log. */
import type { Address } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { compareAddresses } from '../../state/address-order.ts'
import { expectRefused, type CaseOf } from './storage-store.ts'
import {
  aCollective,
  allEvents,
  anExperience,
  aRelation,
  freshId,
  NOWHERE,
  savedCollective,
  savedExperiences,
  toldOf,
} from './records.ts'

const LAST = { sequence: Number.MAX_SAFE_INTEGER, index: 0xffff_ffff } as Address

export const changeLogContract = (given: CaseOf): void => {
  describe('the change log', () => {
    const rises = (before: Address, after: Address): boolean => compareAddresses(before, after) < 0

    test('redb::test_wal_sequence_starts_at_zero', async () => {
      expect(await given().storage.getWalSequence()).toEqual({ sequence: 0, index: 0 })
      expect(await given().storage.pollWatchEvents(NOWHERE, 10)).toEqual({ events: [], next: NOWHERE })
      expect(await given().storage.pollSyncEvents(NOWHERE, 10)).toEqual([])
    })

    test('redb::test_save_experience_increments_wal_sequence: all that is logged does; it is kept', async () => {
      const { storage } = given()
      const { id } = await savedCollective(given())
      const experience = anExperience(id)
      let before = await storage.getWalSequence()
      for (const change of [
        () => storage.saveExperience(experience),
        () => storage.updateExperience(experience.id, { archived: true }),
        () => storage.reinforceExperience(experience.id),
        () => storage.deleteExperience(experience.id),
      ]) {
        await change()
        const after = await storage.getWalSequence()
        expect(rises(before, after)).toBe(true)
        before = after
      }
      await given().reopen()
      expect(await given().storage.getWalSequence()).toEqual(before)
    })

    test('getWalSequence is the address of the newest change over all collectives', async () => {
      const [one, two] = [await savedCollective(given()), await savedCollective(given())]
      await savedExperiences(given(), two.id, 2)
      await savedExperiences(given(), one.id, 1)
      const all = await given().storage.pollSyncEvents(NOWHERE, 100)
      expect(await given().storage.getWalSequence()).toEqual(all.at(-1)?.address)
      expect(all.at(-1)?.record.collectiveId).toBe(one.id)
    })

    test('deleting a collective never lowers it', async () => {
      const [one, two] = [await savedCollective(given()), await savedCollective(given())]
      await savedExperiences(given(), two.id, 3)
      const before = await given().storage.getWalSequence()
      await given().storage.deleteCollective(two.id)
      expect(rises(before, await given().storage.getWalSequence())).toBe(true)
      expect((await allEvents(given())).map(({ collectiveId }) => collectiveId)).toEqual([one.id, two.id])
    })

    test('redb::test_poll_watch_events_returns_correct_events: of all entities, ascending', async () => {
      const { id: collective } = await savedCollective(given())
      const [one, two] = await savedExperiences(given(), collective, 2)
      const relation = aRelation(one!.id, two!.id)
      await given().storage.saveRelation(relation)
      const { events, next } = await given().storage.pollWatchEvents(NOWHERE, 100)
      expect(events.map(({ entityId }) => entityId)).toEqual([collective, one!.id, two!.id, relation.id])
      expect(toldOf(events)).toEqual([
        ...['created collective', 'created experience', 'created experience', 'created relation'],
      ])
      expect(next).toEqual(await given().storage.getWalSequence())
    })

    test('changes of several collectives come in the order in which they happened', async () => {
      const collectives = [
        await savedCollective(given()),
        await savedCollective(given()),
        await savedCollective(given()),
      ]
      const saved: string[] = collectives.map(({ id }) => id)
      for (const index of [2, 0, 1, 1, 2, 0]) {
        const experience = anExperience(collectives[index]!.id)
        await given().storage.saveExperience(experience)
        saved.push(experience.id)
      }
      expect((await allEvents(given())).map(({ entityId }) => entityId)).toEqual(saved)
      for (const limit of [1, 2, 4]) expect(await inPages(limit)).toEqual(saved)
    })

    /** Ids of what changed, polled so many at a time. */
    const inPages = async (limit: number): Promise<readonly string[]> => {
      const seen: string[] = []
      for (let since = NOWHERE; ;) {
        const { events, next } = await given().storage.pollWatchEvents(since, limit)
        if (events.length === 0) return seen
        expect(events.length).toBeLessThanOrEqual(limit)
        seen.push(...events.map(({ entityId }) => entityId))
        since = next
      }
    }

    test('redb::test_poll_watch_events_since_midpoint: what comes after, and pollSyncEvents the same', async () => {
      const { id } = await savedCollective(given())
      await savedExperiences(given(), id, 5)
      const { storage } = given()
      const all = await storage.pollSyncEvents(NOWHERE, 100)
      expect(all).toHaveLength(6)
      const { events, next } = await storage.pollWatchEvents(all[3]!.address, 100)
      expect(events).toEqual(all.slice(4).map(({ record }) => record))
      expect(next).toEqual(all[5]!.address)
      expect(await storage.pollSyncEvents(all[3]!.address, 100)).toEqual(all.slice(4))
    })

    test('redb::test_poll_watch_events_empty_when_caught_up: what was asked with comes back', async () => {
      const { id } = await savedCollective(given())
      await savedExperiences(given(), id, 1)
      const since = await given().storage.getWalSequence()
      expect(await given().storage.pollWatchEvents(since, 100)).toEqual({ events: [], next: since })
      expect(await given().storage.pollSyncEvents(since, 100)).toEqual([])
    })

    test('redb::test_poll_watch_events_batch_limit: at most so many, for 0 none; the original gives one', async () => {
      const { id } = await savedCollective(given())
      await savedExperiences(given(), id, 4)
      const { storage } = given()
      expect((await storage.pollWatchEvents(NOWHERE, 3)).events).toHaveLength(3)
      expect(await storage.pollSyncEvents(NOWHERE, 3)).toHaveLength(3)
      expect(await storage.pollWatchEvents(NOWHERE, 0)).toEqual({ events: [], next: NOWHERE })
      expect(await storage.pollSyncEvents(NOWHERE, 0)).toEqual([])
    })

    test('the last address there can be finds nothing; in the original it overflows (defect)', async () => {
      await savedCollective(given())
      expect(await given().storage.pollWatchEvents(LAST, 10)).toEqual({ events: [], next: LAST })
      expect(await given().storage.pollSyncEvents(LAST, 10)).toEqual([])
    })

    test('what changes nothing is not logged', async () => {
      const before = await given().storage.getWalSequence()
      const { storage } = given()
      const id = freshId()
      await storage.deleteCollective(id)
      await storage.deleteExperience(id)
      await storage.deleteRelation(id)
      await storage.deleteInsight(id)
      await storage.deleteExperiencesByCollective(id)
      await storage.saveSyncCursor({ instanceId: id, lastSequence: NOWHERE })
      await storage.compactWalEvents(LAST)
      await expectRefused(storage.saveExperience(anExperience(id)), 'NOT_FOUND')
      expect(await storage.getWalSequence()).toEqual(before)
    })

    test.each([
      ['no address', 4 as never, 'INVALID_FIELD', 'since'],
      ['a sequence below 0', { sequence: -1, index: 0 } as Address, 'INVALID_FIELD', 'since.sequence'],
      ['no index', { sequence: 1 } as Address, 'REQUIRED_FIELD', 'since.index'],
    ])('P10 refuses %s', async (_, since, code, field) => {
      await expectRefused(given().storage.pollWatchEvents(since, 1), code, { field })
      await expectRefused(given().storage.pollSyncEvents(since, 1), code, { field })
      await expectRefused(given().storage.pollWatchEvents(NOWHERE, -1), 'INVALID_FIELD', { field: 'limit' })
    })
  })

  describe('transactions', () => {
    test('redb::test_uncommitted_transaction_is_invisible, test_committed_transaction_is_visible', async () => {
      const collective = aCollective()
      const saving = given().storage.saveCollective(collective)
      expect(await given().storage.getCollective(collective.id)).toBeUndefined()
      await saving
      expect(await given().storage.getCollective(collective.id)).toEqual(collective)
    })

    test('redb::test_multi_table_atomicity: a change is in every list at once, a refused one in none', async () => {
      const { id: collective } = await savedCollective(given())
      const experience = anExperience(collective)
      const { storage } = given()
      await storage.saveExperience(experience)
      expect(await storage.getEmbedding(experience.id)).toEqual(experience.embedding)
      expect(await storage.listExperienceIdsInCollective(collective)).toEqual([experience.id])
      expect(await storage.countExperiencesInCollective(collective)).toBe(1)
      expect(await allEvents(given())).toHaveLength(2)
      const wrong = anExperience(collective, { embedding: Float32Array.of(0, 0, 0) })
      await expectRefused(storage.saveExperience(wrong), 'INVALID_FIELD')
      expect(await storage.getEmbedding(wrong.id)).toBeUndefined()
      expect(await storage.countExperiencesInCollective(collective)).toBe(1)
      expect(await allEvents(given())).toHaveLength(2)
    })
  })
}
