import type { ScoredVector } from '@waggle/protocol'
import { systemTimers } from '@waggle/kernel'
import { describe, expect, test } from 'vitest'
import { DEFAULT_TENANT } from '@waggle/protocol'
import { IndexMemory } from '../index/index-memory.ts'
import { readCollective } from '../memory/collective/collective-rows.ts'
import { FairTurns } from '../query/fair-turns.ts'
import { openPoints, pointsOf, type PointStore } from '../testing/point-store.ts'
import { openTestEngine } from '../testing/test-engine.ts'
import { PointIndexes } from './point-indexes.ts'

const idsOf = ({ results }: { readonly results: readonly ScoredVector[] }): readonly number[] =>
  results.map(({ id }) => Number(id))
const rangeOf = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, n) => from + n)

/** Points on a line, each with a payload that says where it stands. */
const lineOf = async (count: number, points: PointStore): Promise<PointStore> => {
  const ids = rangeOf(0, count)
  await points.ask('vectors.store', { items: ids.map((id) => ({ id, vector: [id, 0] })) })
  await points.ask('payloads.store', { items: ids.map((id) => ({ id, payload: { at: id, even: id % 2 === 0 } })) })
  return points
}

const from = { vector: [0, 0], metric: 'euclidean' } as const

describe('vectors.search', () => {
  test('P7 exactly k are found when k match, wherever they stand', async () => {
    const points = await lineOf(3_000, await openPoints(2))
    const last = { type: 'gte', field: 'at', value: 2_990 } as const
    expect(idsOf(await points.ask('vectors.search', { ...from, k: 10, filter: last }))).toEqual(rangeOf(2_990, 3_000))
    expect(idsOf(await points.ask('vectors.search', { ...from, k: 11, filter: last }))).toHaveLength(10)
    expect(idsOf(await points.ask('vectors.search', { ...from, k: 3, filter: last }))).toEqual(rangeOf(2_990, 2_993))
    const even = { type: 'eq', field: 'even', value: true } as const
    const found = idsOf(await points.ask('vectors.search', { ...from, k: 1_000, filter: even }))
    expect(found).toEqual(rangeOf(0, 1_000).map((n) => 2 * n))
    expect(idsOf(await points.ask('vectors.search', from))).toEqual(rangeOf(0, 10))
  })

  test('P7 O1 ties go by the number of the id, across rounds too', async () => {
    const points = await openPoints(1)
    const ids = [...rangeOf(0, 1_500).map(String), '9007199254740993', '18446744073709551615']
    await points.ask('vectors.store', { items: ids.toReversed().map((id) => ({ id, vector: [1] })) })
    for (const metric of ['cosine', 'euclidean', 'dot', 'hamming', 'jaccard'] as const) {
      const { results } = await points.ask('vectors.search', { vector: [1], metric, k: 1_000 })
      expect(results.map(({ id }) => id)).toEqual(ids.slice(0, 1_000))
    }
    await points.ask('payloads.store', { items: ids.slice(-5).map((id) => ({ id, payload: { wanted: true } })) })
    const filter = { type: 'isNotNull', field: 'wanted' } as const
    const { results } = await points.ask('vectors.search', { vector: [1], k: 4, filter })
    expect(results.map(({ id }) => id)).toEqual(ids.slice(-5, -1))
  })

  test('each metric has its own scores and order', async () => {
    const points = await openPoints(2)
    const vectors = { 1: [1, 0], 2: [0, 2], 3: [-3, 0], 4: [0.6, 0.6], 5: [0, 0] }
    await points.ask('vectors.store', { items: Object.entries(vectors).map(([id, vector]) => ({ id, vector })) })
    const search = async (metric: string, vector: readonly number[]) =>
      (await points.ask('vectors.search', { vector, metric })).results.map(({ id, score }) => [
        ...[Number(id), Number(score.toFixed(4))],
      ])
    expect(await search('cosine', [2, 0])).toEqual([
      ...[
        [1, 1],
        [4, 0.7071],
        [2, 0],
        [5, 0],
        [3, -1],
      ],
    ])
    expect(await search('euclidean', [2, 0])).toEqual([
      ...[
        [1, 1],
        [4, 1.5232],
        [5, 2],
        [2, 2.8284],
        [3, 5],
      ],
    ])
    expect(await search('dot', [2, 0])).toEqual([
      ...[
        [1, 2],
        [4, 1.2],
        [2, 0],
        [5, 0],
        [3, -6],
      ],
    ])
    expect(await search('hamming', [1, 0])).toEqual([
      ...[
        [1, 0],
        [3, 1],
        [4, 1],
        [5, 1],
        [2, 2],
      ],
    ])
    expect(await search('jaccard', [1, 0])).toEqual([
      ...[
        [1, 1],
        [4, 0.375],
        [2, 0],
        [5, 0],
        [3, -3],
      ],
    ])
    expect((await search('jaccard', [0, 0])).find(([id]) => id === 5)).toEqual([5, 1])
  })

  test('extremes of single precision are ranked, not lost', async () => {
    const points = await openPoints(2)
    const most = 3.4028234663852886e38
    const vectors = [
      [most, most],
      [most, 0],
      [1e-45, 0],
      [-most, -most],
      [0, 1e-45],
    ]
    await points.ask('vectors.store', { items: vectors.map((vector, id) => ({ id, vector })) })
    const search = async (metric: string) => points.ask('vectors.search', { vector: [most, most], metric })
    for (const metric of ['cosine', 'euclidean', 'dot', 'hamming', 'jaccard'])
      for (const { score } of (await search(metric)).results) expect(Number.isFinite(score)).toBe(true)
    expect(idsOf(await search('dot'))).toEqual([0, 1, 2, 4, 3])
    expect(idsOf(await search('cosine'))).toEqual([0, 1, 2, 4, 3])
    expect(idsOf(await search('euclidean'))).toEqual([0, 1, 2, 4, 3])
  })

  test('vectors and payloads come along when they are asked for', async () => {
    const points = await openPoints(2)
    await points.ask('vectors.store', {
      items: [
        { id: 1, vector: [1, 2] },
        { id: 2, vector: [3, 4] },
      ],
    })
    await points.ask('payloads.store', { items: [{ id: 1, json: '{"a": 1.0}' }] })
    const { results } = await points.ask('vectors.search', { ...from, include: ['payload', 'vector'] })
    expect(results).toEqual([
      { id: '1', score: Math.sqrt(5), vector: Float32Array.of(1, 2), json: '{"a": 1.0}' },
      { id: '2', score: 5, vector: Float32Array.of(3, 4) },
    ])
    // What a caller does with it changes nothing here.
    ;(results[0]?.vector as Float32Array).fill(9)
    const again = await points.ask('vectors.search', { ...from, k: 1, include: ['vector'] })
    expect(again.results[0]?.vector).toEqual(Float32Array.of(1, 2))
  })

  test('P10 what cannot be searched for is refused, and named', async () => {
    const points = await lineOf(10, await openPoints(2))
    const refused = async (fields: object) => points.ask('vectors.search', { ...from, ...fields })
    for (const [fields, expected] of [
      [{ vector: [1] }, { code: 'DIMENSION_MISMATCH', details: { field: 'vector', expected: 2, got: 1 } }],
      [{ vector: [1, NaN] }, { code: 'INVALID_FIELD', details: { field: 'vector[1]' } }],
      [{ vector: [1e39, 0] }, { code: 'INVALID_FIELD', details: { field: 'vector[0]' } }],
      [{ vector: [] }, { code: 'REQUIRED_FIELD', details: { field: 'vector' } }],
      [{ k: 0 }, { code: 'INVALID_FIELD', details: { field: 'k' } }],
      [{ k: 1_001 }, { code: 'INVALID_FIELD', details: { field: 'k' } }],
      [{ metric: 'l2' }, { code: 'INVALID_FIELD', details: { field: 'metric' } }],
      [{ filter: { type: 'eq', field: 'a' } }, { code: 'REQUIRED_FIELD', details: { field: 'filter.value' } }],
      [{ include: ['json'] }, { code: 'INVALID_FIELD', details: { field: 'include[0]' } }],
    ] as const)
      await expect(refused(fields)).rejects.toMatchObject(expected)
  })

  test('P11 a reply that would be too large is refused whole', async () => {
    const points = await lineOf(20, await openPoints(2))
    const large = 'a'.repeat(1_000_000)
    for (const id of rangeOf(0, 10)) await points.ask('payloads.store', { items: [{ id, payload: large }] })
    const search = points.ask('vectors.search', { ...from, include: ['payload'] })
    await expect(search).rejects.toMatchObject({ code: 'RESULT_TOO_LARGE' })
    expect((await points.ask('vectors.search', { ...from, k: 7, include: ['payload'] })).results).toHaveLength(7)
  })
})

