import type { ExperienceId } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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

const step = fc.oneof(
  fc.record({ verb: fc.constant('put' as const), n: fc.nat(30), vector, archived: fc.boolean() }),
  fc.record({ verb: fc.constant('archive' as const), n: fc.nat(30), archived: fc.boolean() }),
  fc.record({ verb: fc.constant('remove' as const), n: fc.nat(30) }),
)

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
          const model = new Map<ExperienceId, { vector: readonly number[]; archived: boolean }>()
          for (const each of steps) {
            const id = idOf(each.n)
            if (each.verb === 'put') {
              index.put(id, Float32Array.from(each.vector), each.archived)
              model.set(id, each)
            } else if (each.verb === 'remove') {
              index.remove(id)
              model.delete(id)
            } else {
              index.archive(id, each.archived)
              const known = model.get(id)
              if (known !== undefined) model.set(id, { ...known, archived: each.archived })
            }
          }
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

  test('P7 a filter is asked best first, and for no more than it takes', () => {
    const index = new FlatIndex(2)
    for (let n = 0; n < 100; n += 1) index.put(idOf(n), Float32Array.of(1, n), false)
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
    for (const n of [3, 1, 2]) index.put(idOf(n), Float32Array.of(0.1 * 3, 0.7), false)
    const hits = index.search({ embedding: Float32Array.of(5, 1), k: 3, includeArchived: false })
    expect(hits.map(({ id }) => id)).toEqual([idOf(1), idOf(2), idOf(3)])
    expect(new Set(hits.map(({ similarity }) => similarity)).size).toBe(1)
  })

  test.each([
    ['tiny', 1e-38],
    ['huge', 1e37],
  ])('components that are %s neither overflow nor vanish', (_, scale) => {
    const index = new FlatIndex(3)
    index.put(idOf(1), Float32Array.of(scale, 0, 0), false)
    index.put(idOf(2), Float32Array.of(0, scale, 0), false)
    const hits = index.search({ embedding: Float32Array.of(scale, 0, 0), k: 2, includeArchived: false })
    expect(hits).toEqual([
      { id: idOf(1), similarity: 1 },
      { id: idOf(2), similarity: 0 },
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
