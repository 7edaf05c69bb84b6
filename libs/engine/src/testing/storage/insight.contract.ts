/** The storage port's insights. */
import { describe, expect, test } from 'vitest'
import { expectRefused, type CaseOf } from './storage-store.ts'
import { allEvents, anInsight, freshId, savedCollective, savedExperiences, T0, toldOf } from './records.ts'

export const insightContract = (given: CaseOf): void => {
  describe('insights', () => {
    const evidence = async () => {
      const collective = await savedCollective(given())
      const sources = (await savedExperiences(given(), collective.id, 2)).map(({ id }) => id)
      return { collective: collective.id, sources }
    }

    test('saveInsight and getInsight: every field and the vector, also after reopening', async () => {
      const { collective, sources } = await evidence()
      const more = { type: 'synthesis', confidence: Math.fround(0.7), updatedAt: T0 + 3 } as const
      const insight = anInsight(collective, [...sources, sources[0]!], more)
      await given().storage.saveInsight(insight)
      expect(await given().storage.getInsight(insight.id)).toEqual(insight)
      await given().reopen()
      expect(await given().storage.getInsight(insight.id)).toEqual(insight)
      expect(await given().storage.getInsight(freshId())).toBeUndefined()
    })

    test('saveInsight logs Created, also when it overwrites, and leaves one row that searches find', async () => {
      const { collective, sources } = await evidence()
      const insight = anInsight(collective, sources)
      await given().storage.saveInsight(insight)
      await given().call('insight.search', { collective, embedding: [0, 0, 1], k: 1 })
      const again = { ...insight, content: 'new', embedding: Float32Array.of(0, 0, 1), createdAt: T0 + 50 }
      await given().storage.saveInsight(again)
      expect(await given().storage.getInsight(insight.id)).toEqual(again)
      expect(await given().storage.listInsightIdsInCollective(collective)).toEqual([insight.id])
      expect(toldOf(await allEvents(given())).slice(3)).toEqual(['created insight', 'created insight'])
      const hits = await given().call('insight.search', { collective, embedding: [0, 0, 1], k: 5 })
      expect(hits).toMatchObject({ results: [{ insight: { id: insight.id, content: 'new' }, similarity: 1 }] })
      expect(await given().call('collective.stats', { collective })).toMatchObject({ stats: { insightCount: 1 } })
    })

    test('a source that is not there is one that the insight has lost', async () => {
      const { collective, sources } = await evidence()
      const gone = freshId()
      const insight = anInsight(collective, [gone, ...sources])
      await given().storage.saveInsight(insight)
      await given().storage.deleteExperience(sources[1]!)
      await given().storage.saveInsight({ ...insight, confidence: 1 })
      const { insight: shown } = await given().call('insight.get', { collective, id: insight.id })
      expect(shown).toMatchObject({ stale: true, lostSources: [gone, sources[1]], sources: [gone, ...sources] })
      await given().storage.deleteExperience(sources[0]!)
      expect(await given().storage.getInsight(insight.id)).toMatchObject({ sources: [gone, ...sources] })
    })

    test('deleteInsight: true and gone, false for what is missing; logs Deleted, now', async () => {
      const { collective, sources } = await evidence()
      const insight = anInsight(collective, sources)
      await given().storage.saveInsight(insight)
      given().store.clock.advance(5_000)
      const { storage } = given()
      expect(await storage.deleteInsight(insight.id)).toBe(true)
      const told = { entityId: insight.id, eventType: 'deleted', timestampMs: given().store.clock.nowMs() }
      expect((await allEvents(given())).at(-1)).toMatchObject(told)
      expect(await storage.getInsight(insight.id)).toBeUndefined()
      expect(await storage.listInsightIdsInCollective(collective)).toEqual([])
      const before = await storage.getWalSequence()
      expect(await storage.deleteInsight(insight.id)).toBe(false)
      expect(await storage.getWalSequence()).toEqual(before)
    })

    test('lists: W5 oldest first, pages, limit 0 none; in the original one item (defect)', async () => {
      const { collective, sources } = await evidence()
      const insights = [5, 1, 3, 3, 2].map((second) => anInsight(collective, sources, { createdAt: T0 + second }))
      for (const insight of insights) await given().storage.saveInsight(insight)
      const ids = [1, 4, 2, 3, 0].map((index) => insights[index]!.id)
      const { storage } = given()
      expect(await storage.listInsightIdsInCollective(collective)).toEqual(ids)
      expect(await storage.listInsightIdsPaginated(collective, 2, 1)).toEqual(ids.slice(1, 3))
      expect(await storage.listInsightIdsPaginated(collective, 9, 4)).toEqual(ids.slice(4))
      expect(await storage.listInsightIdsPaginated(collective, 9, 5)).toEqual([])
      expect(await storage.listInsightIdsPaginated(collective, 0, 0)).toEqual([])
      expect(await storage.listInsightIdsInCollective(freshId())).toEqual([])
      await expectRefused(storage.listInsightIdsPaginated(collective, -1, 0), 'INVALID_FIELD', { field: 'limit' })
    })

    test('deleteInsightsByCollective: how many, experiences stay; logs each, the original none', async () => {
      const [{ collective, sources }, other] = [await evidence(), await evidence()]
      for (let index = 0; index < 3; index += 1) await given().storage.saveInsight(anInsight(collective, sources))
      const kept = anInsight(other.collective, other.sources)
      await given().storage.saveInsight(kept)
      const before = await given().storage.getWalSequence()
      const { storage } = given()
      expect(await storage.deleteInsightsByCollective(collective)).toBe(3)
      const { events } = await storage.pollWatchEvents(before, 9)
      expect(toldOf(events)).toEqual(['deleted insight', 'deleted insight', 'deleted insight'])
      expect(await storage.listInsightIdsInCollective(collective)).toEqual([])
      expect(await storage.getInsight(kept.id)).toEqual(kept)
      expect(await storage.countExperiencesInCollective(collective)).toBe(2)
      expect(await storage.deleteInsightsByCollective(collective)).toBe(0)
      expect(await storage.deleteInsightsByCollective(freshId())).toBe(0)
    })

    test('K5 a step of deletion is bounded by what its insights rest on, too', async () => {
      const { id: collective } = await savedCollective(given())
      const sources = (await savedExperiences(given(), collective, 60)).map(({ id }) => id)
      const conclusion = { content: 'so it is', embedding: [0, 1, 0], sources, type: 'pattern' }
      const commands = Array.from({ length: 60 }, () => ({ operation: 'insight.store', ...conclusion }))
      await given().call('batch.commit', { collective, commands })
      const { storage } = given()
      const before = await storage.getWalSequence()
      expect(await storage.deleteInsightsByCollective(collective)).toBe(60)
      const changes = await storage.pollSyncEvents(before, 100)
      expect(changes).toHaveLength(60)
      expect(new Set(changes.map(({ address }) => address.sequence)).size).toBe(4)
    })

    test('P10 what the state cannot hold is refused; the original checks none of it', async () => {
      const { collective, sources } = await evidence()
      const { storage } = given()
      const save = (more: object) => storage.saveInsight({ ...anInsight(collective, sources), ...more })
      await expectRefused(save({ collective: freshId() }), 'NOT_FOUND', { entity: 'collective' })
      await expectRefused(save({ content: '' }), 'REQUIRED_FIELD', { field: 'content' })
      await expectRefused(save({ sources: [] }), 'REQUIRED_FIELD', { field: 'sources' })
      await expectRefused(save({ embedding: Float32Array.of(1) }), 'DIMENSION_MISMATCH', { field: 'embedding' })
      await expectRefused(save({ embedding: Float32Array.of(0, 0, 0) }), 'INVALID_FIELD', { field: 'embedding' })
      await expectRefused(save({ confidence: 2 }), 'INVALID_FIELD', { field: 'confidence' })
      expect(await storage.listInsightIdsInCollective(collective)).toEqual([])
    })

    test('P10 an insight that would move to another collective is refused', async () => {
      const [one, two] = [await evidence(), await evidence()]
      const insight = anInsight(one.collective, one.sources)
      await given().storage.saveInsight(insight)
      const moving = given().storage.saveInsight({ ...insight, collective: two.collective })
      await expectRefused(moving, 'INVALID_FIELD', { field: 'collective' })
    })
  })
}
