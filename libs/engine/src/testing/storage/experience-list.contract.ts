/** The storage port's lists, counts and deletions of a collective's experiences. */
import { describe, expect, test } from 'vitest'
import { expectRefused, type CaseOf } from './storage-store.ts'
import {
  allEvents,
  anExperience,
  anInsight,
  aRelation,
  freshId,
  savedCollective,
  savedExperiences,
  T0,
  toldOf,
} from './records.ts'

export const experienceListContract = (given: CaseOf): void => {
  describe('the experiences of a collective', () => {
    test('redb::test_experience_by_collective_index: counted apart, archived ones too', async () => {
      const [one, two] = [await savedCollective(given()), await savedCollective(given())]
      const [first] = await savedExperiences(given(), one.id, 3)
      await savedExperiences(given(), two.id, 1)
      await given().storage.updateExperience(first!.id, { archived: true })
      const { storage } = given()
      expect(await storage.countExperiencesInCollective(one.id)).toBe(3)
      expect(await storage.countExperiencesInCollective(two.id)).toBe(1)
      expect(await storage.countExperiencesInCollective(freshId())).toBe(0)
      expect(await storage.listExperienceIdsInCollective(freshId())).toEqual([])
    })

    test('W5 oldest first by timestamp, those of one time by their place in the log, whatever their ids', async () => {
      const { id: collective } = await savedCollective(given())
      const late = anExperience(collective, { timestamp: T0 + 100 })
      const same = Array.from({ length: 6 }, () => anExperience(collective))
      for (const experience of [late, ...same]) await given().storage.saveExperience(experience)
      const ids = [...same, late].map(({ id }) => id)
      const { storage } = given()
      expect(await storage.listExperienceIdsInCollective(collective)).toEqual(ids)
      expect((await storage.getRecentExperienceIds(collective, 99)).map(([id]) => id)).toEqual(ids.toReversed())
      expect(await storage.listExperienceIdsPaginated(collective, 3, 2)).toEqual(ids.slice(2, 5))
    })

    test('getRecentExperienceIds: newest first with timestamps; 0 gives none, more than there are all', async () => {
      const { id: collective } = await savedCollective(given())
      const saved = await savedExperiences(given(), collective, 3)
      const pairs = saved.map(({ id, timestamp }) => [id, timestamp]).toReversed()
      const { storage } = given()
      expect(await storage.getRecentExperienceIds(collective, 2)).toEqual(pairs.slice(0, 2))
      expect(await storage.getRecentExperienceIds(collective, 0)).toEqual([])
      expect(await storage.getRecentExperienceIds(collective, Number.MAX_SAFE_INTEGER)).toEqual(pairs)
      expect(await storage.getRecentExperienceIds(freshId(), 5)).toEqual([])
    })

    test('listExperienceIdsPaginated: pages end where the list does', async () => {
      const { id: collective } = await savedCollective(given())
      const ids = (await savedExperiences(given(), collective, 5)).map(({ id }) => id)
      const page = (limit: number, offset: number) =>
        given().storage.listExperienceIdsPaginated(collective, limit, offset)
      expect(await page(2, 0)).toEqual(ids.slice(0, 2))
      expect(await page(2, 4)).toEqual(ids.slice(4))
      expect(await page(2, 5)).toEqual([])
      expect(await page(2, Number.MAX_SAFE_INTEGER)).toEqual([])
      expect(await page(Number.MAX_SAFE_INTEGER, 1)).toEqual(ids.slice(1))
      expect(await given().storage.listExperienceIdsPaginated(freshId(), 1, 0)).toEqual([])
    })

    test('limit 0 gives nothing; in the original one item (defect)', async () => {
      const { id: collective } = await savedCollective(given())
      await savedExperiences(given(), collective, 2)
      expect(await given().storage.listExperienceIdsPaginated(collective, 0, 0)).toEqual([])
      expect(await given().storage.listExperienceIdsPaginated(collective, 0, 1)).toEqual([])
    })

    test.each([[-1], [1.5], [NaN], [Infinity], ['2' as never]])('P10 a limit of %s is refused', async (limit) => {
      const { id: collective } = await savedCollective(given())
      const { storage } = given()
      const details = { field: 'limit' }
      await expectRefused(storage.listExperienceIdsPaginated(collective, limit, 0), 'INVALID_FIELD', details)
      await expectRefused(storage.getRecentExperienceIds(collective, limit), 'INVALID_FIELD', details)
      const offset = storage.listExperienceIdsPaginated(collective, 1, limit)
      await expectRefused(offset, 'INVALID_FIELD', { field: 'offset' })
    })

    test('redb::test_cascade_delete_includes_experiences: records, vectors, places, relations; how many', async () => {
      const [one, two] = [await savedCollective(given()), await savedCollective(given())]
      const [first, second] = await savedExperiences(given(), one.id, 2)
      const [kept] = await savedExperiences(given(), two.id, 1)
      const relation = aRelation(first!.id, second!.id)
      await given().storage.saveRelation(relation)
      const { storage } = given()
      expect(await storage.deleteExperiencesByCollective(one.id)).toBe(2)
      expect(await storage.getExperience(first!.id)).toBeUndefined()
      expect(await storage.getEmbedding(second!.id)).toBeUndefined()
      expect(await storage.getRelation(relation.id)).toBeUndefined()
      expect(await storage.listExperienceIdsInCollective(one.id)).toEqual([])
      expect(await storage.countExperiencesInCollective(one.id)).toBe(0)
      expect(await storage.getCollective(one.id)).toBeDefined()
      expect(await storage.getExperience(kept!.id)).toEqual(kept)
      expect(await storage.deleteExperiencesByCollective(one.id)).toBe(0)
      expect(await storage.deleteExperiencesByCollective(freshId())).toBe(0)
    })

    test('deleteExperiencesByCollective logs each change, relations once; the original logs none', async () => {
      const { id: collective } = await savedCollective(given())
      const [first, second] = await savedExperiences(given(), collective, 2)
      await given().storage.saveRelation(aRelation(first!.id, second!.id))
      const before = await given().storage.getWalSequence()
      await given().storage.deleteExperiencesByCollective(collective)
      const { events } = await given().storage.pollWatchEvents(before, 100)
      expect(toldOf(events)).toEqual(['deleted relation', 'deleted experience', 'deleted experience'])
    })

    test('counts and sizes come back to nothing, whatever was saved again, moved and deleted', async () => {
      const { id: collective } = await savedCollective(given())
      const saved = await savedExperiences(given(), collective, 3)
      const [one, two] = saved
      const relation = aRelation(one!.id, two!.id, { metadata: 'x' })
      const insight = anInsight(collective, [one!.id, freshId()])
      const { storage } = given()
      for (const archived of [true, true, false, true]) {
        for (const experience of saved)
          await storage.saveExperience({ ...experience, archived, content: 'y'.repeat(99) })
        await storage.saveRelation({ ...relation, metadata: 'yy' })
        await storage.saveInsight({ ...insight, content: `${archived}` })
        await storage.saveEmbedding(one!.id, Float32Array.of(3, 2, 1))
        const { stats } = await given().call('collective.stats', { collective })
        expect(stats).toMatchObject({ archivedCount: archived ? 3 : 0, relationCount: 1, insightCount: 1 })
      }
      await storage.deleteExperiencesByCollective(collective)
      await storage.deleteInsightsByCollective(collective)
      const { stats } = await given().call('collective.stats', { collective })
      expect(stats).toEqual({
        ...{ experienceCount: 0, archivedCount: 0, relationCount: 0, insightCount: 0 },
        ...{ keyCount: 0, vectorCount: 0, payloadCount: 0, pageCount: 0, storageBytes: 0 },
      })
    })

    test('K5 what is more than a step is deleted in several, and all of it', async () => {
      const { id: collective } = await savedCollective(given())
      for (let round = 0; round < 3; round += 1) {
        const experiences = Array.from({ length: 500 }, (_, index) => ({ content: `${index}`, embedding: [1, 1, 1] }))
        await given().call('experience.recordMany', { collective, experiences })
      }
      const before = await given().storage.getWalSequence()
      expect(await given().storage.deleteExperiencesByCollective(collective)).toBe(1_500)
      expect(await given().storage.countExperiencesInCollective(collective)).toBe(0)
      const told = await given().storage.pollSyncEvents(before, 10_000)
      expect(told).toHaveLength(1_500)
      expect(new Set(told.map(({ address }) => address.sequence)).size).toBe(2)
    })

    test('what is saved meanwhile stays whole or goes whole; the original leaves orphans (defect)', async () => {
      const { id: collective } = await savedCollective(given())
      await savedExperiences(given(), collective, 20)
      const meanwhile = Array.from({ length: 20 }, () => anExperience(collective))
      const { storage } = given()
      const saving = meanwhile.map((experience) => storage.saveExperience(experience))
      const [deleted] = await Promise.all([storage.deleteExperiencesByCollective(collective), ...saving])
      const left = await storage.listExperienceIdsInCollective(collective)
      expect(deleted + left.length).toBe(40)
      expect(await storage.countExperiencesInCollective(collective)).toBe(left.length)
      for (const { id } of meanwhile) expect((await storage.getExperience(id)) !== undefined).toBe(left.includes(id))
      expect(await storage.deleteExperiencesByCollective(collective)).toBe(left.length)
    })

    test('redb::test_mvcc_read_consistency: W2 a list beside a deletion sees all or nothing of it', async () => {
      const { id: collective } = await savedCollective(given())
      await savedExperiences(given(), collective, 30)
      const { storage } = given()
      const deleting = storage.deleteExperiencesByCollective(collective)
      const sizes = new Set<number>()
      const progress = { done: false }
      void deleting.finally(() => (progress.done = true))
      while (!progress.done) {
        sizes.add((await storage.listExperienceIdsInCollective(collective)).length)
        await new Promise((resolve) => setImmediate(resolve))
      }
      sizes.add((await storage.listExperienceIdsInCollective(collective)).length)
      expect(await deleting).toBe(30)
      expect([...sizes].filter((size) => size !== 0 && size !== 30)).toEqual([])
    })

    test('what was recorded by operations is there for the port, and the other way round', async () => {
      const { id: collective } = await savedCollective(given())
      const { id } = await given().call('experience.record', { collective, content: 'x', embedding: [1, 2, 3] })
      const recorded = await given().storage.getExperience(id as never)
      expect(recorded).toMatchObject({ collective, content: 'x', applications: {}, archived: false })
      await given().storage.saveExperience(recorded!)
      expect(await given().storage.getExperience(id as never)).toEqual(recorded)
      const saved = anExperience(collective, { applications: { a: 2, b: 3 } })
      await given().storage.saveExperience(saved)
      const { experience } = await given().call('experience.get', { collective, id: saved.id })
      expect(experience).toMatchObject({ applications: 5, createdAt: T0, version: 1 })
      expect(toldOf(await allEvents(given()))).toEqual([
        ...['created collective', 'created experience', 'created experience', 'created experience'],
      ])
    })
  })
}
