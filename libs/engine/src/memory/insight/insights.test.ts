/** Insights: what refuses them, in which order, and what becomes of them when their evidence goes. */
import { concatBytes, uuidBytes } from '@waggle/kernel'
import { limits } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { LINK, linksKey } from '../../state/keyspace.ts'
import { idOf, refusalOf, TestGraph } from '../../testing/test-graph.ts'

let graph: TestGraph

beforeEach(async () => {
  graph = await TestGraph.open()
  await graph.record(1, 2, 3)
})

const absent = idOf(9)
const good = { content: 'so it is', embedding: [1, 1], type: 'pattern', sources: [idOf(1)] }

describe('insight.store', () => {
  test('an insight is there as it was stored, repeated sources too', async () => {
    graph.engine.clock.advance(7)
    const createdAt = graph.engine.clock.nowMs()
    const sources = [idOf(2), idOf(1), idOf(2)]
    const { id } = await graph.call('insight.store', {
      ...{ content: 'é'.repeat(limits.INSIGHT_CONTENT_BYTES_MAX / 2), embedding: [0.1, 2], type: 'abstraction' },
      ...{ sources, confidence: 0.9, domain: ['hive', ''] },
    })
    const whole = {
      ...{ id, collective: graph.collective, content: 'é'.repeat(limits.INSIGHT_CONTENT_BYTES_MAX / 2) },
      ...{ sources, type: 'abstraction', confidence: Math.fround(0.9), domain: ['hive', ''] },
      ...{ createdAt, updatedAt: createdAt, stale: false, lostSources: [] },
    }
    expect(await graph.insight(id as never)).toEqual({ ...whole, embedding: Float32Array.of(0.1, 2) })
    expect(await graph.insights()).toEqual([whole])
    const { items } = await graph.call('insight.list', { include: ['embedding'] })
    expect(items).toEqual([{ ...whole, embedding: Float32Array.of(0.1, 2) }])
  })

  const tooLong = 'x'.repeat(limits.INSIGHT_CONTENT_BYTES_MAX + 1)
  const tooMany = Array.from({ length: limits.INSIGHT_SOURCES_MAX + 1 }, () => absent)
  // Each case is also wrong in all that comes after it: what is told is what is checked first.
  test.each([
    ['no content', { content: '', confidence: 2, sources: [], collective: absent }, 'REQUIRED_FIELD', 'content'],
    ['a long content', { content: tooLong, confidence: 2, sources: [] }, 'CONTENT_TOO_LARGE', 'content'],
    ['a confidence above 1', { confidence: 1.5, sources: [] }, 'INVALID_FIELD', 'confidence'],
    ['a confidence that is no number', { confidence: NaN, sources: [] }, 'INVALID_FIELD', 'confidence'],
    ['no sources', { sources: [], domain: ['x'.repeat(101)] }, 'REQUIRED_FIELD', 'sources'],
    ['too many sources', { sources: tooMany, domain: ['x'.repeat(101)] }, 'TOO_MANY_ITEMS', 'sources'],
    ['too many tags', { domain: Array<string>(51).fill(''), collective: absent }, 'TOO_MANY_ITEMS', 'domain'],
    ['a long tag', { domain: ['', 'x'.repeat(101)], collective: absent }, 'INVALID_FIELD', 'domain[1]'],
    ['no such collective', { collective: absent, sources: [absent], embedding: [1] }, 'NOT_FOUND', undefined],
    ['no such source', { sources: [idOf(1), absent], embedding: undefined }, 'NOT_FOUND', 'sources[1]'],
    ['no embedding', { embedding: undefined }, 'REQUIRED_FIELD', 'embedding'],
    ['an embedding of another dimension', { embedding: [1, 2, 3] }, 'DIMENSION_MISMATCH', 'embedding'],
    ['an embedding that is not finite', { embedding: [1, Infinity] }, 'INVALID_FIELD', 'embedding[1]'],
    ['an embedding that is all zero', { embedding: [0, 0] }, 'INVALID_FIELD', 'embedding'],
    ['a type that is none', { type: 'hunch' }, 'INVALID_FIELD', 'type'],
  ])('P10 %s is refused', async (_, fields, code, field) => {
    const before = await graph.tables()
    const refused = await refusalOf(graph.call('insight.store', { ...good, ...fields }))
    expect([refused.code, refused.details.field]).toEqual([code, field])
    expect({ ...(await graph.tables()), 6: 0 }).toEqual({ ...before, 6: 0 })
  })

  test('as many sources, tags and bytes as may be are taken', async () => {
    const sources = Array.from({ length: limits.INSIGHT_SOURCES_MAX }, (_, n) => idOf(1 + (n % 3)))
    const domain = Array.from({ length: limits.DOMAIN_TAGS_MAX }, () => 'x'.repeat(limits.DOMAIN_TAG_BYTES_MAX))
    const id = await graph.conclude([], { sources, domain, confidence: 1 })
    expect(await graph.insight(id)).toMatchObject({ sources, domain, confidence: 1 })
  })

  test('P12 a source in another collective is absent', async () => {
    const other = await graph.beside()
    await other.record(7)
    expect((await refusalOf(graph.conclude([1, 7]))).details).toMatchObject({ field: 'sources[1]', id: idOf(7) })
    const id = await graph.conclude([1])
    expect(await other.insight(id)).toBeUndefined()
    expect((await refusalOf(other.call('insight.delete', { id }))).code).toBe('NOT_FOUND')
  })

  test('P2 an id that is taken is refused; the same key meets the same insight', async () => {
    const id = await graph.conclude([1], { idempotencyKey: 'k' })
    expect(await graph.conclude([1], { idempotencyKey: 'k' })).toBe(id)
    const refused = await refusalOf(graph.conclude([2], { id }))
    expect([refused.code, refused.details]).toEqual(['ALREADY_EXISTS', { field: 'id', entity: 'insight', id }])
    expect(await graph.insights()).toHaveLength(1)
  })

  test('P11 insights that rest on one experience have a limit', async () => {
    // Written past the engine: one short of the limit, by ids of insights that nobody reads.
    const ids = Array.from({ length: limits.LINKS_PER_EXPERIENCE_MAX - 1 }, (_, n) => uuidBytes(idOf(n + 100)))
    const key = linksKey(graph.scope, LINK.evidence, idOf(2))
    await graph.engine.store.write([{ key, value: concatBytes(...ids) }], { sync: true })
    await graph.conclude([2, 2])
    const refused = await refusalOf(graph.conclude([1, 2]))
    expect([refused.code, refused.details]).toEqual([
      'TOO_MANY_ITEMS',
      { field: 'sources[1]', count: limits.LINKS_PER_EXPERIENCE_MAX + 1, limit: limits.LINKS_PER_EXPERIENCE_MAX },
    ])
    await graph.conclude([1])
  })
})

