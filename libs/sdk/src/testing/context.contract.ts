/** What an agent should know before it starts: near, recent, concluded, related, and who is there, of one moment. */
import { describe, expect, it } from 'vitest'
import type { ContextInput } from '../inputs.ts'
import { experience, exported, expectRefusal, givenId, idsOf, insight, recorded, relation } from './samples.ts'
import { sharedStore, type OpenStore } from './store-under-test.ts'

const query: ContextInput = { embedding: [1, 0, 0, 0] }

export const contextContract = (open: OpenStore): void => {
  describe('context', () => {
    const store = sharedStore(open)

    /** Ten experiences, the first the nearest; two related, one concluded from, one agent. */
    const filled = async () => {
      const hive = await store.collective()
      const { ids } = await hive.recordMany(
        Array.from({ length: 10 }, (_, n) =>
          experience({ embedding: [1, n / 10, 0, 0], importance: n / 10, domain: [n % 2 === 0 ? 'even' : 'odd'] }),
        ),
      )
      const { id: near } = await hive.relate(relation(ids[0]!, ids[1]!))
      const { id: concluded } = await hive.storeInsight(insight([ids[0]!]))
      await hive.activity.register({ agent: 'scout' })
      return { hive, ids, near, concluded }
    }

    it('test_context_includes_similar, test_context_includes_recent: as search and recent give them', async () => {
      const { hive, ids } = await filled()
      const found = await hive.context({ ...query, maxSimilar: 3, maxRecent: 4 })
      expect(found.similar).toEqual((await hive.search({ ...query, k: 3 })).results)
      expect(found.recent).toEqual(await hive.recent({ limit: 4 }))
      expect(idsOf(found.similar.map((hit) => hit.experience))).toEqual(ids.slice(0, 3))
      expect(typeof found.token).toBe('string')
    })

    it.each([
      'test_context_includes_insights, test_context_includes_relations, test_context_includes_active_agents: all three',
    ])('%s', async () => {
      const { hive, near, concluded } = await filled()
      const { insights, relations, activeAgents } = await hive.context(query)
      expect(insights.map(({ id }) => id)).toEqual([concluded])
      expect(relations).toEqual([await hive.getRelation(near)])
      expect(activeAgents).toEqual(await hive.activity.active())
    })

    it('test_context_respects_flags: what is not wanted is empty, the experiences are still there', async () => {
      const { hive } = await filled()
      const flags = { includeInsights: false, includeRelations: false, includeActiveAgents: false }
      const { similar, recent, insights, relations, activeAgents } = await hive.context({ ...query, ...flags })
      expect([insights, relations, activeAgents]).toEqual([[], [], []])
      expect([similar.length, recent.length]).toEqual([10, 10])
    })

    it('test_context_respects_filters: on the near and on the recent ones', async () => {
      const { hive, ids } = await filled()
      const filter = { domains: ['even'], minImportance: 0.35 }
      const { similar, recent } = await hive.context({ ...query, filter })
      expect(idsOf(similar.map((hit) => hit.experience))).toEqual([ids[4], ids[6], ids[8]])
      expect(idsOf(recent)).toEqual([ids[8], ids[6], ids[4]])
    })

    it('test_context_relations_deduplicated: each once, in the order of the experiences, both directions', async () => {
      const hive = await store.collective()
      const [a, b, c, far] = (await recorded(hive, 4)) as [string, string, string, string]
      const first = await hive.relate(relation(a, b))
      const second = await hive.relate(relation(b, a, { type: 'implies' }))
      const third = await hive.relate(relation(far, c))
      const { relations } = await hive.context({ ...query, filter: { includeArchived: true } })
      expect(new Set(idsOf(relations))).toEqual(new Set([first.id, second.id, third.id]))
      expect(relations).toHaveLength(3)
      const one = await hive.context({ ...query, maxSimilar: 1, maxRecent: 1 })
      expect(idsOf(one.relations)).toContain(third.id)
    })

    it('weights order the near ones; vectors come when they are asked for', async () => {
      const hive = await store.collective()
      await hive.restore([
        exported(givenId(1), { embedding: [1, 0, 0, 0], importance: 0.1 }),
        exported(givenId(2), { embedding: [0, 1, 0, 0], importance: 1 }),
      ])
      const asked = { ...query, weights: { similarity: 0.1, energy: 0.9 }, now: 1_700_000_000_000 }
      const { similar } = await hive.context(asked, { include: ['embedding'] })
      expect(similar).toEqual((await hive.search({ ...asked, include: ['embedding'] })).results)
      expect(similar.map((hit) => hit.experience.id)).toEqual([givenId(2), givenId(1)])
    })

    it('test_context_empty_collective: nothing of nothing', async () => {
      const { token: _, ...lists } = await (await store.collective()).context(query)
      expect(lists).toEqual({ similar: [], recent: [], insights: [], relations: [], activeAgents: [] })
    })

    it('a text serves where the collective has an embedder', async () => {
      const hive = await store.collective({ dimension: 64, embedder: 'hashing' })
      const { id } = await hive.record({ content: 'the ledger locks at noon' })
      await hive.record({ content: 'cats are small' })
      const { similar } = await hive.context({ text: 'when does the ledger lock?', maxSimilar: 1 })
      expect(similar.map((hit) => hit.experience.id)).toEqual([id])
    })

    it('is of one moment: what is written together is seen together', async () => {
      const hive = await store.collective()
      const odd: string[] = []
      const write = async () => {
        for (let n = 1; n <= 20; n += 1)
          await hive.commit([
            { operation: 'experience.record', ...experience({ id: givenId(2 * n) }) },
            { operation: 'experience.record', ...experience({ id: givenId(2 * n + 1) }) },
            { operation: 'relation.create', ...relation(givenId(2 * n), givenId(2 * n + 1)) },
            { operation: 'insight.store', ...insight([givenId(2 * n)]) },
          ])
      }
      let isOver = false
      const read = async () => {
        while (!isOver) {
          const { similar, recent, relations, insights } = await hive.context({
            ...query,
            maxSimilar: 1000,
            maxRecent: 1000,
          })
          const counts = [similar.length, recent.length, 2 * relations.length, 2 * insights.length]
          if (new Set(counts).size !== 1) odd.push(counts.join(' '))
        }
      }
      const readers = [read(), read()]
      await write().finally(() => {
        isOver = true
      })
      await Promise.all(readers)
      expect(odd).toEqual([])
    })

    it('P12 nothing of another collective', async () => {
      const { hive } = await filled()
      await filled()
      const { similar, recent, insights, relations, activeAgents } = await hive.context({ ...query, maxRecent: 1000 })
      expect([similar, recent, insights, relations, activeAgents].map(({ length }) => length)).toEqual([
        10, 10, 1, 1, 1,
      ])
    })

    it('P10 test_context_validation_invalid_limits, test_context_validation_dimension_mismatch', async () => {
      const hive = await store.collective()
      for (const name of ['maxSimilar', 'maxRecent'])
        for (const value of [0, 1001])
          await expectRefusal(hive.context({ ...query, [name]: value }), 'INVALID_FIELD', name)
      const fault = await expectRefusal(hive.context({ embedding: [1, 0] }), 'DIMENSION_MISMATCH', 'embedding')
      expect(fault.message).toContain('dimension')
      await expectRefusal(hive.context({}), 'REQUIRED_FIELD', 'embedding')
      await expectRefusal(hive.context({ ...query, includeInsights: 1 as never }), 'INVALID_FIELD', 'includeInsights')
      const weights = { similarity: 1, energy: 1 }
      await expectRefusal(hive.context({ ...query, weights }), 'INVALID_FIELD', 'weights')
    })

    it('test_context_validation_nonexistent_collective: NOT_FOUND', async () => {
      const hive = await store.collective()
      await hive.deleteCollective()
      await expectRefusal(hive.context(query), 'NOT_FOUND')
    })
  })
}
