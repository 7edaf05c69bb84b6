/** Statistics of a collective: computed, not guessed. */
import { describe, expect, it } from 'vitest'
import {
  everything,
  experience,
  exported,
  givenId,
  insight,
  memoryInput,
  noStats,
  recorded,
  relation,
} from './samples.ts'
import { sharedStore, withStore, type OpenStore } from './store-under-test.ts'

export const statisticsContract = (open: OpenStore): void => {
  describe('statistics', () => {
    const store = sharedStore(open)

    it('relations and insights are counted, and their bytes, until they go', async () => {
      const hive = await store.collective()
      const [a, b] = (await recorded(hive, 2)) as [string, string]
      const { storageBytes } = await hive.stats()
      const { id: related } = await hive.relate(relation(a, b, { metadata: 'x'.repeat(5_000) }))
      const { id: concluded } = await hive.storeInsight(insight([a, b], { content: 'x'.repeat(5_000) }))
      const full = await hive.stats()
      expect(full).toMatchObject({ experienceCount: 2, relationCount: 1, insightCount: 1 })
      expect(full.storageBytes).toBeGreaterThan(storageBytes + 10_000)
      await hive.unrelate(related)
      await hive.deleteInsight(concluded)
      expect((await hive.stats()).storageBytes).toBe(storageBytes)
      await hive.relate(relation(a, b))
      await hive.storeInsight(insight([a]))
      await hive.delete(a)
      expect(await hive.stats()).toMatchObject({ experienceCount: 1, relationCount: 0, insightCount: 1 })
    })

    it('keys, vectors, payloads and pages are counted, and their bytes, until they go', async () => {
      const hive = await store.collective()
      await hive.keys.put([
        ['a', 'x'.repeat(1_000)],
        ['a', 'x'.repeat(500)],
        ['b', ''],
      ])
      expect(await hive.stats()).toEqual({ ...noStats, keyCount: 2, storageBytes: 502 })
      await hive.vectors.storeMany([
        { id: 1, vector: [1, 2, 3, 4] },
        { id: 2, vector: [0, 0, 0, 0] },
      ])
      await hive.payloads.store(1, 'x'.repeat(998))
      expect(await hive.stats()).toEqual({
        ...{ ...noStats, keyCount: 2, vectorCount: 2, payloadCount: 1, storageBytes: 502 + 32 + 1_000 },
      })
      await hive.pages.allocate()
      await hive.pages.storeMemory(memoryInput(1, 'x'.repeat(100_000)))
      const full = await hive.stats()
      expect(full).toMatchObject({ keyCount: 2, vectorCount: 2, payloadCount: 1, pageCount: 3 })
      expect(full.storageBytes).toBeGreaterThan(101_534)
      expect(full.storageBytes).toBeLessThan(102_500)
      await hive.keys.delete(['a', 'b', 'c'])
      await hive.vectors.deleteMany([1, 2, 3])
      await hive.payloads.delete(1)
      await hive.pages.deleteMemory(givenId(1))
      expect(await hive.stats()).toEqual({ ...noStats, pageCount: 1, storageBytes: 32 })
      await hive.pages.deleteMemory(1)
      expect(await hive.stats()).toEqual(noStats)
    })

    it('test_get_collective_stats: zeros and no times for a new one', async () => {
      expect(await (await store.collective()).stats()).toEqual(noStats)
    })

    it('test_collective_stats_reflect_experience_count, test_delete_experience_removes_from_stats', async () => {
      const hive = await store.collective()
      const counts = [(await hive.stats()).experienceCount]
      const ids: string[] = []
      for (let turn = 0; turn < 2; turn += 1) {
        ids.push((await hive.record(experience())).id)
        counts.push((await hive.stats()).experienceCount)
      }
      for (const id of ids) {
        await hive.delete(id)
        counts.push((await hive.stats()).experienceCount)
      }
      expect(counts).toEqual([0, 1, 2, 1, 0])
    })

    it('test_multiple_experiences_in_same_collective: ten distinct records intact, and counted', async () => {
      const hive = await store.collective()
      const contents = Array.from({ length: 10 }, (_, n) => `record ${n}`)
      for (const content of contents) await hive.record(experience({ content }))
      expect((await everything(hive)).map(({ content }) => content)).toEqual(contents)
      expect((await hive.stats()).experienceCount).toBe(10)
    })

    it('archived records are counted, however often a flag is set', async () => {
      const hive = await store.collective()
      const { ids } = await hive.recordMany([experience(), experience(), experience()])
      const counts: number[] = []
      const count = async () => counts.push((await hive.stats()).archivedCount)
      for (const change of [
        () => hive.archive(ids[0]!),
        () => hive.archive(ids[0]!),
        () => hive.update(ids[1]!, { archived: true }),
        () => hive.unarchive(ids[0]!),
        () => hive.delete(ids[1]!),
        () => hive.delete(ids[0]!),
        () => hive.update(ids[2]!, { archived: false }),
      ]) {
        await change()
        await count()
      }
      expect(counts).toEqual([1, 1, 2, 1, 0, 0, 0])
      expect((await hive.stats()).experienceCount).toBe(1)
    })

    it('bytes rise with what is stored and fall to 0 when it is deleted, whatever happened in between', async () => {
      const hive = await store.collective()
      const { ids } = await hive.recordMany([experience(), experience({ content: 'x'.repeat(5_000) })])
      const { storageBytes } = await hive.stats()
      expect(storageBytes).toBeGreaterThan(5_000 + 2 * 16)
      expect(storageBytes).toBeLessThan(7_000)
      await hive.update(ids[0]!, { domain: Array.from({ length: 50 }, () => 't'.repeat(100)) })
      expect((await hive.stats()).storageBytes).toBeGreaterThan(storageBytes + 5_000)
      await hive.update(ids[0]!, { domain: [] })
      await hive.archive(ids[0]!)
      for (let turn = 0; turn < 3; turn += 1) await hive.reinforce(ids[1]!)
      await hive.restore([exported(givenId(1), { applications: 70_000, archived: true })])
      for (const id of [...ids, givenId(1)]) await hive.delete(id)
      expect(await hive.stats()).toEqual(noStats)
    })

    it('oldest and newest are times of recording, and change with what is deleted', async () => {
      const hive = await store.collective()
      const times = [3000, 1000, 2000]
      await hive.restore(times.map((createdAt, n) => exported(givenId(n), { createdAt, lastReinforced: 9000 })))
      expect(await hive.stats()).toMatchObject({ oldestExperience: 1000, newestExperience: 3000 })
      await hive.delete(givenId(1))
      expect(await hive.stats()).toMatchObject({ oldestExperience: 2000, newestExperience: 3000 })
      await hive.delete(givenId(0))
      expect(await hive.stats()).toMatchObject({ oldestExperience: 2000, newestExperience: 2000 })
      await hive.delete(givenId(2))
      expect(await hive.stats()).toEqual(noStats)
    })

    it('P1 statistics survive a restart', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: 4 })
        const { ids } = await hive.recordMany([experience(), experience(), experience()])
        await hive.archive(ids[0]!)
        await hive.delete(ids[1]!)
        const before = await hive.stats()
        expect(before).toMatchObject({ experienceCount: 2, archivedCount: 1 })
        expect(await (await (await own.reopen()).collective('kept')).stats()).toEqual(before)
      })
    })
  })

  describe('usage of a tenant', () => {
    it('P12 adds up over its collectives, wherever they live, and nobody else’s', async () => {
      await withStore(open, async (own) => {
        expect(await own.waggle.usage()).toEqual({ collectiveCount: 0, ...noStats })
        const hives = []
        for (let n = 0; n < 6; n += 1)
          hives.push(await own.waggle.createCollective({ name: `hive ${n}`, dimension: 4 }))
        for (const [n, hive] of hives.entries()) {
          const [first, second] = (await recorded(hive, n + 2)) as [string, string]
          await hive.relate(relation(first, second))
          await hive.storeInsight(insight([first]))
          await hive.archive(second)
          await hive.keys.put([['key', 'value']])
          await hive.vectors.storeMany([1, 2].map((id) => ({ id, vector: [1, 2, 3, n] })))
          await hive.payloads.store(n, { n })
          await hive.pages.storeMemory(memoryInput(n, 'x'.repeat(70_000)))
        }
        const usage = await own.waggle.usage()
        const stats = await Promise.all(hives.map(async (hive) => hive.stats()))
        const storageBytes = stats.reduce((sum, each) => sum + each.storageBytes, 0)
        expect(usage).toEqual({
          ...{ collectiveCount: 6, experienceCount: 27, archivedCount: 6, relationCount: 6, insightCount: 6 },
          ...{ keyCount: 6, vectorCount: 12, payloadCount: 6, pageCount: 12, storageBytes },
        })
        await hives[0]!.deleteCollective()
        expect(await own.waggle.usage()).toMatchObject({ collectiveCount: 5, experienceCount: 25, relationCount: 5 })
        expect(await (await own.reopen({ tenant: 'other' })).usage()).toEqual({ collectiveCount: 0, ...noStats })
      })
    })
  })
}
