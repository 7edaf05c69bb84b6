import { describe, expect, it } from 'vitest'
import { seededRandom } from './seeded-random.ts'

describe('seededRandom', () => {
  it('repeats itself, and differs by seed and by path', () => {
    const vector = (...path: [number, ...number[]]) => [...seededRandom(...path).unitVector(4)]
    expect(vector(1, 2)).toEqual(vector(1, 2))
    expect(vector(1, 2)).not.toEqual(vector(1, 3))
    expect(vector(1, 2)).not.toEqual(vector(2, 2))
    expect(vector(1, 2, 0)).not.toEqual(vector(1, 2))
  })

  it('draws from the whole range and nothing beyond', () => {
    const random = seededRandom(7)
    const drawn = Array.from({ length: 1_000 }, () => random.below(10))
    expect(new Set(drawn)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
  })

  it('makes unit vectors', () => {
    const vector = seededRandom(3).unitVector(384)
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5)
  })
})
