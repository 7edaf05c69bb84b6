/** What was concluded from experiences: insights with their evidence. */
import { insightTypes, type Insight } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import { allPages, experience, expectRefusal, givenId, idsOf, insight, recorded, refusal } from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

const everyInsight = async (hive: CollectiveHandle, limit = 1000): Promise<readonly Insight[]> =>
  allPages(async (cursor) => hive.listInsights({ limit, cursor }, { include: ['embedding'] }))

export const insightsContract = (open: OpenStore): void => {
  describe('insights', () => {
    const store = sharedStore(open)

    it('test_store_insight, test_get_insight_by_id: every field comes back', async () => {
      const hive = await store.collective()
      const sources = await recorded(hive, 2)
      const given = insight(sources, { type: 'synthesis', confidence: 0.9, domain: ['payments', 'retries'] })
      const { id, token } = await hive.storeInsight(given)
      const found = await hive.getInsight(id, { token })
      expect(found).toEqual({
        ...{ ...given, id, collective: hive.id, confidence: Math.fround(0.9), stale: false, lostSources: [] },
        embedding: Float32Array.of(0.5, 1, 0, 0),
        createdAt: expect.any(Number) as number,
        updatedAt: found!.createdAt,
      })
      expect(await hive.getInsight(givenId(1))).toBeUndefined()
      expect(await everyInsight(hive)).toEqual([found])
    })

    it('test_all_insight_types: each, with what is absent at its default', async () => {
      const hive = await store.collective()
      const sources = await recorded(hive, 1)
      for (const type of insightTypes) await hive.storeInsight(insight(sources, { type }))
      const found = await everyInsight(hive)
      expect(found.map(({ type }) => type)).toEqual(insightTypes)
      expect(found[0]).toMatchObject({ confidence: 0.5, domain: [] })
    })

    it('test_get_insights_similar: nearest first, with their similarity', async () => {
      const hive = await store.collective()
      const sources = await recorded(hive, 1)
      const embeddings = [
        [1, 0, 0, 0],
        [1, 1, 0, 0],
        [0, 1, 0, 0],
        [-1, 0, 0, 0],
      ]
      const ids: string[] = []
      for (const embedding of embeddings) ids.push((await hive.storeInsight(insight(sources, { embedding }))).id)
      const hits = await hive.insights({ embedding: [2, 0, 0, 0] })
      expect(hits.map((hit) => hit.insight.id)).toEqual(ids)
      expect(hits.map(({ similarity }) => similarity)).toEqual([1, expect.closeTo(Math.SQRT1_2, 6), 0, -1])
      expect(hits[0]!.insight).not.toHaveProperty('embedding')
      const [nearest, ...none] = await hive.insights({ embedding: [2, 0, 0, 0], k: 1 }, { include: ['embedding'] })
      expect([nearest!.insight, none]).toEqual([await hive.getInsight(ids[0]!), []])
      expect(await hive.insights({ embedding: [1, 0, 0, 0], k: 0 })).toEqual([])
    })

    it('insights and experiences are searched apart', async () => {
      const hive = await store.collective()
      const sources = await recorded(hive, 2)
      const { id } = await hive.storeInsight(insight(sources))
      const query = { embedding: [1, 1, 1, 1], k: 1000 }
      expect(idsOf((await hive.search(query)).results.map((hit) => hit.experience)).toSorted()).toEqual(
        sources.toSorted(),
      )
      expect((await hive.insights(query)).map((hit) => hit.insight.id)).toEqual([id])
    })

    it('a missing embedding is made by the embedder, and so is that of a question', async () => {
      const hive = await store.collective({ dimension: 64, embedder: 'hashing' })
      const { id: source } = await hive.record({ content: 'the ledger locks at noon' })
      const fields = { sources: [source], type: 'pattern' } as const
      const { id } = await hive.storeInsight({ ...fields, content: 'the ledger locks at every noon' })
      await hive.storeInsight({ ...fields, content: 'cats are small' })
      const [nearest] = await hive.insights({ text: 'when does the ledger lock?', k: 1 })
      expect(nearest!.insight.id).toBe(id)
    })

    it('test_delete_insight: gone from get, lists and search; its evidence stays', async () => {
      const hive = await store.collective()
      const sources = await recorded(hive, 1)
      const { id } = await hive.storeInsight(insight(sources))
      await hive.deleteInsight(id)
      expect(await hive.getInsight(id)).toBeUndefined()
      expect([...(await everyInsight(hive)), ...(await hive.insights({ embedding: [1, 0, 0, 0] }))]).toEqual([])
      expect((await expectRefusal(hive.deleteInsight(id), 'NOT_FOUND')).details.entity).toBe('insight')
      expect(await hive.stats()).toMatchObject({ experienceCount: 1, insightCount: 0 })
    })

    it('is stale once evidence of it is deleted, and says which; other insights are not', async () => {
      const hive = await store.collective()
      const [a, b, c] = (await recorded(hive, 3)) as [string, string, string]
      const { id } = await hive.storeInsight(insight([a, b, b, c]))
      const { id: other } = await hive.storeInsight(insight([c]))
      await hive.delete(b)
      await hive.delete(a)
      const found = await hive.getInsight(id)
      expect(found).toMatchObject({ sources: [a, b, b, c], stale: true, lostSources: [b, a] })
      expect(found!.updatedAt).toBeGreaterThanOrEqual(found!.createdAt)
      expect(await hive.getInsight(other)).toMatchObject({ stale: false, lostSources: [] })
      await hive.archive(c)
      expect(await hive.getInsight(other)).toMatchObject({ stale: false })
      // A later record of the same id is no evidence that came back.
      await hive.record(experience({ id: b }))
      expect(await hive.getInsight(id)).toMatchObject({ stale: true, lostSources: [b, a] })
    })

    it('test_insight_collective_cascade_delete', async () => {
      const hive = await store.collective()
      await hive.storeInsight(insight(await recorded(hive, 1)))
      await hive.deleteCollective()
      const anew = await store.waggle.createCollective({ id: hive.id, name: 'anew', dimension: DIMENSION })
      expect([...(await everyInsight(anew)), ...(await anew.insights({ embedding: [1, 0, 0, 0] }))]).toEqual([])
    })

    it('lists page by page, by cursor and by offset, oldest first; vectors when asked for', async () => {
      const hive = await store.collective()
      const sources = await recorded(hive, 1)
      const ids: string[] = []
      for (let n = 0; n < 7; n += 1) ids.push((await hive.storeInsight(insight(sources))).id)
      expect(idsOf(await everyInsight(hive, 3))).toEqual(ids)
      const { items } = await hive.listInsights({ limit: 2, offset: 4 })
      expect(idsOf(items)).toEqual(ids.slice(4, 6))
      expect(items[0]).not.toHaveProperty('embedding')
      expect((await hive.listInsights({ offset: 7 })).items).toEqual([])
    })

    it('P1 insights survive a restart, and are found', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: DIMENSION })
        const [gone, kept] = (await recorded(hive, 2)) as [string, string]
        const { id } = await hive.storeInsight(insight([gone, kept]))
        await hive.delete(gone)
        const before = await hive.getInsight(id)
        const again = await (await own.reopen()).collective('kept')
        expect(await again.getInsight(id)).toEqual(before)
        expect((await again.insights({ embedding: [1, 1, 0, 0] })).map((hit) => hit.insight.id)).toEqual([id])
        await again.delete(kept)
        expect(await again.getInsight(id)).toMatchObject({ lostSources: [gone, kept] })
      })
    })
  })

  describe('bad insights', () => {
    const store = sharedStore(open)
    const source = givenId(1)

    it.each<[string, object, string, string]>([
      ['test_insight_empty_content_rejected', { content: '' }, 'REQUIRED_FIELD', 'content'],
      ['content of 51,201 bytes', { content: 'x'.repeat(51_201) }, 'CONTENT_TOO_LARGE', 'content'],
      ['test_insight_confidence_validation: 1.5', { confidence: 1.5 }, 'INVALID_FIELD', 'confidence'],
      ['test_insight_confidence_validation: -0.1', { confidence: -0.1 }, 'INVALID_FIELD', 'confidence'],
      ['test_insight_empty_sources_rejected', { sources: [] }, 'REQUIRED_FIELD', 'sources'],
      ['test_insight_too_many_sources_rejected', { sources: Array(101).fill(source) }, 'TOO_MANY_ITEMS', 'sources'],
      ['a source that is no id', { sources: [source, 'x'] }, 'INVALID_FIELD', 'sources[1]'],
      ['test_insight_source_validation', { sources: [source, givenId(9)] }, 'NOT_FOUND', 'sources[1]'],
      ['no type', { type: undefined }, 'REQUIRED_FIELD', 'type'],
      ['an unknown type', { type: 'hunch' }, 'INVALID_FIELD', 'type'],
      ['no embedding', { embedding: undefined }, 'REQUIRED_FIELD', 'embedding'],
      ['test_insight_embedding_dimension_validation', { embedding: [1, 2] }, 'DIMENSION_MISMATCH', 'embedding'],
      ['an embedding of zeros', { embedding: [0, 0, 0, 0] }, 'INVALID_FIELD', 'embedding'],
      ['an embedding with NaN', { embedding: [1, NaN, 0, 0] }, 'INVALID_FIELD', 'embedding[1]'],
      ['51 tags', { domain: Array(51).fill('x') }, 'TOO_MANY_ITEMS', 'domain'],
      ['an unknown field', { importance: 1 }, 'UNKNOWN_FIELD', 'importance'],
    ])('P10 %s is refused, and nothing is stored', async (_title, fields, code, field) => {
      const hive = await store.collective()
      await hive.record(experience({ id: source }))
      await expectRefusal(hive.storeInsight({ ...insight([source]), ...fields }), code, field)
      expect((await hive.stats()).insightCount).toBe(0)
      await hive.storeInsight(insight(Array<string>(100).fill(source), { content: 'x'.repeat(51_200), confidence: 1 }))
    })

    it('P10 of several broken rules the published first one is named', async () => {
      const hive = await store.collective()
      const broken = { content: '', confidence: 2, sources: [], embedding: [1] }
      const store_ = (fields: object) => hive.storeInsight({ ...insight([]), ...broken, ...fields })
      await expectRefusal(store_({}), 'REQUIRED_FIELD', 'content')
      await expectRefusal(store_({ content: 'x' }), 'INVALID_FIELD', 'confidence')
      await expectRefusal(store_({ content: 'x', confidence: 1 }), 'REQUIRED_FIELD', 'sources')
      await expectRefusal(store_({ content: 'x', confidence: 1, sources: [source] }), 'NOT_FOUND', 'sources[0]')
    })

    it('P10 a query is judged: k, dimension, an embedding that is none, a collective that is gone', async () => {
      const hive = await store.collective()
      const query = { embedding: [1, 0, 0, 0] }
      for (const k of [-1, 1001, 1.5]) await expectRefusal(hive.insights({ ...query, k }), 'INVALID_FIELD', 'k')
      await expectRefusal(hive.insights({ embedding: [1, 0] }), 'DIMENSION_MISMATCH', 'embedding')
      await expectRefusal(hive.insights({ embedding: [0, 0, 0, 0] }), 'INVALID_FIELD', 'embedding')
      await expectRefusal(hive.insights({}), 'REQUIRED_FIELD', 'embedding')
      await expectRefusal(hive.insights({ text: 'no embedder' }), 'REQUIRED_FIELD', 'embedding')
      await hive.deleteCollective()
      expect((await refusal(hive.insights(query))).details.entity).toBe('collective')
    })

    it('P12 test_insight_cross_collective_rejected: evidence of another collective is absent', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      const sources = await recorded(right, 1)
      await expectRefusal(left.storeInsight(insight(sources)), 'NOT_FOUND', 'sources[0]')
      const { id } = await right.storeInsight(insight(sources))
      expect(await left.getInsight(id)).toBeUndefined()
      expect(await left.insights({ embedding: [1, 0, 0, 0] })).toEqual([])
      await expectRefusal(left.deleteInsight(id), 'NOT_FOUND')
      expect(await right.getInsight(id)).toBeDefined()
    })

    it('P10 a given id is used, once', async () => {
      const hive = await store.collective()
      const sources = await recorded(hive, 1)
      const { id } = await hive.storeInsight(insight(sources, { id: givenId(5) }))
      expect(id).toBe(givenId(5))
      await expectRefusal(hive.storeInsight(insight(sources, { id })), 'ALREADY_EXISTS', 'id')
    })
  })
}
