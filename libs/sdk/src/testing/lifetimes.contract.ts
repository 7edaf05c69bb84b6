/** Lifetimes: what has expired is not to be seen, and watchers are told when it goes. */
import { describe, expect, it } from 'vitest'
import { experience, expectRefusal, idsOf } from './samples.ts'
import { sharedStore, type OpenStore } from './store-under-test.ts'

const TTL_MS = 300
const PATIENT = { timeout: 15_000, interval: 25 }

export const lifetimesContract = (open: OpenStore): void => {
  describe('lifetimes', () => {
    const store = sharedStore(open)

    it('P6 P7 an experience is seen until its time, nowhere from then on, and watchers see it go', async () => {
      const hive = await store.collective()
      const { changes: none, next } = await hive.poll()
      expect(none).toEqual([])
      const kept = await hive.record(experience())
      const brief = await hive.record({ ...experience(), ttlMs: TTL_MS })
      const long = await hive.record({ ...experience(), ttlMs: 3_600_000 })
      expect((await hive.get(long.id))?.expiresAt).toBe((await hive.get(long.id))!.createdAt + 3_600_000)
      await expect.poll(() => hive.get(brief.id), PATIENT).toBeUndefined()
      const left = [kept.id, long.id]
      expect(idsOf((await hive.list()).items)).toEqual(left)
      const { results } = await hive.search({ embedding: experience().embedding, k: 3 })
      expect(results.map(({ experience: { id } }) => id).sort()).toEqual(left.toSorted())
      expect((await hive.stats()).experienceCount).toBe(2)
      await expectRefusal(hive.reinforce(brief.id), 'NOT_FOUND')
      const deletions = async () =>
        (await hive.poll({ from: next })).changes.filter(({ kind }) => kind === 'deleted').map(({ id }) => id)
      await expect.poll(deletions, PATIENT).toEqual([brief.id])
    })

    it('an update gives a lifetime, and takes it', async () => {
      const hive = await store.collective()
      const { id } = await hive.record({ ...experience(), ttlMs: 3_600_000 })
      await hive.update(id, {}, { ttlMs: null })
      expect(await hive.get(id)).not.toHaveProperty('expiresAt')
      await hive.update(id, {}, { ttlMs: 1 })
      await expect.poll(() => hive.get(id), PATIENT).toBeUndefined()
    })

    it('keys, vectors, payloads and memories have lifetimes, too', async () => {
      const { keys, vectors, payloads, pages, dimension } = await store.collective()
      const id = '11111111-1111-4111-8111-111111111111'
      const memory = { id, agentId: id, memoryType: 'semantic', content: 'x', createdAt: 1, accessedAt: 1 } as const
      await keys.put([['k', 'v']], { ttlMs: TTL_MS })
      await vectors.store(7, new Float32Array(dimension).fill(1), { ttlMs: TTL_MS })
      await payloads.store(7, { a: 1 }, { ttlMs: TTL_MS })
      await pages.storeMemory(memory, { ttlMs: TTL_MS })
      const seen = async () => [
        await keys.get('k'),
        await vectors.get(7),
        await payloads.get(7),
        await pages.loadMemory(id),
      ]
      await expect.poll(seen, PATIENT).toEqual([undefined, undefined, undefined, undefined])
      expect([(await keys.status()).keyCount, await vectors.count(), await payloads.count()]).toEqual([0, 0, 0])
    })

    it('P10 a lifetime that is none is refused', async () => {
      const hive = await store.collective()
      for (const ttlMs of [0, -1, 0.5, Infinity])
        await expectRefusal(hive.record({ ...experience(), ttlMs }), 'INVALID_FIELD', 'ttlMs')
      await expectRefusal(hive.keys.put([['k', 'v']], { ttlMs: 0 }), 'INVALID_FIELD', 'ttlMs')
    })
  })
}
