/** What goes with an experience: its relations, and evidence of insights, in one batch, each with a journal row. */
import { limits } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { openTestEngine } from '../../testing/test-engine.ts'
import { idOf, TestGraph } from '../../testing/test-graph.ts'

let graph: TestGraph

beforeEach(async () => {
  graph = await TestGraph.open()
  await graph.record(1, 2, 3, 4)
})

describe('deleting an experience', () => {
  test('P3 takes its relations of both directions along, and no others', async () => {
    const [out, into] = [await graph.relate(1, 2), await graph.relate(3, 1)]
    const kept = await graph.relate(2, 3)
    const insight = await graph.conclude([4, 1])
    const before = (await graph.journal()).length
    await graph.delete(1)
    expect((await graph.relations()).map(({ id }) => id)).toEqual([kept])
    expect(await graph.stats()).toMatchObject({ relationCount: 1, insightCount: 1, experienceCount: 3 })
    expect((await graph.journal()).slice(before)).toEqual([
      `relation deleted ${out}`,
      `relation deleted ${into}`,
      `insight updated ${insight}`,
      `experience deleted ${idOf(1)}`,
    ])
  })

  test('T1 N2 the same id can be recorded again, and has nothing of the earlier one', async () => {
    await graph.relate(1, 2)
    await graph.relate(2, 1)
    await graph.conclude([1])
    await graph.delete(1)
    await graph.record(1)
    expect((await graph.call('relation.related', { id: idOf(1) })).items).toEqual([])
    await graph.relate(1, 2)
    await graph.relate(2, 1)
    expect(await graph.stats()).toMatchObject({ relationCount: 2 })
  })

  test('P3 of several that go in one batch each relation goes once', async () => {
    const between = await graph.relate(1, 2)
    const beyond = await graph.relate(2, 3)
    const insight = await graph.conclude([1, 2, 3])
    const before = (await graph.journal()).length
    const commands = [1, 2].map((n) => ({ operation: 'experience.delete', id: idOf(n) }))
    await graph.call('batch.commit', { commands })
    expect((await graph.journal()).slice(before)).toEqual([
      ...[`relation deleted ${between}`, `insight updated ${insight}`, `experience deleted ${idOf(1)}`],
      ...[`relation deleted ${beyond}`, `insight updated ${insight}`, `experience deleted ${idOf(2)}`],
    ])
    expect(await graph.insight(insight)).toMatchObject({ lostSources: [idOf(1), idOf(2)] })
    expect(await graph.relations()).toEqual([])
  })

  test('P3 several that race in one tick, each a command of its own, leave nothing behind', async () => {
    for (const [source, target] of [
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 1],
    ] as const)
      await graph.relate(source, target)
    await graph.conclude([1, 2, 3, 4])
    await Promise.all([1, 2, 3, 4].map(async (n) => graph.delete(n)))
    expect(await graph.stats()).toMatchObject({ relationCount: 0, experienceCount: 0, insightCount: 1 })
    expect((await graph.insights())[0]?.lostSources).toHaveLength(4)
    // Neither relations, orders, triples nor links are left.
    const tables = await graph.tables()
    for (const table of [1, 2, 3, 8, 9, 10, 11]) expect(tables[table]).toBeUndefined()
  })

  test('P8 the same from the log alone', async () => {
    await graph.relate(1, 2)
    await graph.conclude([2, 3])
    await graph.delete(2)
    const replica = await openTestEngine({ stream: graph.engine.stream })
    expect(await replica.engine.digest()).toEqual(await graph.engine.engine.digest())
  })
})

test(
  'K5 F3 the most related experience that there can be goes in one batch of several parts',
  { timeout: 120_000 },
  async () => {
    const count = limits.LINKS_PER_EXPERIENCE_MAX
    const hub = idOf(1)
    const others = Array.from({ length: count }, (_, n) => idOf(n + 10))
    for (let at = 0; at < count; at += 1_000) {
      const some = others.slice(at, at + 1_000)
      const of = (operation: string, more: (id: string) => object) =>
        graph.call('batch.commit', { commands: some.map((id) => ({ operation, ...more(id) })) })
      await of('experience.record', (id) => ({ id, content: 'x', embedding: [1, 1] }))
      await of('relation.create', (id) => ({ source: hub, target: id, type: 'supports' }))
      await of('relation.create', (id) => ({ source: id, target: hub, type: 'supports' }))
      const insight = { content: 'y'.repeat(1_000), embedding: [1, 1], sources: [hub], type: 'pattern' }
      await of('insight.store', () => insight)
    }
    expect(await graph.stats()).toMatchObject({ relationCount: 2 * count, insightCount: count })
    await graph.delete(1)
    expect(await graph.stats()).toMatchObject({ relationCount: 0, insightCount: count, experienceCount: count + 3 })
    expect((await graph.tables())[11]).toBeUndefined()
    const { items } = await graph.call('insight.list', { limit: 1_000 })
    expect((items as { stale: boolean }[]).every(({ stale }) => stale)).toBe(true)
  },
)
