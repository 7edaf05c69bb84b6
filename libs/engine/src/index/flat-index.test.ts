import type { ExperienceId, Sequence } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isExpired } from '../expiry/is-expired.ts'
import { energyOf, inputsOf } from '../memory/experience/energy.ts'
import type { ExperienceRow } from '../memory/experience/experience-rows.ts'
import { matchesFilter } from '../memory/experience/filter.ts'
import { bestFirst } from './best-first.ts'
import { FlatIndex } from './flat-index.ts'
import { ScanArena } from './scan/scan-arena.ts'
import type { Conditions, Ranking, VectorHit } from './vector-index.ts'

const DIMENSION = 5
const arena = new ScanArena()
const NOW = 1_700_000_000_000
const LIVE: Conditions = { filter: {}, atMs: NOW }

const idOf = (n: number): ExperienceId => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}` as ExperienceId

const plain: ExperienceRow = {
  id: idOf(0),
  content: 'x',
  type: { kind: 'generic' },
  importance: 0.5,
  confidence: 0.5,
  applications: {},
  domain: [],
  relatedFiles: [],
  sourceAgent: 'anonymous',
  createdAt: NOW,
  lastReinforced: NOW,
  archived: false,
  version: 1,
  address: { sequence: 1 as Sequence, index: 0 },
}

const rowOf = (n: number, fields: Partial<ExperienceRow> = {}): ExperienceRow => ({ ...plain, ...fields, id: idOf(n) })

/** Cosine in double precision over plain arrays, rounded once. */
const cosine = (left: ArrayLike<number>, right: ArrayLike<number>): number => {
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    Array.from(a).reduce((sum, value, index) => sum + value * (b[index] as number), 0)
  return Math.fround(Math.max(-1, Math.min(1, dot(left, right) / Math.sqrt(dot(left, left) * dot(right, right)))))
}

const vector = fc
  .array(fc.integer({ min: -3, max: 3 }), { minLength: DIMENSION, maxLength: DIMENSION })
  .filter((values) => values.some((value) => value !== 0))

/** Few values of each, so that scores tie, and filters split. */
const some = <Value>(...values: Value[]) => fc.constantFrom(...values)
const tags = fc.subarray(['a', 'b', 'c'])
const fields: fc.Arbitrary<Partial<ExperienceRow>> = fc.record(
  {
    type: some({ kind: 'generic' as const }, { kind: 'fact' as const, statement: 's', source: 't' }),
    importance: some(0, 0.5, 1),
    confidence: some(0, 0.25, 1),
    applications: some({}, { one: 1 }, { one: 3, two: 4 }),
    domain: tags,
    relatedFiles: tags,
    sourceAgent: some('bee', 'wasp'),
    sourceTask: some('t', 'u'),
    createdAt: some(NOW, NOW - 1_000),
    lastReinforced: some(NOW, NOW - 1_000, NOW + 1_000),
    archived: fc.boolean(),
    expiresAt: some(NOW - 1, NOW, NOW + 1),
  },
  { requiredKeys: [] },
)

const conditions: fc.Arbitrary<Conditions> = fc.record({
  filter: fc.record(
    {
      domains: fc.subarray(['a', 'b', 'z']),
      types: fc.subarray(['generic', 'fact', 'solution'] as const),
      minImportance: some(0, 0.5, 2),
      minConfidence: some(0.25, 0.3),
      since: some(NOW - 1_000, NOW - 999),
      until: some(NOW, NOW - 1_000),
      agents: fc.subarray(['bee', 'wasp', 'ant']),
      tasks: fc.subarray(['t', 'v']),
      files: fc.subarray(['c', 'z']),
      includeArchived: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
  atMs: some(NOW, NOW - 1),
})

const ranking: fc.Arbitrary<Ranking> = fc.record({
  weights: some(0, 0.25, 0.5, 1).map((energy) => ({ similarity: 1 - energy, energy })),
  decay: fc.record({ halfLifeMs: some(500, 1e9), freqWeight: some(0, 0.25), floor: fc.constant(0) }),
  nowMs: fc.constant(NOW),
})

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('put' as const), n: fc.nat(30), vector, fields }) },
  fc.record({ verb: fc.constant('row' as const), n: fc.nat(30), fields }),
  fc.record({ verb: fc.constant('remove' as const), n: fc.nat(30) }),
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never
const steps = fc.array(step, { maxLength: 120 })

interface Stored {
  readonly vector: readonly number[]
  readonly row: ExperienceRow
}
type Model = ReadonlyMap<ExperienceId, Stored>

/** Takes steps in an index, and returns what they lead to. */
const take = (all: readonly Step[], index: FlatIndex): Model => {
  const model = new Map<ExperienceId, Stored>()
  for (const each of all) {
    const id = idOf(each.n)
    const known = model.get(id)
    if (each.verb === 'remove') {
      index.remove(id)
      model.delete(id)
      continue
    }
    const row = rowOf(each.n, each.fields)
    if (each.verb === 'put') {
      index.put(id, Float32Array.from(each.vector), row)
      model.set(id, { vector: each.vector, row })
    } else {
      index.setRow(row)
      if (known !== undefined) model.set(id, { ...known, row })
    }
  }
  return model
}

const meets = ({ row }: Stored, { filter, atMs }: Conditions): boolean =>
  (filter.includeArchived === true || !row.archived) && !isExpired(row.expiresAt, atMs) && matchesFilter(row, filter)

const inOrder = (left: VectorHit, right: VectorHit): number =>
  right.score - left.score || right.similarity - left.similarity || (left.id < right.id ? -1 : 1)

describe('FlatIndex', () => {
  test('P7 finds exactly what a scan of plain arrays finds, in its order, after any changes and by any filter', () => {
    fc.assert(
      fc.property(steps, vector, fc.integer({ min: 1, max: 40 }), conditions, (all, query, k, wanted) => {
        const index = new FlatIndex(DIMENSION, arena)
        const model = take(all, index)
        const matching = [...model].filter(([, stored]) => meets(stored, wanted))
        const expected = matching
          .map(([id, stored]) => ({ id, similarity: cosine(stored.vector, query) }))
          .map((hit) => ({ ...hit, score: hit.similarity }))
          .sort(inOrder)
          .slice(0, k)
        const found = index.search({ embedding: Float32Array.from(query), k, conditions: wanted })
        expect(index.size).toBe(model.size)
        expect(found).toEqual(expected)
        const [matches, similarityOf] = [index.matching(wanted), index.similarityTo(Float32Array.from(query))]
        for (const { id, similarity } of found) expect(similarityOf(id)).toBe(similarity)
        expect(similarityOf(idOf(31))).toBeUndefined()
        for (let n = 0; n <= 30; n += 1) expect(matches(idOf(n))).toBe(matching.some(([id]) => id === idOf(n)))
      }),
    )
  })

  test('P7 weighed, it finds what sorting the whole collective by score finds, ties by similarity, then id', () => {
    fc.assert(
      fc.property(
        steps,
        vector,
        fc.tuple(ranking, conditions),
        fc.integer({ min: 1, max: 40 }),
        fc.func(fc.boolean()),
        (all, query, [weighed, wanted], k, accept) => {
          const index = new FlatIndex(DIMENSION, arena)
          const model = take(all, index)
          const { weights, decay, nowMs } = weighed
          const expected = [...model]
            .filter(([id, stored]) => meets(stored, wanted) && accept(id))
            .map(([id, { vector: own, row }]) => {
              const similarity = cosine(own, query)
              const energy = energyOf(inputsOf(row), nowMs, decay)
              expect(index.energy(id, weighed)).toBe(energy)
              const score = weights.similarity * Math.max(0, similarity) + weights.energy * energy
              return { id, similarity, score, energy }
            })
            .sort(inOrder)
            .slice(0, k)
          const embedding = Float32Array.from(query)
          expect(index.search({ embedding, k, conditions: wanted, ranking: weighed, accept })).toEqual(expected)
        },
      ),
    )
  })

  test('among some rows, it finds what a search finds that accepts those alone', () => {
    fc.assert(
      fc.property(
        steps,
        vector,
        fc.array(fc.nat(40)),
        fc.option(ranking, { nil: undefined }),
        (all, query, rows, weighed) => {
          const index = new FlatIndex(DIMENSION, arena)
          take(all, index)
          const ids = new Set(rows.map((row) => index.idAt(row)))
          const asked = { embedding: Float32Array.from(query), k: 7, conditions: LIVE }
          const ranked = weighed === undefined ? asked : { ...asked, ranking: weighed }
          expect(index.searchAmong(Uint32Array.from(rows), ranked)).toEqual(
            index.search({ ...ranked, accept: (id) => ids.has(id) }),
          )
        },
      ),
    )
  })

  test('a vector keeps its number until it is removed, and free numbers are used again', () => {
    const index = new FlatIndex(2, arena)
    const numbers = [1, 2, 3].map((n) => {
      index.put(idOf(n), Float32Array.of(n, 1), rowOf(n))
      return index.rowOf(idOf(n)) as number
    })
    index.remove(idOf(2))
    index.put(idOf(3), Float32Array.of(30, 1), rowOf(3))
    expect(numbers.map((row) => index.idAt(row))).toEqual([idOf(1), undefined, idOf(3)])
    const vectorOf3 = new Float32Array(2)
    index.readVector(numbers[2] as number, vectorOf3)
    expect([...vectorOf3]).toEqual([30, 1])
    index.put(idOf(4), Float32Array.of(4, 1), rowOf(4))
    expect(index.rowOf(idOf(4))).toBe(numbers[1])
    expect(index.rowsEnd).toBe(3)
  })

  test('P7 a further condition is asked best first, and of no more than it takes', () => {
    const index = new FlatIndex(2, arena)
    for (let n = 0; n < 100; n += 1) index.put(idOf(n), Float32Array.of(1, n))
    const asked: string[] = []
    const accept = (id: string): boolean => {
      asked.push(id)
      return id !== idOf(1)
    }
    const hits = index.search({ embedding: Float32Array.of(1, 0), k: 2, accept })
    expect(hits.map(({ id }) => id)).toEqual([idOf(0), idOf(2)])
    expect(asked).toEqual([idOf(0), idOf(1), idOf(2)])
  })

  test('equal vectors tie, and ties are broken by id', () => {
    const index = new FlatIndex(2, arena)
    for (const n of [3, 1, 2]) index.put(idOf(n), Float32Array.of(0.1 * 3, 0.7))
    const hits = index.search({ embedding: Float32Array.of(5, 1), k: 3 })
    expect(hits.map(({ id }) => id)).toEqual([idOf(1), idOf(2), idOf(3)])
    expect(new Set(hits.map(({ similarity }) => similarity)).size).toBe(1)
  })

  test.each([
    ['tiny', 1e-38],
    ['huge', 1e37],
  ])('components that are %s neither overflow nor vanish', (_, scale) => {
    const index = new FlatIndex(3, arena)
    index.put(idOf(1), Float32Array.of(scale, 0, 0))
    index.put(idOf(2), Float32Array.of(0, scale, 0))
    const hits = index.search({ embedding: Float32Array.of(scale, 0, 0), k: 2 })
    expect(hits).toEqual([
      { id: idOf(1), similarity: 1, score: 1 },
      { id: idOf(2), similarity: 0, score: 0 },
    ])
  })

  test('what has no record meets no conditions', () => {
    const index = new FlatIndex(1, arena)
    index.put(idOf(1), Float32Array.of(1))
    expect(index.search({ embedding: Float32Array.of(1), k: 1, conditions: LIVE })).toEqual([])
    expect(index.search({ embedding: Float32Array.of(1), k: 1 })).toHaveLength(1)
  })
})

describe('bestFirst', () => {
  test('yields any items in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        expect([...bestFirst([...items], (left, right) => left < right)]).toEqual(items.toSorted((a, b) => a - b))
      }),
    )
  })
})
