/** Putting back what an export holds: experiences, relations and insights, all or nothing, and repeatable. */
import { limits, type Experience, type Insight, type Relation } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { idOf, refusalOf, TestGraph } from '../testing/test-graph.ts'

let graph: TestGraph

beforeEach(async () => {
  graph = await TestGraph.open()
})

const experience = (n: number, more: object = {}) => ({
  ...{ id: idOf(n), content: `record ${n}`, embedding: [1, n], applications: 0, createdAt: 100 + n },
  ...{ lastReinforced: 100 + n, archived: false, version: 1 },
  ...more,
})
const relation = (n: number, source: number, target: number, more: object = {}) => ({
  ...{ id: idOf(1_000 + n), source: idOf(source), target: idOf(target), type: 'supports', strength: 0.25 },
  ...{ createdAt: 200 + n, metadata: 'm', ...more },
})
const insight = (n: number, sources: readonly number[], more: object = {}) => ({
  ...{ id: idOf(2_000 + n), content: `insight ${n}`, embedding: [2, n], sources: sources.map(idOf), type: 'synthesis' },
  ...{ confidence: 0.75, domain: ['a'], createdAt: 300 + n, updatedAt: 400 + n, lostSources: [], ...more },
})

const restore = async (body: object, into = graph) => {
  const { restored, existing } = await into.call('collective.restore', body)
  return [restored, existing]
}

/** All that a collective holds, as an export does. */
const exportOf = async (from: TestGraph) => {
  const whole = { limit: 1_000, include: ['embedding'] }
  const without = <Item extends object>({
    collective: _,
    stale: __,
    ...item
  }: Item & { collective: unknown; stale?: unknown }) => item
  const experiences = (await from.call('experience.list', whole)).items as Experience[]
  const insights = (await from.call('insight.list', whole)).items as Insight[]
  const relations = (await from.call('relation.list', { limit: 1_000 })).items as Relation[]
  return { experiences: experiences.map(without), relations: relations.map(without), insights: insights.map(without) }
}

const sample = {
  experiences: [experience(1), experience(2), experience(3)],
  relations: [relation(1, 1, 2), relation(2, 2, 1), relation(3, 3, 1, { metadata: undefined })],
  insights: [insight(1, [1, 2, 1]), insight(2, [3, 9], { lostSources: [idOf(9)] })],
}

