/** Vectors by ids of 64 bits: what is stored is found, by its id and by what is near it. */
import { limits } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { VectorItemInput } from '../points/point-inputs.ts'
import { expectRefusal, float32, seeded, wholeVector } from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

const UINT64_MAX = 2n ** 64n - 1n

export const vectorsContract = (open: OpenStore): void => {
  describe('vectors', () => {
    const store = sharedStore(open)
    const vectorsOf = async () => (await store.collective()).vectors

    it('are stored, replaced and deleted by ids that are exact beyond 2^53', async () => {
      const vectors = await vectorsOf()
      const near = 2n ** 53n
      await vectors.store(near, [1, 2, 3, 4])
      await vectors.store(near + 1n, float32([5, 6, 7, 8]))
      await vectors.store('18446744073709551615', new Float32Array([9, 0, 1, 2, 3]).subarray(1))
      await vectors.store(7, [0, 0, 0, 0])
      expect(await vectors.ids()).toEqual([7n, near, near + 1n, UINT64_MAX])
      expect(await vectors.get(near)).toEqual(float32([1, 2, 3, 4]))
      expect(await vectors.getMany([UINT64_MAX, 8, near + 1n])).toEqual([
        ...[float32([0, 1, 2, 3]), undefined, float32([5, 6, 7, 8])],
      ])
      await vectors.store(near, [4, 3, 2, 1])
      await vectors.delete(near + 1n)
      await vectors.delete(12345)
      await vectors.deleteMany([7, UINT64_MAX])
      expect([await vectors.ids(), await vectors.count()]).toEqual([[near], 1])
      expect([await vectors.get(near), await vectors.get(7)]).toEqual([float32([4, 3, 2, 1]), undefined])
    })

    it('P3 many go all or none; the last of a repeated id wins, and the count is of what was given', async () => {
      const vectors = await vectorsOf()
      const { count } = await vectors.storeMany([
        { id: 1, vector: [1, 0, 0, 0] },
        [2n, [2, 0, 0, 0]],
        ['1', float32([3, 0, 0, 0])],
      ])
      expect([count, await vectors.count(), await vectors.get(1)]).toEqual([3, 2, float32([3, 0, 0, 0])])
      const refused = async (item: unknown, code: string, field: string) =>
        expectRefusal(vectors.storeMany([{ id: 9, vector: [1, 1, 1, 1] }, item as VectorItemInput]), code, field)
      await refused({ id: 3, vector: [1, 2, 3] }, 'DIMENSION_MISMATCH', 'items[1].vector')
      await refused({ id: 3, vector: [1, 2, 3, NaN] }, 'INVALID_FIELD', 'items[1].vector[3]')
      await refused({ id: -1, vector: [1, 2, 3, 4] }, 'INVALID_FIELD', 'items[1].id')
      await refused({ id: UINT64_MAX + 1n, vector: [1, 2, 3, 4] }, 'INVALID_FIELD', 'items[1].id')
      await refused({ id: '01', vector: [1, 2, 3, 4] }, 'INVALID_FIELD', 'items[1].id')
      await refused([3], 'INVALID_FIELD', 'items[1]')
      await refused({ id: 3 }, 'REQUIRED_FIELD', 'items[1].vector')
      expect(await vectors.ids()).toEqual([1n, 2n])
      const many = Array.from({ length: limits.POINTS_PER_BATCH_MAX + 1 }, (): VectorItemInput => [1, [1, 1, 1, 1]])
      await expectRefusal(vectors.storeMany(many), 'TOO_MANY_ITEMS', 'items')
    })

    it('ids of more than a reply come whole, ascending', async () => {
      const vectors = await vectorsOf()
      const ids = Array.from({ length: 2_500 }, (_, n) => BigInt(n) * 3n + 2n ** 60n)
      await vectors.storeMany(ids.map((id): VectorItemInput => [id, [1, 0, 0, 0]]).toReversed())
      expect(await vectors.ids()).toEqual(ids)
    })

    it('P7 a search finds exactly the k nearest by any metric, as a naive one does', async () => {
      const vectors = await vectorsOf()
      const random = seeded(11)
      const all = Array.from({ length: 120 }, (_, n) => ({ id: BigInt(n), vector: wholeVector(random) }))
      await vectors.storeMany(all)
      const query = [1, -2, 3, 1]
      const dot = (vector: readonly number[]) => vector.reduce((sum, x, at) => sum + x * query[at]!, 0)
      const naive = {
        dot: all.map(({ id, vector }) => ({ id, score: dot(vector) })).sort((a, b) => b.score - a.score),
        euclidean: all
          .map(({ id, vector }) => ({ id, score: Math.hypot(...vector.map((x, at) => x - query[at]!)) }))
          .sort((a, b) => a.score - b.score),
      }
      for (const [metric, expected] of Object.entries(naive)) {
        const { results } = await vectors.search({ vector: query, k: 30, metric: metric as 'dot' })
        expect(results.map(({ score }) => Math.fround(score))).toEqual(
          expected.slice(0, 30).map(({ score }) => Math.fround(score)),
        )
      }
      for (const metric of ['cosine', 'hamming', 'jaccard'] as const)
        expect((await vectors.search({ vector: query, k: 7, metric })).results).toHaveLength(7)
    })

    it('P7 a filter judges payloads; k of those that match are found, with what is asked for', async () => {
      const { vectors, payloads } = await store.collective()
      await vectors.storeMany(Array.from({ length: 50 }, (_, n): VectorItemInput => [n, [n, 1, 0, 0]]))
      await payloads.storeMany(Array.from({ length: 50 }, (_, n) => [n, { odd: n % 2 === 1, name: `n${n}` }] as const))
      const { results } = await vectors.search({
        ...{ vector: [1, 0, 0, 0], k: 5, metric: 'dot', include: ['vector', 'payload'] },
        filter: { type: 'eq', field: 'odd', value: true },
      })
      expect(results.map(({ id }) => id)).toEqual([49n, 47n, 45n, 43n, 41n])
      expect(results[0]).toEqual({
        ...{ id: 49n, score: 49, vector: float32([49, 1, 0, 0]), payload: { odd: true, name: 'n49' } },
      })
      const plain = await vectors.search({ vector: [1, 0, 0, 0], k: 1 })
      expect(Object.keys(plain.results[0]!).sort()).toEqual(['id', 'score'])
    })

    it('what was stored is found at once, what was deleted is not', async () => {
      const vectors = await vectorsOf()
      const nearest = async () => (await vectors.search({ vector: [1, 0, 0, 0], k: 1 })).results[0]?.id
      expect(await nearest()).toBeUndefined()
      for (let n = 1; n <= 5; n += 1) {
        await vectors.store(n, [1, (5 - n) / 10, 0, 0])
        expect(await nearest()).toBe(BigInt(n))
      }
      await vectors.delete(5)
      expect(await nearest()).toBe(4n)
      await vectors.store(4, [0, 1, 0, 0])
      expect(await nearest()).toBe(3n)
    })

    it('P1 P2 what was acknowledged, and the mode, are there after a restart; a repeated key stores once', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: DIMENSION })
        expect(await hive.vectors.durability()).toBe('fsync')
        await hive.vectors.setDurability('flushOnly')
        const options = { idempotencyKey: 'once' }
        const first = await hive.vectors.store(1, [1, 2, 3, 4], options)
        await hive.vectors.flush()
        await hive.vectors.delete(1)
        expect(await hive.vectors.store(1, [1, 2, 3, 4], options)).toEqual(first)
        await hive.vectors.store(2, [4, 3, 2, 1])
        const { vectors } = await (await own.reopen()).collective('kept')
        expect([await vectors.ids(), await vectors.durability()]).toEqual([[2n], 'flushOnly'])
        expect((await vectors.search({ vector: [4, 3, 2, 1] })).results.map(({ id }) => id)).toEqual([2n])
        await expectRefusal(vectors.store(1, [0, 0, 0, 1], options), 'IDEMPOTENCY_KEY_REUSED', 'idempotencyKey')
        await expectRefusal(vectors.setDurability('always' as never), 'INVALID_FIELD', 'durability')
      })
    })

    it('P3 P12 a mixed commit stores them with everything else; another collective has none of them', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      await left.commit([
        { operation: 'vectors.store', items: [{ id: 1n, vector: [1, 0, 0, 0] }] },
        { operation: 'payloads.store', items: [{ id: 1n, payload: { a: 1 } }] },
        { operation: 'keys.put', entries: [['k', 'v']] },
      ])
      expect([await left.vectors.ids(), await left.payloads.get(1)]).toEqual([[1n], { a: 1 }])
      expect([await right.vectors.get(1), await right.vectors.ids(), await right.payloads.ids()]).toEqual([
        ...[undefined, [], []],
      ])
      expect(await left.vectors.status()).toMatchObject({ count: 1, dimension: DIMENSION })
    })

    it('P10 a query of another dimension, metric, or filter is refused', async () => {
      const vectors = await vectorsOf()
      await expectRefusal(vectors.search({ vector: [1, 2] }), 'DIMENSION_MISMATCH', 'vector')
      const search = (query: object) => vectors.search({ vector: [1, 2, 3, 4], ...query })
      await expectRefusal(search({ metric: 'manhattan' }), 'INVALID_FIELD', 'metric')
      await expectRefusal(search({ k: 1_001 }), 'INVALID_FIELD', 'k')
      await expectRefusal(search({ include: ['all'] }), 'INVALID_FIELD', 'include[0]')
      await expectRefusal(search({ filter: { type: 'equals' } }), 'INVALID_FIELD', 'filter.type')
      await expectRefusal(search({ filters: {} }), 'UNKNOWN_FIELD', 'filters')
    })
  })
}
