/** What is apart: collectives from one another, and tenants from one another (P12). */
import { describe, expect, it } from 'vitest'
import type { Waggle } from '../waggle.ts'
import { everything, experience, expectRefusal, givenId, idsOf, insight, noStats, relation } from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

export const isolationContract = (open: OpenStore): void => {
  describe('isolation of collectives', () => {
    const store = sharedStore(open)

    it('test_experiences_across_multiple_collectives: ids and counts are separate', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      const { ids } = await left.recordMany([experience(), experience()])
      const { id } = await right.record(experience())
      expect([(await left.stats()).experienceCount, (await right.stats()).experienceCount]).toEqual([2, 1])
      expect(idsOf(await everything(left))).toEqual(ids)
      expect(await left.get(id)).toBeUndefined()
      expect(await left.getMany([id, ids[0]!])).toMatchObject([undefined, { id: ids[0] }])
    })

    it('P12 a record of another collective is absent to every method', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      const { id } = await right.record(experience())
      const calls = [
        left.update(id, { importance: 1 }),
        left.archive(id),
        left.unarchive(id),
        left.reinforce(id),
        left.delete(id),
      ]
      await Promise.all(calls.map((call) => expectRefusal(call, 'NOT_FOUND')))
      expect(await right.get(id)).toMatchObject({ version: 1, archived: false })
    })

    it('P12 the same id may be given in two collectives, and they are two records', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      const id = givenId(1)
      await left.record(experience({ id, content: 'left' }))
      await right.record(experience({ id, content: 'right' }))
      await left.delete(id)
      expect((await right.get(id))?.content).toBe('right')
    })

    it('P12 a field that would name another collective is refused', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      const elsewhere = { collective: right.id } as object
      await expectRefusal(left.record({ ...experience(), ...elsewhere }), 'UNKNOWN_FIELD', 'collective')
      await expectRefusal(
        left.recordMany([{ ...experience(), ...elsewhere }]),
        'UNKNOWN_FIELD',
        'experiences[0].collective',
      )
      await expectRefusal(left.list(elsewhere), 'UNKNOWN_FIELD', 'collective')
      await expectRefusal(left.search({ embedding: [1, 0, 0, 0], ...elsewhere }), 'UNKNOWN_FIELD', 'collective')
    })

    it.each(['test_delete_collective_cascades_experiences, test_cascade_delete_does_not_affect_other_collectives'])(
      '%s',
      async () => {
        const [gone, kept] = [await store.collective({ name: 'gone' }), await store.collective()]
        await gone.recordMany([experience(), experience(), experience()])
        const { ids } = await kept.recordMany([experience(), experience()])
        const before = await everything(kept)
        await gone.deleteCollective()
        const anew = await store.waggle.createCollective({ id: gone.id, name: 'anew', dimension: DIMENSION })
        expect(await anew.stats()).toEqual(noStats)
        expect(await everything(anew)).toEqual([])
        expect((await anew.search({ embedding: [1, 0, 0, 0] })).results).toEqual([])
        expect(await everything(kept)).toEqual(before)
        expect(
          idsOf((await kept.search({ embedding: [1, 0, 0, 0] })).results.map((hit) => hit.experience)).toSorted(),
        ).toEqual(ids.toSorted())
      },
    )

    it('a large collective that was deleted never comes back, also when its id is used again at once', async () => {
      const id = givenId(500)
      for (let life = 0; life < 3; life += 1) {
        const hive = await store.waggle.createCollective({ id, name: `life ${life}`, dimension: DIMENSION })
        const { ids } = await hive.recordMany(
          Array.from({ length: 700 }, (_, n) => experience({ id: givenId(n), content: `life ${life}` })),
        )
        await hive.archive(ids[0]!)
        expect(await hive.stats()).toMatchObject({ experienceCount: 700, archivedCount: 1 })
        const contents = new Set((await everything(hive)).map(({ content }) => content))
        expect([...contents]).toEqual([`life ${life}`])
        const { results } = await hive.search({ embedding: [1, 0, 0, 0], k: 1000 })
        expect(results).toHaveLength(699)
        await hive.deleteCollective()
      }
    })
  })

  describe('isolation of tenants', () => {
    it('P12 what one tenant has is absent to another: by id, by name, in lists, by caller-given ids', async () => {
      await withStore(open, async (own) => {
        const mine = await own.waggle.createCollective({ id: givenId(1), name: 'mine', dimension: DIMENSION })
        const { id } = await mine.record(experience({ id: givenId(2) }), { idempotencyKey: 'k' })
        const theirs = await own.reopen({ tenant: 'other' })
        expect(await theirs.collectives()).toEqual([])
        for (const wanted of [mine.id, 'mine']) await expectRefusal(theirs.collective(wanted), 'NOT_FOUND')
        // The id behaves as absent, also where the caller chooses it.
        const hive = await theirs.createCollective({ id: mine.id, name: 'mine', dimension: DIMENSION })
        expect(await hive.get(id)).toBeUndefined()
        expect(await hive.stats()).toEqual(noStats)
        expect((await hive.search({ embedding: [1, 0, 0, 0] })).results).toEqual([])
        const given = await hive.record(experience({ id, content: 'theirs' }), { idempotencyKey: 'k' })
        expect(given.id).toBe(id)
        const back = await (await own.reopen()).collective('mine')
        expect(await back.get(id)).toMatchObject({ content: experience().content, version: 1 })
        await back.deleteCollective()
        const stillTheirs = await (await own.reopen({ tenant: 'other' })).collective('mine')
        expect((await stillTheirs.get(id))?.content).toBe('theirs')
      })
    })

    it('P12 nor are relations, insights, activities, changes or cursors, though the ids are the same', async () => {
      await withStore(open, async (own) => {
        const ids = [givenId(2), givenId(3)] as const
        const fill = async (waggle: Waggle) => {
          const hive = await waggle.createCollective({ id: givenId(1), name: 'same', dimension: DIMENSION })
          await hive.recordMany(ids.map((id) => experience({ id })))
          return hive
        }
        const mine = await fill(own.waggle)
        const { id: related } = await mine.relate(relation(...ids, { id: givenId(4) }))
        const { id: concluded } = await mine.storeInsight(insight(ids, { id: givenId(5) }))
        await mine.activity.register({ agent: 'scout' })
        const { next: cursor } = await mine.poll({ from: 'start' })
        await mine.cursors.save('mirror', cursor)
        const theirs = await fill(await own.reopen({ tenant: 'other' }))
        expect([await theirs.getRelation(related), await theirs.getInsight(concluded)]).toEqual([undefined, undefined])
        expect([...(await theirs.related(ids[0])), ...(await theirs.insights({ embedding: [1, 0, 0, 0] }))]).toEqual([])
        expect([...(await theirs.activity.active()), ...(await theirs.cursors.list())]).toEqual([])
        const refusals = [theirs.unrelate(related), theirs.deleteInsight(concluded), theirs.activity.end('scout')]
        await Promise.all(refusals.map((call) => expectRefusal(call, 'NOT_FOUND')))
        await expectRefusal(theirs.cursors.drop('mirror'), 'NOT_FOUND', 'name')
        expect(await theirs.poll({ from: cursor })).toMatchObject({ changes: [], lost: true })
        const { changes } = await theirs.poll({ from: 'start' })
        expect(changes.map(({ entity }) => entity)).toEqual(['collective', 'experience', 'experience'])
        // The other tenant's writes under the same ids touch nothing here.
        await theirs.relate(relation(...ids, { id: related, strength: 0 }))
        await theirs.delete(ids[0])
        const back = await (await own.reopen()).collective('same')
        expect(await back.getRelation(related)).toMatchObject({ strength: 1 })
        expect(await back.getInsight(concluded)).toMatchObject({ stale: false })
        expect((await back.poll({ from: cursor })).changes).toEqual([])
      })
    })

    it('P12 equal names and keys of two tenants lead to collectives of their own', async () => {
      await withStore(open, async (own) => {
        const options = { idempotencyKey: 'k' }
        const fields = { name: 'team', dimension: DIMENSION }
        const first = await own.waggle.getOrCreateCollective(fields, options)
        const made = await own.waggle.createCollective(fields, { idempotencyKey: 'made' })
        const other = await own.reopen({ tenant: 'other' })
        const second = await other.getOrCreateCollective(fields, options)
        const madeToo = await other.createCollective(fields, { idempotencyKey: 'made' })
        expect(new Set([first.id, second.id, made.id, madeToo.id]).size).toBe(4)
      })
    })
  })
}
