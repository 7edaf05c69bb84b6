import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sampleVectors, vectorShapes } from '../../testing/sample-vectors.ts'
import { dotAt } from '../dot.ts'
import { RowBlocks, type ScanSink } from './row-blocks.ts'
import { ScanArena } from './scan-arena.ts'

const arena = new ScanArena()

/** As B2 has it. */
const cosine = (left: Float32Array, right: Float32Array): number => {
  const lengths = Math.sqrt(dotAt(left, 0, left)) * Math.sqrt(dotAt(right, 0, right))
  return Math.fround(Math.max(-1, Math.min(1, dotAt(left, 0, right) / lengths)))
}

/** All that a scan reports. */
const bounds = (threshold = -Infinity): ScanSink & { readonly found: Map<number, readonly [number, number]> } => {
  const found = new Map<number, readonly [number, number]>()
  return {
    threshold,
    found,
    offer: (row, least, most) => {
      expect(found.has(row)).toBe(false)
      found.set(row, [least, most])
    },
  }
}

const filled = (vectors: readonly Float32Array[], dimension: number): RowBlocks => {
  const blocks = new RowBlocks(dimension, arena)
  for (const [row, vector] of vectors.entries()) blocks.put(row, vector)
  return blocks
}

const dimension = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(128, 384, 1_000))
const samples = fc.record({
  shape: fc.constantFrom(...vectorShapes),
  queries: fc.constantFrom(...vectorShapes),
  dimension,
  count: fc.integer({ min: 1, max: 60 }),
  seed: fc.nat(),
})

describe('RowBlocks', () => {
  test('B1 B2 a similarity lies between the bounds of a scan, and is what sums in double precision give', () => {
    fc.assert(
      fc.property(samples, ({ shape, queries, dimension, count, seed }) => {
        const vectors = sampleVectors(shape, count, dimension, seed)
        const blocks = filled(vectors, dimension)
        for (const embedding of [...sampleVectors(queries, 2, dimension, seed + 1), vectors[0] as Float32Array]) {
          const query = blocks.queryOf(embedding)
          const all = bounds()
          blocks.scan(query, all)
          expect(all.found.size).toBe(count)
          for (const [row, [least, most]] of all.found) {
            const similarity = cosine(vectors[row] as Float32Array, embedding)
            expect(blocks.similarity(query, row)).toBe(similarity)
            expect(least).toBeLessThanOrEqual(similarity)
            expect(most).toBeGreaterThanOrEqual(similarity)
          }
        }
        blocks.dispose()
      }),
      { numRuns: 30 },
    )
  })

  test('B1 the bounds are narrow enough to rule rows out: a hundredth apart where components are alike', () => {
    const vectors = sampleVectors('plain', 50, 384, 1)
    const blocks = filled(vectors, 384)
    const all = bounds()
    blocks.scan(blocks.queryOf(vectors[0] as Float32Array), all)
    for (const [least, most] of all.found.values()) expect(most - least).toBeLessThan(0.01)
  })

  test('K1 Q1 the largest sums of the largest dimension do not overflow', () => {
    const vectors = sampleVectors('flat', 8, 4_096, 1)
    const opposite = (vectors[0] as Float32Array).map((value) => -value)
    const blocks = filled([...vectors, opposite], 4_096)
    const all = bounds()
    blocks.scan(blocks.queryOf(vectors[0] as Float32Array), all)
    expect(all.found.get(0)?.[0]).toBeGreaterThan(0.99)
    expect(all.found.get(8)?.[1]).toBeLessThan(-0.99)
    blocks.dispose()
  })

  test('a scan of some rows reports those that reach the threshold among them, be they few or most of a block', () => {
    const vectors = sampleVectors('plain', 300, 8, 5)
    const blocks = filled(vectors, 8)
    const embedding = vectors[7] as Float32Array
    const query = blocks.queryOf(embedding)
    fc.assert(
      fc.property(fc.nat(20), fc.double({ min: -1, max: 1, noNaN: true }), (share, threshold) => {
        const rows = Uint32Array.from(vectors.keys()).filter((row) => (row * 7) % 20 < share)
        const some = bounds(threshold)
        blocks.scan(query, some, rows)
        const expected = [...rows].filter((row) => cosine(vectors[row] as Float32Array, embedding) >= threshold)
        expect([...some.found.keys()]).toEqual(expect.arrayContaining(expected))
        for (const [row, [, most]] of some.found) {
          expect(rows).toContain(row)
          expect(most).toBeGreaterThanOrEqual(threshold - 1e-4)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('a row that was cleared is reported no more, until it is put again', () => {
    const vectors = sampleVectors('plain', 20, 4, 6)
    const blocks = filled(vectors, 4)
    const query = blocks.queryOf(vectors[0] as Float32Array)
    blocks.clear(3)
    const without = bounds()
    blocks.scan(query, without)
    expect([...without.found.keys()]).toEqual([...vectors.keys()].filter((row) => row !== 3))
    blocks.put(3, vectors[0] as Float32Array)
    expect(blocks.similarity(query, 3)).toBe(1)
    const again = bounds()
    blocks.scan(query, again)
    expect(again.found.size).toBe(20)
  })
})
