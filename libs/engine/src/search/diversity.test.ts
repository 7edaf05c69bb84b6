import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diversified } from './diversity.ts'

interface Hit {
  readonly name: string
  readonly score: number
  readonly vector: readonly number[]
}

const names = (hits: readonly Hit[], k: number, diversity: number): readonly string[] =>
  diversified(hits, { k, diversity, vectorOf: ({ vector }) => Float32Array.from(vector) }).map(({ name }) => name)

const hits: readonly Hit[] = [
  { name: 'best', score: 1, vector: [1, 0, 0] },
  { name: 'its twin', score: 0.9, vector: [2, 0.02, 0] },
  { name: 'another', score: 0.5, vector: [0, 1, 0] },
  { name: 'farthest', score: 0.1, vector: [0, 0, 3] },
]

test('V1 from the order of the scores to what is farthest from all above it', () => {
  expect(names(hits, 4, 0)).toEqual(['best', 'its twin', 'another', 'farthest'])
  expect(names(hits, 4, 0.5)).toEqual(['best', 'another', 'farthest', 'its twin'])
  expect(names(hits, 3, 1)).toEqual(['best', 'another', 'farthest'])
  expect(names(hits, 2, 0.2)).toEqual(['best', 'its twin'])
})

test('equal worth keeps the order of the scores', () => {
  const twins = ['a', 'b', 'c'].map((name) => ({ name, score: 1, vector: [1, 0] }))
  expect(names(twins, 3, 0.5)).toEqual(['a', 'b', 'c'])
})

const arbitraryHits = fc
  .array(
    fc.record({
      score: fc.integer({ min: -8, max: 8 }),
      vector: fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }), fc.constantFrom(1, 2)),
    }),
    { maxLength: 12 },
  )
  .map((all) => all.toSorted((a, b) => b.score - a.score).map((hit, at) => ({ ...hit, name: String(at) })))

const cosine = (left: readonly number[], right: readonly number[]): number => {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, at) => sum + value * b[at]!, 0)
  return dot(left, right) / Math.sqrt(dot(left, left) * dot(right, right))
}

test('V1 V2 P7 k of them, each with the most relevance left of all that were not chosen before it', () => {
  fc.assert(
    fc.property(arbitraryHits, fc.nat(12), fc.constantFrom(0, 0.25, 0.5, 1), (all, k, diversity) => {
      const chosen = diversified(all, { k, diversity, vectorOf: ({ vector }) => Float32Array.from(vector) })
      expect(chosen).toHaveLength(Math.min(k, all.length))
      const most = all[0]?.score ?? 0
      const range = most - (all.at(-1)?.score ?? 0)
      for (const [place, hit] of chosen.entries()) {
        const above = chosen.slice(0, place)
        const worth = ({ score, vector }: Hit): number => {
          const relevance = range === 0 ? 1 : 1 - (most - score) / range
          return (
            (1 - diversity) * relevance - diversity * Math.max(0, ...above.map((one) => cosine(one.vector, vector)))
          )
        }
        const best = Math.max(...all.filter((one) => !above.includes(one)).map(worth))
        expect(worth(hit)).toBeCloseTo(best, 9)
      }
    }),
  )
})