describe('insight.delete', () => {
  test('it is gone with all that belonged to it, and once only', async () => {
    const [before, stats] = [await graph.tables(), await graph.stats()]
    const id = await graph.conclude([1, 2, 1])
    expect(await graph.stats()).toMatchObject({ insightCount: 1 })
    await graph.call('insight.delete', { id })
    expect(await graph.insight(id)).toBeUndefined()
    expect(await graph.stats()).toEqual(stats)
    // Left are two rows of the journal.
    expect(await graph.tables()).toEqual({ ...before, 5: (before[5] as number) + 2, 6: (await graph.tables())[6] })
    expect((await refusalOf(graph.call('insight.delete', { id }))).details).toEqual({ entity: 'insight', id })
    expect((await graph.journal()).slice(-2)).toEqual([`insight created ${id}`, `insight deleted ${id}`])
  })

  test('one that lost evidence leaves nothing either', async () => {
    await graph.record(4)
    const [before, stats] = [await graph.tables(), await graph.stats()]
    await graph.record(5)
    const id = await graph.conclude([5, 1])
    await graph.delete(5)
    await graph.call('insight.delete', { id })
    expect(await graph.stats()).toEqual(stats)
    expect({ ...(await graph.tables()), 5: 0, 6: 0 }).toEqual({ ...before, 5: 0, 6: 0 })
  })
})

describe('an insight whose evidence goes', () => {
  test('is stale, says what it lost and when, in the order in which it went', async () => {
    const id = await graph.conclude([1, 2, 3, 2])
    const before = await graph.insight(id)
    graph.engine.clock.advance(5)
    await graph.delete(2)
    const lostOne = { ...before, stale: true, lostSources: [idOf(2)], updatedAt: graph.engine.clock.nowMs() }
    expect(await graph.insight(id)).toEqual(lostOne)
    graph.engine.clock.advance(5)
    await graph.delete(1)
    const updatedAt = graph.engine.clock.nowMs()
    expect(await graph.insight(id)).toEqual({ ...lostOne, lostSources: [idOf(2), idOf(1)], updatedAt })
    expect((await graph.insights())[0]).toMatchObject({ stale: true, updatedAt })
  })

  test('N2 does not get it back with an experience of the same id, nor loses it twice', async () => {
    const id = await graph.conclude([1, 2])
    await graph.delete(1)
    await graph.record(1)
    const stale = await graph.insight(id)
    expect(stale).toMatchObject({ lostSources: [idOf(1)] })
    await graph.delete(1)
    expect(await graph.insight(id)).toEqual(stale)
    await graph.delete(2)
    expect(await graph.insight(id)).toMatchObject({ lostSources: [idOf(1), idOf(2)] })
  })

  test('archiving it takes nothing away', async () => {
    const id = await graph.conclude([1])
    await graph.call('experience.archive', { id: idOf(1) })
    expect(await graph.insight(id)).toMatchObject({ stale: false })
  })
})
