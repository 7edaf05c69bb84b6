import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostsOf, rank } from './rank.ts'

const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,16}$/)
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 9 })
const shards = fc.integer({ min: 0, max: 127 })
const copies = fc.integer({ min: 1, max: 5 })

describe('placement', () => {
  test('R1 a node that comes takes places of its own, and moves nothing between the others', () => {
    fc.assert(
      fc.property(names, name, shards, copies, (nodes, added, shard, count) => {
        fc.pre(!nodes.includes(added))
        const before = hostsOf(shard, nodes, count)
        const after = hostsOf(shard, [...nodes, added], count)
        if (!after.includes(added)) expect(after).toEqual(before)
        else {
          const others = after.filter((node) => node !== added)
          expect(others).toEqual(before.slice(0, others.length))
        }
      }),
    )
  })

  test('R1 a node that goes leaves its places to others, and moves nothing else', () => {
    fc.assert(
      fc.property(names, shards, copies, (nodes, shard, count) => {
        const gone = nodes[0] as string
        const left = nodes.slice(1)
        const kept = hostsOf(shard, nodes, count).filter((node) => node !== gone)
        expect(hostsOf(shard, left, count).slice(0, kept.length)).toEqual(kept)
      }),
    )
  })

  test('R1 the order in which nodes were heard of does not matter', () => {
    fc.assert(
      fc.property(names, shards, (nodes, shard) => {
        expect(rank(shard, [...nodes].reverse())).toEqual(rank(shard, nodes))
        expect([...rank(shard, nodes)].sort()).toEqual([...nodes].sort())
      }),
    )
  })

  const counted = (nodes: readonly string[], count: number, of: (shard: number) => readonly string[]) => {
    const counts = new Map(nodes.map((node) => [node, 0]))
    for (let shard = 0; shard < count; shard += 1)
      for (const node of of(shard)) counts.set(node, (counts.get(node) ?? 0) + 1)
    return [...counts.values()]
  }

  /** Names as people give them: those of one set of pods, of one cloud, of one rack. */
  const families = ['n', 'node-', 'waggle-shard-', 'ip-10-0-0-', 'rack1_', 'shard-a', 'x'] as const

  test.each([
    [3, 16, 2],
    [5, 16, 2.6],
    [3, 64, 1.4],
    [5, 64, 1.5],
  ] as const)('%i nodes share %i shards: nobody has more than %f times its part', (size, count, factor) => {
    const spreads = families.flatMap((family) => {
      const nodes = Array.from({ length: size }, (_, index) => `${family}${index}`)
      const leaders = counted(nodes, count, (shard) => hostsOf(shard, nodes, 1))
      const replicas = counted(nodes, count, (shard) => hostsOf(shard, nodes, 2))
      return [Math.max(...leaders) / (count / size), Math.max(...replicas) / ((2 * count) / size)]
    })
    expect(Math.max(...spreads)).toBeLessThan(factor)
  })

  test('a fourth and a fifth node take about their share of 64 shards, and no more moves', () => {
    const moved = families.map((family) => {
      const three = [0, 1, 2].map((index) => `${family}${index}`)
      const five = [...three, `${family}3`, `${family}4`]
      const shards = Array.from({ length: 64 }, (_, shard) => shard)
      return shards.filter((shard) => hostsOf(shard, three, 1)[0] !== hostsOf(shard, five, 1)[0]).length
    })
    // Two fifths of 64 are 25.6, with a deviation of 4.
    for (const count of moved) expect(Math.abs(count - 25.6)).toBeLessThan(13)
    expect(moved.reduce((sum, count) => sum + count, 0) / moved.length).toBeCloseTo(25.6, -1)
  })

  test('R2 the places of a cluster are what they always were', () => {
    const nodes = ['n1', 'n2', 'n3']
    const leaders = Array.from({ length: 16 }, (_, shard) =>
      rank(shard, nodes)
        .map((node) => node.slice(1))
        .join(''),
    )
    expect(leaders).toMatchInlineSnapshot(`
      [
        "231",
        "123",
        "321",
        "213",
        "312",
        "132",
        "132",
        "231",
        "321",
        "231",
        "132",
        "321",
        "132",
        "231",
        "213",
        "321",
      ]
    `)
  })
})
