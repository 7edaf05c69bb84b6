import { describe, expect, it } from 'vitest'
import { DotLoop } from '../exact-search.ts'
import { nearestRows } from './nearest-rows.ts'
import { DIMENSION, makeVectors, vectorKinds } from './vector-set.ts'

const rowOf = (all: Float32Array, row: number): Float32Array => all.subarray(row * DIMENSION, (row + 1) * DIMENSION)
const dot = (left: Float32Array, right: Float32Array): number =>
  left.reduce((sum, value, index) => sum + value * (right[index] as number), 0)

describe.each(vectorKinds)('%s vectors', (kind) => {
  const { base, queries } = makeVectors(kind, { seed: 7, rows: 300, queries: 5 })

  it('are of length 1', () => {
    for (let row = 0; row < 300; row += 1) expect(dot(rowOf(base, row), rowOf(base, row))).toBeCloseTo(1, 5)
  })

  it('repeat with their seed, a smaller set being the beginning of a larger one', () => {
    expect(makeVectors(kind, { seed: 7, rows: 20, queries: 5 })).toEqual({
      base: base.subarray(0, 20 * DIMENSION),
      queries,
    })
    expect(makeVectors(kind, { seed: 8, rows: 20, queries: 5 }).queries).not.toEqual(queries)
  })

  it('have the neighbours that a plain scan finds, also where rows are no multiple of the lanes', () => {
    const some = base.subarray(0, 299 * DIMENSION)
    const vectors = Array.from({ length: 299 }, (_, row) => rowOf(some, row))
    const scan = new DotLoop(vectors, DIMENSION)
    const found = nearestRows(some, queries, DIMENSION, 10)
    for (let query = 0; query < 5; query += 1)
      expect([...found.subarray(query * 10, query * 10 + 10)]).toEqual(scan.nearest(rowOf(queries, query), 10))
  })
})

describe('the two kinds', () => {
  const spread = (kind: (typeof vectorKinds)[number]): number => {
    const { base, queries } = makeVectors(kind, { seed: 3, rows: 1_000, queries: 10 })
    const best = nearestRows(base, queries, DIMENSION, 100)
    const ratio = (query: number): number => {
      const cosine = (rank: number): number =>
        dot(rowOf(base, best[query * 100 + rank] as number), rowOf(queries, query))
      return cosine(99) / cosine(0)
    }
    return Array.from({ length: 10 }, (_, query) => ratio(query)).reduce((sum, value) => sum + value / 10, 0)
  }

  it('differ in what they are made for: hard ones have everything about equally far', () => {
    expect(spread('hard')).toBeGreaterThan(1.3 * spread('clustered'))
  })

  it('give the same row for equals, the lower one first', () => {
    const twice = new Float32Array(2 * DIMENSION).fill(0.5)
    expect([...nearestRows(twice, twice.subarray(0, DIMENSION), DIMENSION, 2)]).toEqual([0, 1])
  })
})
