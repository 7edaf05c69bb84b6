/** Ways through relations: shortest first, bounded, and true about what was not looked at. */
import { limits, type Relation, type RelationPath } from '@waggle/protocol'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { idOf, refusalOf, TestGraph } from '../../testing/test-graph.ts'

let graph: TestGraph

beforeEach(async () => {
  graph = await TestGraph.open()
  await graph.record(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
})

const numberOf = (id: string): number => parseInt(id.slice(-4), 16)

/** Paths as the numbers of their experiences. */
const pathsFrom = async (from: number, more: object = {}): Promise<{ ways: number[][]; truncated: boolean }> => {
  const reply = await graph.call('relation.paths', { from: idOf(from), ...more })
  const paths = reply.paths as RelationPath[]
  for (const { experiences, relations } of paths)
    relations.forEach((relation, at) => {
      expect([relation.source, relation.target].toSorted()).toEqual([experiences[at], experiences[at + 1]].toSorted())
    })
  return { ways: paths.map(({ experiences }) => experiences.map(numberOf)), truncated: reply.truncated as boolean }
}

const all = async (...pairs: readonly (readonly [number, number])[]): Promise<void> => {
  for (const [source, target] of pairs) await graph.relate(source, target)
}

describe('relation.paths', () => {
  test('W2 W3 without an end: one shortest path to each that can be reached, nearest first', async () => {
    await all([0, 1], [1, 2], [0, 3], [3, 2], [2, 4], [2, 0], [5, 0])
    expect(await pathsFrom(0)).toEqual({
      ways: [
        [0, 1],
        [0, 3],
        [0, 1, 2],
        [0, 1, 2, 4],
      ],
      truncated: false,
    })
  })

  test('W3 with an end: every path to it that meets nothing twice, shortest first', async () => {
    await all([0, 1], [1, 2], [0, 2], [1, 3], [3, 2], [3, 1], [2, 0], [2, 4])
    await graph.relate(0, 2, { type: 'implies' })
    expect(await pathsFrom(0, { to: idOf(2) })).toEqual({
      ways: [
        [0, 2],
        [0, 2],
        [0, 1, 2],
        [0, 1, 3, 2],
      ],
      truncated: false,
    })
  })

  test('the relations of a path are whole', async () => {
    const id = await graph.relate(0, 1, { strength: 0.5, metadata: 'why' })
    const { paths } = await graph.call('relation.paths', { from: idOf(0) })
    const { relation } = await graph.call('relation.get', { id })
    expect(paths).toEqual([{ experiences: [idOf(0), idOf(1)], relations: [relation] }])
  })

  test.each([
    ['outgoing', [[1, 2]]],
    ['incoming', [[1, 0]]],
    [
      'both',
      [
        [1, 2],
        [1, 0],
      ],
    ],
  ])('in the direction %s', async (direction, ways) => {
    await all([0, 1], [1, 2])
    expect((await pathsFrom(1, { direction })).ways).toEqual(ways)
  })

  test('only through the types and strengths that are asked for; no types, no paths', async () => {
    await graph.relate(0, 1, { type: 'implies', strength: 0.9 })
    await graph.relate(0, 2, { type: 'supports', strength: 0.5 })
    await graph.relate(0, 3, { type: 'contradicts', strength: 0.5 })
    expect((await pathsFrom(0, { types: ['implies', 'supports'] })).ways).toEqual([
      [0, 1],
      [0, 2],
    ])
    expect((await pathsFrom(0, { minStrength: 0.9 })).ways).toEqual([[0, 1]])
    expect(await pathsFrom(0, { types: [] })).toEqual({ ways: [], truncated: false })
  })

  test('W4 depth ends a path and is no truncation', async () => {
    await all([0, 1], [1, 2], [2, 3], [3, 4], [4, 5], [5, 6], [6, 7], [7, 8], [8, 9])
    expect(await pathsFrom(0, { maxDepth: 2 })).toEqual({
      ways: [
        [0, 1],
        [0, 1, 2],
      ],
      truncated: false,
    })
    expect((await pathsFrom(0)).ways.at(-1)).toEqual([0, 1, 2, 3])
    expect((await pathsFrom(0, { to: idOf(8), maxDepth: limits.PATH_DEPTH_MAX })).ways).toHaveLength(1)
    expect(await pathsFrom(0, { to: idOf(9), maxDepth: limits.PATH_DEPTH_MAX })).toEqual({ ways: [], truncated: false })
  })

  test('W4 the limit is a truncation exactly when there is one more', async () => {
    await all([0, 1], [0, 2], [0, 3])
    expect(await pathsFrom(0, { limit: 2 })).toEqual({
      ways: [
        [0, 1],
        [0, 2],
      ],
      truncated: true,
    })
    expect((await pathsFrom(0, { limit: 3 })).truncated).toBe(false)
  })

  test('W1 W4 each relation that is looked at is paid for; what is left unseen is said', async () => {
    await all([0, 1], [0, 2], [1, 3], [2, 3])
    expect(await pathsFrom(0, { budget: 4 })).toEqual({
      ways: [
        [0, 1],
        [0, 2],
        [0, 1, 3],
      ],
      truncated: false,
    })
    expect(await pathsFrom(0, { budget: 3 })).toEqual({
      ways: [
        [0, 1],
        [0, 2],
        [0, 1, 3],
      ],
      truncated: true,
    })
    expect(await pathsFrom(0, { budget: 1 })).toEqual({ ways: [[0, 1]], truncated: true })
    // Those that no condition takes were looked at too.
    expect(await pathsFrom(0, { budget: 2, types: ['implies'] })).toEqual({ ways: [], truncated: false })
    expect(await pathsFrom(0, { budget: 1, types: ['implies'] })).toEqual({ ways: [], truncated: true })
  })

  test('K8 W4 paths end before a reply does', async () => {
    await graph.record(...Array.from({ length: 900 }, (_, n) => n + 10))
    const metadata = '\u0001'.repeat(limits.RELATION_METADATA_BYTES_MAX)
    for (let n = 0; n < 100; n += 1) await graph.relate(0, n + 10, { metadata })
    const reply = await graph.call('relation.paths', { from: idOf(0), limit: 1_000 })
    expect(Buffer.byteLength(JSON.stringify(reply))).toBeLessThan(limits.REPLY_BYTES_MAX)
    expect(reply.truncated).toBe(true)
    expect((reply.paths as unknown[]).length).toBeGreaterThan(50)
  })

  test('archived experiences are on the way; deleted ones are not', async () => {
    await all([0, 1], [1, 2], [0, 3], [3, 2])
    await graph.call('experience.archive', { id: idOf(1) })
    await graph.delete(3)
    expect((await pathsFrom(0, { to: idOf(2) })).ways).toEqual([[0, 1, 2]])
  })

  test('P10 from nothing is refused; to nothing, or back, there is no path', async () => {
    await all([0, 1], [1, 0])
    const refused = await refusalOf(pathsFrom(99))
    expect([refused.code, refused.details]).toEqual([
      'NOT_FOUND',
      { field: 'from', entity: 'experience', id: idOf(99) },
    ])
    for (const to of [0, 99]) expect(await pathsFrom(0, { to: idOf(to) })).toEqual({ ways: [], truncated: false })
    expect((await refusalOf(pathsFrom(0, { collective: idOf(5) }))).details.entity).toBe('collective')
    for (const [field, value] of [
      ...[
        ['maxDepth', 0],
        ['maxDepth', 9],
        ['budget', 0],
        ['budget', 10_001],
        ['limit', 0],
        ['limit', 1_001],
      ],
    ] as const)
      expect((await refusalOf(pathsFrom(0, { [field as string]: value }))).details.field).toBe(field)
  })
})

/** All simple paths by plain recursion, shortest first. */
const simplePaths = (relations: readonly Relation[], to: number, way: readonly number[], depth: number): number[][] =>
  way.at(-1) === to
    ? [[...way]]
    : depth === 0
      ? []
      : relations
          .filter(({ source, target }) => numberOf(source) === way.at(-1) && !way.includes(numberOf(target)))
          .flatMap(({ target }) => simplePaths(relations, to, [...way, numberOf(target)], depth - 1))

test('W2 W3 in random graphs the paths are those that plain recursion finds', async () => {
  const pair = fc.tuple(fc.nat(6), fc.nat(6)).filter(([source, target]) => source !== target)
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(pair, { maxLength: 16, selector: String }), async (pairs) => {
      graph = await TestGraph.open()
      await graph.record(0, 1, 2, 3, 4, 5, 6)
      await all(...pairs)
      const relations = await graph.relations()
      const wide = { maxDepth: 6, limit: 1_000, budget: 10_000 }
      const reached = await pathsFrom(0, wide)
      expect(reached.truncated).toBe(false)
      for (let to = 1; to <= 6; to += 1) {
        const wanted = simplePaths(relations, to, [0], 6)
        const { ways, truncated } = await pathsFrom(0, { ...wide, to: idOf(to) })
        expect(truncated).toBe(false)
        expect(ways.map(String).sort()).toEqual(wanted.map(String).sort())
        const lengths = ways.map(({ length }) => length)
        expect(lengths).toEqual(lengths.toSorted((left, right) => left - right))
        const nearest = reached.ways.filter((way) => way.at(-1) === to)
        expect(nearest.map(({ length }) => length)).toEqual(lengths.slice(0, 1))
      }
    }),
    { numRuns: 30 },
  )
}, 30_000)
