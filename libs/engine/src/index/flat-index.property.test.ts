import { present } from '@waggle/kernel'
import type { ExperienceId, Sequence } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { energyOf, inputsOf } from '../memory/experience/energy.ts'
import type { ExperienceRow } from '../memory/experience/experience-rows.ts'
import { matchesFilter } from '../memory/experience/filter.ts'
import { sampleVectors, vectorShapes } from '../testing/sample-vectors.ts'
import { dotAt } from './dot.ts'
import { FlatIndex } from './flat-index.ts'
import { ScanArena } from './scan/scan-arena.ts'
import { ScanMemory } from './scan/scan-memory.ts'
import type { Ranking, VectorHit, VectorQuery } from './vector-index.ts'

const NOW = 1_700_000_000_000
const arena = new ScanArena()

const rowOf = (n: number): ExperienceRow => ({
  id: `00000000-0000-7000-8000-${String((n * 7_919) % 100_003).padStart(12, '0')}` as ExperienceId,
  content: 'x',
  type: { kind: 'generic' },
  importance: (n % 11) / 10,
  confidence: 0.5,
  applications: { here: n % 4 },
  domain: [`half ${n % 2}`, `tenth ${n % 10}`, `hundredth ${n % 100}`],
  relatedFiles: [],
  sourceAgent: 'anonymous',
  createdAt: NOW + n,
  lastReinforced: NOW - n * 1_000,
  archived: n % 13 === 0,
  version: 1,
  address: { sequence: 1 as Sequence, index: n },
})

interface Stored {
  readonly row: ExperienceRow
  readonly vector: Float32Array
}

/** Everything compared with everything, and sorted. */
const plainSearch = (
  all: Iterable<Stored>,
  { embedding, k, conditions, ranking }: VectorQuery,
): readonly VectorHit[] => {
  const hits: VectorHit[] = []
  const length = Math.sqrt(dotAt(embedding, 0, embedding))
  for (const { row, vector } of all) {
    const filter = conditions?.filter
    if (filter !== undefined && ((filter.includeArchived !== true && row.archived) || !matchesFilter(row, filter)))
      continue
    const cosine = dotAt(vector, 0, embedding) / (length * Math.sqrt(dotAt(vector, 0, vector)))
    const similarity = Math.fround(Math.max(-1, Math.min(1, cosine)))
    if (ranking === undefined) hits.push({ id: row.id, similarity, score: similarity })
    else {
      const energy = energyOf(inputsOf(row), ranking.nowMs, ranking.decay)
      const { weights } = ranking
      const score = weights.similarity * Math.max(0, similarity) + weights.energy * energy
      hits.push({ id: row.id, similarity, score, energy })
    }
  }
  const inOrder = (left: VectorHit, right: VectorHit): number =>
    right.score - left.score || right.similarity - left.similarity || (left.id < right.id ? -1 : 1)
  return hits.sort(inOrder).slice(0, k)
}

const rankingOf = (energy: number): Ranking => ({
  weights: { similarity: 1 - energy, energy },
  decay: { halfLifeMs: 100_000, freqWeight: 0.3, floor: 0 },
  nowMs: NOW,
})

const filters = [
  undefined,
  {},
  { includeArchived: true },
  { domains: ['half 1'] },
  { domains: ['tenth 3', 'tenth 7'] },
  { domains: ['hundredth 42'], minImportance: 0.2 },
  { domains: ['none'] },
]

const samples = fc.record({
  shape: fc.constantFrom(...vectorShapes),
  queries: fc.constantFrom(...vectorShapes),
  dimension: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(64, 100)),
  count: fc.integer({ min: 1, max: 500 }),
  k: fc.constantFrom(1, 3, 10, 50),
  filter: fc.constantFrom(...filters),
  energy: fc.constantFrom(undefined, 0.1, 0.5, 0.9, 1),
  seed: fc.nat(),
})

describe('FlatIndex', () => {
  test('A1 A2 P7 any vectors, many of them: the same hits with the same figures as from comparing everything', () => {
    fc.assert(
      fc.property(samples, ({ shape, queries, dimension, count, k, filter, energy, seed }) => {
        const index = new FlatIndex(dimension, arena)
        const stored = new Map<string, Stored>()
        const put = (row: ExperienceRow, vector: Float32Array): void => {
          index.put(row.id, vector, row)
          stored.set(row.id, { row, vector })
        }
        const vectors = sampleVectors(shape, count, dimension, seed)
        for (const [n, vector] of vectors.entries()) put(rowOf(n), vector)
        // Gaps, some of them filled again, and other vectors in the place of old ones.
        for (let n = 0; n < count; n += 5) {
          index.remove(rowOf(n).id)
          stored.delete(rowOf(n).id)
        }
        for (let n = 0; n < count; n += 10) put(rowOf(1_000 + n), vectors[(n * 3) % count] as Float32Array)
        for (let n = 1; n < count; n += 15) put(rowOf(n), vectors[(n * 7) % count] as Float32Array)
        const asked = [...sampleVectors(queries, 1, dimension, seed + 1), vectors[count >> 1] as Float32Array]
        for (const embedding of asked) {
          const query: VectorQuery = {
            embedding,
            k,
            ...(filter === undefined ? {} : { conditions: { filter, atMs: NOW } }),
            ...(energy === undefined ? {} : { ranking: rankingOf(energy) }),
          }
          expect(index.search(query)).toEqual(plainSearch(stored.values(), query))
        }
        index.dispose()
      }),
      { numRuns: 60 },
    )
  })

  test.each([true, false])('A1 P7 a sample that misleads about how many match changes no result (%s)', (sampled) => {
    const index = new FlatIndex(16, arena)
    const vectors = sampleVectors('plain', 640, 16, 9)
    // Every tenth row is in the sample of 64.
    const rows = vectors.map((_, n) => ({ ...rowOf(n), archived: (n % 10 === 0) !== sampled }))
    for (const [n, row] of rows.entries()) index.put(row.id, vectors[n] as Float32Array, row)
    const query = { embedding: vectors[3] as Float32Array, k: 100, conditions: { filter: {}, atMs: NOW } }
    const stored = rows.map((row, n) => ({ row, vector: vectors[n] as Float32Array }))
    expect(index.search(query)).toEqual(plainSearch(stored, query))
    index.dispose()
  })

  test('A1 where all vectors are the same, the first ids are found', () => {
    const index = new FlatIndex(48, arena)
    const vector = sampleVectors('plain', 1, 48, 3)[0] as Float32Array
    const ids = Array.from({ length: 2_000 }, (_, n) => rowOf(n).id)
    for (const id of ids) index.put(id, vector)
    const hits = index.search({ embedding: vector, k: 10 })
    expect(hits.map(({ id }) => id)).toEqual(ids.toSorted().slice(0, 10))
    expect(hits.every(({ similarity }) => similarity === 1)).toBe(true)
    index.dispose()
  })

  test('P11 an index that is disposed of gives all its memory back, and an empty one has none', () => {
    // Room for one index of that size.
    const memory = new ScanMemory(48)
    const source = { take: (bytes: number) => present(memory.take(bytes), 'a free block') }
    const vectors = sampleVectors('plain', 400, 384, 1)
    for (let round = 0; round < 4; round += 1) {
      const index = new FlatIndex(384, source)
      expect(index.bytes).toBeLessThan(20 * 1024)
      for (const [n, vector] of vectors.entries()) index.put(rowOf(n).id, vector, rowOf(n))
      expect(index.bytes).toBeGreaterThan(400 * 384 * 5)
      index.dispose()
    }
  })
})
