import type { CollectiveId, InsightHit, InsightId } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'

const UNKNOWN = '00000000-0000-7000-8000-000000000000'

let engine: TestEngine
let collective: CollectiveId
let source: string

const store = async (embedding: readonly number[], fields: object = {}): Promise<InsightId> => {
  const insight = { content: 'so', sources: [source], type: 'pattern', embedding }
  return (await engine.call('insight.store', { collective, ...insight, ...fields })).id as InsightId
}

const search = async (options: object = {}, on = engine): Promise<readonly InsightHit[]> =>
  (await on.call('insight.search', { collective, embedding: [1, 0], ...options })).results as readonly InsightHit[]

const idsOf = (hits: readonly InsightHit[]): readonly InsightId[] => hits.map(({ insight }) => insight.id)

beforeEach(async () => {
  engine = await openTestEngine()
  const created = await engine.call('collective.create', { name: 'bees', dimension: 2 })
  collective = (created.collective as { id: CollectiveId }).id
  const { id } = await engine.call('experience.record', { collective, content: 'x', embedding: [1, 0] })
  source = id as string
})

describe('insight.search', () => {
  test('the nearest first, with their similarity, and no experience among them', async () => {
    const ids = [await store([0, 1]), await store([1, 1]), await store([1, 0]), await store([-1, 0])]
    const hits = await search()
    expect(idsOf(hits)).toEqual([2, 1, 0, 3].map((n) => ids[n]))
    expect(hits.map(({ similarity }) => similarity)).toEqual([1, Math.fround(Math.SQRT1_2), 0, -1])
    expect(hits[0]?.insight).toMatchObject({ content: 'so', sources: [source], stale: false, collective })
  })

  test('P7 exactly k when there are as many; ties by id', async () => {
    const ids: InsightId[] = []
    for (let n = 0; n < 20; n += 1) ids.push(await store([1, 2]))
    expect(idsOf(await search({ k: 15 }))).toEqual(ids.toSorted().slice(0, 15))
    expect(await search({ k: 1_000 })).toHaveLength(20)
  })

  test('P7 what was stored is found at once, what was deleted never, also by an index that is built anew', async () => {
    const [first, second] = [await store([1, 0]), await store([1, 1])]
    expect(idsOf(await search())).toEqual([first, second])
    await engine.call('insight.delete', { collective, id: first })
    const third = await store([2, 0])
    expect(idsOf(await search())).toEqual([third, second])
    expect(await search({}, await openTestEngine(engine))).toEqual(await search())
  })

  test('an insight without its evidence is still found, and says so', async () => {
    const id = await store([1, 0])
    await search()
    await engine.call('experience.delete', { collective, id: source })
    expect((await search())[0]?.insight).toMatchObject({ id, stale: true, lostSources: [source] })
  })

  test('embeddings come where they are asked for', async () => {
    await store([3, 4])
    expect((await search())[0]?.insight.embedding).toBeUndefined()
    expect((await search({ include: ['embedding'] }))[0]?.insight.embedding).toEqual(Float32Array.of(3, 4))
  })

  test('k 0 finds nothing, and is checked like any other', async () => {
    await store([1, 0])
    expect(await search({ k: 0 })).toEqual([])
    await expect(search({ k: 0, collective: UNKNOWN, embedding: [1] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(search({ k: 0, embedding: [1] })).rejects.toMatchObject({ code: 'DIMENSION_MISMATCH' })
  })

  test.each([
    ['NOT_FOUND', { collective: UNKNOWN, embedding: [1] }],
    ['DIMENSION_MISMATCH', { embedding: [1] }],
    ['INVALID_FIELD', { embedding: [0, 0] }],
    ['INVALID_FIELD', { k: 1_001 }],
  ])('P10 %s for %o', async (code, options) => {
    await expect(search(options)).rejects.toMatchObject({ code })
  })
})