describe('collective.restore', () => {
  test('P2 B1 everything comes back as it was, and a second time changes nothing', async () => {
    expect(await restore(sample)).toEqual([8, 0])
    const before = await exportOf(graph)
    expect(before.relations).toEqual(sample.relations.map((each) => JSON.parse(JSON.stringify(each)) as object))
    expect(before.insights).toEqual(
      sample.insights.map((each) => ({ ...each, embedding: Float32Array.from(each.embedding) })),
    )
    expect((await graph.insight(idOf(2_002)))?.stale).toBe(true)
    const [stats, journal] = [await graph.stats(), (await graph.journal()).length]
    expect(await restore(sample)).toEqual([0, 8])
    expect(await exportOf(graph)).toEqual(before)
    expect(await graph.stats()).toEqual(stats)
    expect((await graph.journal()).length).toBe(journal)
  })

  test('what a life of writes left gives equal bytes after export, restore and export', async () => {
    await graph.record(1, 2, 3, 4, 5)
    for (const [source, target] of [
      [3, 1],
      [1, 3],
      [2, 5],
      [5, 4],
      [4, 1],
    ] as const) {
      await graph.relate(source, target, { strength: 0.1 })
      graph.engine.clock.advance(source % 2)
    }
    await graph.conclude([1, 4, 1])
    await graph.conclude([4, 2], { domain: ['z', 'a'] })
    await graph.call('experience.reinforce', { id: idOf(1) })
    await graph.delete(4)
    const first = await exportOf(graph)
    const copy = await graph.beside()
    await restore(first, copy)
    const second = await exportOf(copy)
    expect(Buffer.from(JSON.stringify(second))).toEqual(Buffer.from(JSON.stringify(first)))
    // And what hangs on what is known there too.
    await copy.delete(1)
    expect((await copy.insights()).map(({ lostSources }) => lostSources)).toEqual([[idOf(4), idOf(1)], [idOf(4)]])
  })

  test('B2 in pieces, in the order of an export', async () => {
    expect(await restore({ experiences: sample.experiences })).toEqual([3, 0])
    expect(await restore({ relations: sample.relations, insights: sample.insights })).toEqual([5, 0])
    expect(await restore(sample)).toEqual([0, 8])
  })

  test.each([
    ['strength', 'relations', relation(1, 1, 2, { strength: 0.5 })],
    ['metadata', 'relations', relation(1, 1, 2, { metadata: undefined })],
    ['metadata that was not there', 'relations', relation(3, 3, 1, { metadata: '' })],
    ['time', 'relations', relation(1, 1, 2, { createdAt: 1 })],
    ['content', 'insights', insight(1, [1, 2, 1], { content: 'other' })],
    ['embedding', 'insights', insight(1, [1, 2, 1], { embedding: [2, 1.5] })],
    ['order of sources', 'insights', insight(1, [1, 1, 2])],
    ['lost sources', 'insights', insight(1, [1, 2, 1], { lostSources: [idOf(1)] })],
    ['time of change', 'insights', insight(1, [1, 2, 1], { updatedAt: 1 })],
  ])('B1 one that differs in its %s is taken', async (_, list, item) => {
    await restore(sample)
    const refused = await refusalOf(restore({ [list]: [item] }))
    const entity = list.slice(0, -1)
    expect([refused.code, refused.details]).toEqual(['ALREADY_EXISTS', { field: `${list}[0].id`, entity, id: item.id }])
  })

  test.each([
    ['a relation without its source', { relations: [relation(1, 9, 2)] }, 'NOT_FOUND', 'relations[0].source'],
    [
      'a relation without its target',
      { relations: [relation(1, 1, 2), relation(2, 1, 9)] },
      'NOT_FOUND',
      'relations[1].target',
    ],
    ['a relation to itself', { relations: [relation(1, 1, 1)] }, 'INVALID_FIELD', 'relations[0].target'],
    [
      'two relations of one triple',
      { relations: [relation(1, 1, 2), relation(2, 1, 2)] },
      'ALREADY_EXISTS',
      'relations[1].type',
    ],
    [
      'two relations of one id',
      { relations: [relation(1, 1, 2), relation(1, 1, 2)] },
      'ALREADY_EXISTS',
      'relations[1].id',
    ],
    ['an insight without a source', { insights: [insight(1, [1, 9])] }, 'NOT_FOUND', 'insights[0].sources[1]'],
    [
      'an insight that lost what was none of its sources',
      { insights: [insight(1, [1], { lostSources: [idOf(2)] })] },
      'INVALID_FIELD',
      'insights[0].lostSources[0]',
    ],
    [
      'an insight that lost one source twice',
      { insights: [insight(1, [1, 2], { lostSources: [idOf(2), idOf(2)] })] },
      'INVALID_FIELD',
      'insights[0].lostSources[1]',
    ],
    [
      'an insight of another dimension',
      { insights: [insight(1, [1], { embedding: [1] })] },
      'DIMENSION_MISMATCH',
      'insights[0].embedding',
    ],
    ['two insights of one id', { insights: [insight(1, [1]), insight(1, [1])] }, 'ALREADY_EXISTS', 'insights[1].id'],
    [
      'a long text',
      { relations: [relation(1, 1, 2, { metadata: 'x'.repeat(limits.RELATION_METADATA_BYTES_MAX + 1) })] },
      'CONTENT_TOO_LARGE',
      'relations[0].metadata',
    ],
  ])('P3 B3 %s refuses all of it', async (_, body, code, field) => {
    const refused = await refusalOf(restore({ experiences: [experience(1), experience(2)], ...body }))
    expect([refused.code, refused.details.field]).toEqual([code, field])
    expect(await graph.stats()).toMatchObject({ experienceCount: 0, relationCount: 0, insightCount: 0 })
    expect(await graph.journal()).toHaveLength(1)
  })

  test('P2 B1 an embedding with -0 that went through JSON, which has none, is the same', async () => {
    await restore({ experiences: [experience(1, { embedding: [1, -0] })], insights: [] })
    await restore({ insights: [insight(1, [1], { embedding: [-0, 1] })] })
    const exported = JSON.parse(
      JSON.stringify({ experiences: [experience(1, { embedding: [1, 0] })], insights: [insight(1, [1])] }),
    ) as { insights: object[] }
    const insights = [{ ...exported.insights[0], embedding: [0, 1] }]
    expect(await restore({ ...exported, insights })).toEqual([0, 2])
    const other = await refusalOf(restore({ experiences: [experience(1, { embedding: [1, 1e-9] })] }))
    expect(other.code).toBe('ALREADY_EXISTS')
  })

  test('K5 B4 a restore that would write too many rows is refused, all of it', async () => {
    const sources = Array.from({ length: limits.INSIGHT_SOURCES_MAX }, (_, n) => n)
    await restore({ experiences: sources.map((n) => experience(n)) })
    const insights = (count: number) => Array.from({ length: count }, (_, n) => insight(n, sources))
    const refused = await refusalOf(restore({ insights: insights(250) }))
    expect([refused.code, refused.details.field, refused.details.limit]).toEqual([
      ...['TOO_MANY_ITEMS', 'insights', limits.BATCH_ROWS_MAX],
    ])
    expect(await graph.stats()).toMatchObject({ insightCount: 0 })
    expect(await restore({ insights: insights(200) })).toEqual([200, 0])
  }, 60_000)

  test('B2 P11 what is restored counts towards the limit of links, within one request too', async () => {
    const count = limits.LINKS_PER_EXPERIENCE_MAX
    const others = Array.from({ length: count + 1 }, (_, n) => n + 10)
    await restore({ experiences: [experience(1)] })
    for (let at = 0; at < others.length; at += 999) {
      const some = others.slice(at, at + 999)
      await restore({ experiences: some.map((n) => experience(n)) })
      const relations = some.map((n) => relation(n, n, 1))
      if (at + 999 < others.length) await restore({ relations })
      else {
        const refused = await refusalOf(restore({ relations }))
        expect([refused.code, refused.details.field]).toEqual([
          ...['TOO_MANY_ITEMS', `relations[${relations.length - 1}].target`],
        ])
        await restore({ relations: relations.slice(0, -1) })
      }
    }
    expect(await graph.stats()).toMatchObject({ relationCount: count })
  }, 60_000)
})
