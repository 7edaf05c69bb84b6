import type { ExperienceId } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { energyOf, type EnergyInputs } from '../memory/experience/energy.ts'
import { bestFirst } from './best-first.ts'
import { FlatIndex } from './flat-index.ts'

const DIMENSION = 5

const idOf = (n: number): ExperienceId => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}` as ExperienceId

/** Cosine in double precision over plain arrays, rounded once. */
const cosine = (left: readonly number[], right: readonly number[]): number => {
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, index) => sum + value * (b[index] as number), 0)
  return Math.fround(Math.max(-1, Math.min(1, dot(left, right) / Math.sqrt(dot(left, left) * dot(right, right)))))
}

const component = fc.integer({ min: -3, max: 3 })
const vector = fc
  .array(component, { minLength: DIMENSION, maxLength: DIMENSION })
  .filter((values) => values.some((value) => value !== 0))

const NOW = 1_700_000_000_000

/** Few values of each, so that scores tie. */
const energyInputs = fc.record({
  importance: fc.constantFrom(0, 0.5, 1),
  applications: fc.constantFrom(0, 1, 7),
  lastReinforced: fc.constantFrom(NOW, NOW - 1_000, NOW + 1_000),
})

const ranking = fc.record({
  weights: fc.constantFrom(0, 0.25, 0.5, 1).map((energy) => ({ similarity: 1 - energy, energy })),
  decay: fc.record({
    halfLifeMs: fc.constantFrom(500, 1e9),
    freqWeight: fc.constantFrom(0, 0.25),
    floor: fc.constant(0),
  }),
  nowMs: fc.constant(NOW),
})

const step = fc.oneof(
  fc.record({
    verb: fc.constant('put' as const),
    n: fc.nat(30),
    vector,
    archived: fc.boolean(),
    energy: energyInputs,
  }),
  fc.record({ verb: fc.constant('energy' as const), n: fc.nat(30), energy: energyInputs }),
  fc.record({ verb: fc.constant('archive' as const), n: fc.nat(30), archived: fc.boolean() }),
  fc.record({ verb: fc.constant('remove' as const), n: fc.nat(30) }),
)

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

interface Row {
  readonly vector: readonly number[]
  readonly archived: boolean
  readonly energy: EnergyInputs
}

/** Takes steps in an index, and returns what they lead to. */
const take = (steps: readonly Step[], index: FlatIndex): ReadonlyMap<ExperienceId, Row> => {
  const model = new Map<ExperienceId, Row>()
  for (const each of steps) {
    const id = idOf(each.n)
    const known = model.get(id)
    if (each.verb === 'put') {
      index.put(id, Float32Array.from(each.vector), each)
      model.set(id, each)
    } else if (each.verb === 'remove') {
      index.remove(id)
      model.delete(id)
    } else if (each.verb === 'archive') {
      index.archive(id, each.archived)
      if (known !== undefined) model.set(id, { ...known, archived: each.archived })
    } else {
      index.setEnergy(id, each.energy)
      if (known !== undefined) model.set(id, { ...known, energy: each.energy })
    }
  }
  return model
}

describe('FlatIndex', () => {
  test('P7 finds exactly what a scan of plain arrays finds, in its order, after any changes', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120 }),
        vector,
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (steps, query, k, includeArchived) => {
          const index = new FlatIndex(DIMENSION)
          const model = take(steps, index)
          const expected = [...model]
            .filter(([, row]) => includeArchived || !row.archived)
            .map(([id, row]) => ({ id, similarity: cosine(row.vector, query) }))
            .sort((left, right) => right.similarity - left.similarity || (left.id < right.id ? -1 : 1))
            .slice(0, k)
          const found = index.search({ embedding: Float32Array.from(query), k, includeArchived })
          expect(index.size).toBe(model.size)
          expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
          for (const [position, hit] of found.entries())
            expect(hit.similarity).toBeCloseTo(expected[position]?.similarity as number, 6)
        },
      ),
    )
  })

  test('P7 weighed, it finds what sorting the whole collective by score finds, ties by similarity, then id', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120 }),
        vector,
        ranking,
        fc.integer({ min: 1, max: 40 }),
        fc.func(fc.boolean()),
        (steps, query, weighed, k, accept) => {
          const index = new FlatIndex(DIMENSION)
          const model = take(steps, index)
          const embedding = Float32Array.from(query)
          const { weights, decay, nowMs } = weighed
          const expected = index
            .search({ embedding, k: 1_000, includeArchived: false })
            .filter(({ id }) => accept(id))
            .map(({ id, similarity }) => {
              const energy = energyOf((model.get(id) as Row).energy, nowMs, decay)
              const score = weights.similarity * Math.max(0, similarity) + weights.energy * energy
              return { id, similarity, score, energy }
            })
            .sort(
              (left, right) =>
                right.score - left.score || right.similarity - left.similarity || (left.id < right.id ? -1 : 1),
            )
            .slice(0, k)
          expect(index.search({ embedding, k, includeArchived: false, ranking: weighed, accept })).toEqual(expected)
        },
      ),
    )
  })

  test('P7 a filter is asked best first, and for no more than it takes', () => {
    const index = new FlatIndex(2)
    for (let n = 0; n < 100; n += 1) index.put(idOf(n), Float32Array.of(1, n), { archived: false })
    const asked: ExperienceId[] = []
    const hits = index.search({
      embedding: Float32Array.of(1, 0),
      k: 2,
      includeArchived: false,
      accept: (id) => {
        asked.push(id)
        return id !== idOf(1)
      },
    })
    expect(hits.map(({ id }) => id)).toEqual([idOf(0), idOf(2)])
    expect(asked).toEqual([idOf(0), idOf(1), idOf(2)])
  })

  test('equal vectors tie, and ties are broken by id', () => {
    const index = new FlatIndex(2)
    for (const n of [3, 1, 2]) index.put(idOf(n), Float32Array.of(0.1 * 3, 0.7), { archived: false })
    const hits = index.search({ embedding: Float32Array.of(5, 1), k: 3, includeArchived: false })
    expect(hits.map(({ id }) => id)).toEqual([idOf(1), idOf(2), idOf(3)])
    expect(new Set(hits.map(({ similarity }) => similarity)).size).toBe(1)
  })

  test.each([
    ['tiny', 1e-38],
    ['huge', 1e37],
  ])('components that are %s neither overflow nor vanish', (_, scale) => {
    const index = new FlatIndex(3)
    index.put(idOf(1), Float32Array.of(scale, 0, 0), { archived: false })
    index.put(idOf(2), Float32Array.of(0, scale, 0), { archived: false })
    const hits = index.search({ embedding: Float32Array.of(scale, 0, 0), k: 2, includeArchived: false })
    expect(hits).toEqual([
      { id: idOf(1), similarity: 1, score: 1 },
      { id: idOf(2), similarity: 0, score: 0 },
    ])
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