describe('searches while writes are applied', () => {
  const judged = { type: 'gte', field: 'at', value: 2_495 } as const

  test('N1 P7 a search sees the moment at which it began to look', async () => {
    const points = await lineOf(2_500, await openPoints(2))
    await points.ask('vectors.search', from)
    for (let round = 0; round < 2; round += 1) {
      const searching = points.ask('vectors.search', { ...from, k: 10, filter: judged, include: ['vector', 'payload'] })
      const ids = rangeOf(0, 2_500)
      const writing = [
        points.ask('payloads.store', { items: ids.map((id) => ({ id, payload: { at: 0 } })) }),
        points.ask('vectors.store', { items: ids.map((id) => ({ id, vector: [-id, 7] })) }),
        points.ask('vectors.delete', { ids: ids.slice(1_000) }),
      ]
      const { results } = await searching
      expect(idsOf({ results })).toEqual(rangeOf(2_495, 2_500))
      for (const { id, vector, json } of results) {
        expect(vector).toEqual(Float32Array.of(Number(id), 0))
        expect(JSON.parse(json as string)).toMatchObject({ at: Number(id) })
      }
      await Promise.all(writing)
      expect((await points.ask('vectors.search', { ...from, filter: judged })).results).toEqual([])
      expect((await points.ask('vectors.search', { vector: [0, 7], metric: 'euclidean' })).results[9]?.score).toBe(9)
      await lineOf(2_500, points)
    }
  })

  test('N3 P11 a long search lets others have their turn, and gives up nothing for it', async () => {
    let turns = 0
    const timers = { ...systemTimers, after: systemTimers.after.bind(systemTimers), yield: countedYield }
    async function countedYield(): Promise<void> {
      turns += 1
      await systemTimers.yield()
    }
    const points = await lineOf(2_500, await openPoints(2, { timers }))
    await points.ask('vectors.search', from)
    turns = 0
    const order: string[] = []
    const searching = points.ask('vectors.search', { ...from, filter: judged }).then((found) => {
      order.push('search')
      return found
    })
    const asking = points.ask('vectors.status').then(() => order.push('status'))
    await Promise.all([searching, asking])
    expect([idsOf(await searching), order]).toEqual([rangeOf(2_495, 2_500), ['status', 'search']])
    expect(turns).toBeGreaterThan(2)
  })

  test('X1 what is applied while an index is built is in it', async () => {
    const points = await lineOf(500, await openPoints(2))
    const searching = points.ask('vectors.search', from)
    const writing = [
      points.ask('vectors.delete', { ids: rangeOf(0, 250) }),
      points.ask('vectors.store', { items: [{ id: 7, vector: [1, 0] }] }),
    ]
    await Promise.all([searching, ...writing])
    expect(idsOf(await points.ask('vectors.search', { ...from, k: 3 }))).toEqual([7, 250, 251])
  })

  test('a collective that goes while it is searched is answered for, or is not found', async () => {
    const points = await lineOf(2_500, await openPoints(2))
    const searches = rangeOf(0, 4).map(() => points.ask('vectors.search', { ...from, filter: judged }))
    const deleting = points.engine.call('collective.delete', { collective: points.collective })
    for (const settled of await Promise.allSettled(searches))
      if (settled.status === 'fulfilled') expect(idsOf(settled.value)).toEqual(rangeOf(2_495, 2_500))
      else expect(settled.reason).toMatchObject({ code: 'NOT_FOUND' })
    await deleting
    await expect(points.ask('vectors.search', from)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('PointIndexes', () => {
  test('X2 P11 beyond the budget the index unused for longest goes, and comes back when it is asked for', async () => {
    const engine = await openTestEngine()
    const stores: PointStore[] = []
    for (const name of ['first', 'second']) {
      const { collective } = await engine.call('collective.create', { name, dimension: 2 })
      stores.push(await lineOf(10, pointsOf(engine, (collective as PointStore & { id: never }).id)))
    }
    const indexes = new PointIndexes({ memory: new IndexMemory(0), turns: new FairTurns(systemTimers) })
    const blockOf = async ({ collective }: PointStore) => {
      const stored = readCollective(engine.store, DEFAULT_TENANT, collective)
      const view = await indexes.use(stored!, engine.store, (found) => found)
      view?.release()
      expect(view?.size).toBe(10)
      return view?.blocks[0]
    }
    const [first, second] = stores as [PointStore, PointStore]
    const before = await blockOf(first)
    expect(await blockOf(first)).toBe(before)
    await blockOf(second)
    expect(await blockOf(first)).not.toBe(before)
  })
})
