/** From an experience to what it is related to, page by page. */
import { limits, type Experience, type Related } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { idOf, refusalOf, TestGraph } from '../../testing/test-graph.ts'

let graph: TestGraph

beforeEach(async () => {
  graph = await TestGraph.open()
  await graph.record(1, 2, 3, 4)
})

const relatedTo = async (n: number, more: object = {}): Promise<{ items: Related[]; cursor?: string }> =>
  (await graph.call('relation.related', { id: idOf(n), ...more })) as never

const idsOf = (items: readonly Related[]) => items.map(({ relation }) => relation.id)

describe('relation.related', () => {
  test('outgoing ones first, then incoming ones, each oldest first, with the experience at the other end', async () => {
    const [a, b, c, d] = [
      ...[await graph.relate(2, 1), await graph.relate(1, 2), await graph.relate(3, 1), await graph.relate(1, 4)],
    ] as const
    await graph.relate(2, 3)
    const { items, cursor } = await relatedTo(1)
    expect(cursor).toBeUndefined()
    expect(items.map(({ experience, relation }) => [relation.id, experience.id])).toEqual([
      ...[
        [b, idOf(2)],
        [d, idOf(4)],
        [a, idOf(2)],
        [c, idOf(3)],
      ],
    ])
    expect(items[0]?.experience).not.toHaveProperty('embedding')
    expect(idsOf((await relatedTo(1, { direction: 'outgoing' })).items)).toEqual([b, d])
    expect(idsOf((await relatedTo(1, { direction: 'incoming' })).items)).toEqual([a, c])
  })

  test('of one type, and at least so strong, in single precision', async () => {
    const strong = await graph.relate(1, 2, { type: 'implies', strength: 0.7 })
    const weak = await graph.relate(1, 3, { type: 'implies', strength: 0.2 })
    await graph.relate(1, 4, { type: 'supports', strength: 0.7 })
    expect(idsOf((await relatedTo(1, { type: 'implies' })).items)).toEqual([strong, weak])
    expect(idsOf((await relatedTo(1, { type: 'implies', minStrength: 0.7 })).items)).toEqual([strong])
    expect((await relatedTo(1, { type: 'elaborates' })).items).toEqual([])
  })

  test('archived ends are shown, and embeddings where they are asked for', async () => {
    await graph.relate(1, 2)
    await graph.call('experience.archive', { id: idOf(2) })
    const [item] = (await relatedTo(1, { include: ['embedding'] })).items
    expect(item?.experience).toMatchObject({ archived: true, embedding: Float32Array.of(1, 2) })
  })

  test('an experience that is not there is related to nothing', async () => {
    expect((await relatedTo(9)).items).toEqual([])
  })

  test('G1 page by page it is the same, in every size of page and either direction', async () => {
    for (const [source, target] of [
      [1, 2],
      [2, 1],
      [1, 3],
      [3, 1],
      [4, 1],
    ] as const)
      await graph.relate(source, target)
    for (const direction of ['outgoing', 'incoming', 'both']) {
      const whole = (await relatedTo(1, { direction })).items
      for (let limit = 1; limit <= 6; limit += 1) {
        const items: Related[] = []
        let cursor: string | undefined
        do {
          const page = await relatedTo(1, { direction, limit, cursor })
          expect(page.items.length).toBeLessThanOrEqual(limit)
          items.push(...page.items)
          ;({ cursor } = page)
        } while (cursor !== undefined)
        expect(items).toEqual(whole)
      }
    }
  })

  test('G1 what goes or comes between two pages moves no other', async () => {
    const first = await graph.relate(1, 2)
    const second = await graph.relate(1, 3)
    const { cursor } = await relatedTo(1, { limit: 1 })
    await graph.call('relation.delete', { id: first })
    const third = await graph.relate(1, 4)
    expect(idsOf((await relatedTo(1, { cursor })).items)).toEqual([second, third])
  })

  test('a restored relation stands where its time puts it', async () => {
    const made = await graph.relate(1, 2)
    const relations = [{ id: idOf(80), source: idOf(1), target: idOf(3), type: 'supports', createdAt: 5 }]
    await graph.call('collective.restore', { relations })
    expect(idsOf((await relatedTo(1)).items)).toEqual([idOf(80), made])
    const { cursor } = await relatedTo(1, { limit: 1 })
    expect(idsOf((await relatedTo(1, { cursor })).items)).toEqual([made])
  })

  test('T4 what is restored in any order stands in the order of time, page by page', async () => {
    await graph.record(...Array.from({ length: 40 }, (_, n) => n + 10))
    const createdAt = Array.from({ length: 40 }, (_, n) => (n * 17) % 20)
    const relations = createdAt.map((time, n) => ({
      ...{ id: idOf(n + 100), source: idOf(1), target: idOf(n + 10), type: 'supports', createdAt: time },
    }))
    for (const at of [0, 10, 20, 30])
      await graph.call('collective.restore', { relations: relations.slice(at, at + 10) })
    const last = await graph.relate(1, 2)
    const wanted = relations.toSorted((left, right) => left.createdAt - right.createdAt).map(({ id }) => id)
    const found: string[] = []
    let cursor: string | undefined
    do {
      const page = await relatedTo(1, { limit: 3, cursor })
      found.push(...idsOf(page.items))
      ;({ cursor } = page)
    } while (cursor !== undefined)
    expect(found).toEqual([...wanted, last])
  })

  test('G2 a cursor of another experience, direction or list is refused', async () => {
    for (const [source, target] of [
      [1, 2],
      [1, 3],
      [2, 1],
      [2, 3],
      [3, 1],
    ] as const)
      await graph.relate(source, target)
    const { cursor } = await relatedTo(1, { limit: 1 })
    const { cursor: ofList } = await graph.call('relation.list', { limit: 1 })
    for (const refused of [
      relatedTo(2, { cursor }),
      relatedTo(1, { cursor, direction: 'incoming' }),
      relatedTo(1, { cursor: ofList }),
      graph.call('relation.list', { cursor }),
    ])
      expect((await refusalOf(refused)).code).toBe('INVALID_CURSOR')
    expect((await relatedTo(1, { cursor, direction: 'outgoing' })).items).toHaveLength(1)
  })

  test('K8 a page ends before a reply does', async () => {
    const content = '\u0001'.repeat(limits.CONTENT_BYTES_MAX)
    for (let n = 10; n < 30; n += 1) {
      await graph.call('experience.record', { id: idOf(n), content, embedding: [1, 1] })
      await graph.relate(1, n)
    }
    const seen = new Set<Experience['id']>()
    let cursor: string | undefined
    do {
      const page = await relatedTo(1, { limit: 1_000, cursor })
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(limits.REPLY_BYTES_MAX)
      for (const { experience } of page.items) seen.add(experience.id)
      ;({ cursor } = page)
    } while (cursor !== undefined)
    expect(seen.size).toBe(20)
  })
})
