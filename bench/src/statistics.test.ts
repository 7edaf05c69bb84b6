import { describe, expect, it } from 'vitest'
import { distributionOf, median, medianDistribution, percentile } from './statistics.ts'

const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index)

describe('percentile', () => {
  it('is a measured value, by nearest rank', () => {
    expect(percentile(oneToHundred, 0.5)).toBe(50)
    expect(percentile(oneToHundred, 0.99)).toBe(99)
    expect(percentile(oneToHundred, 1)).toBe(100)
    expect(percentile(oneToHundred, 0)).toBe(1)
  })

  it('takes one value for every share', () => {
    for (const share of [0, 0.5, 0.99, 1]) expect(percentile([7], share)).toBe(7)
  })

  it('orders numbers as numbers and leaves its input alone', () => {
    const values = [10, 9, 100, 1]
    expect(median(values)).toBe(9)
    expect(values).toEqual([10, 9, 100, 1])
  })

  it('refuses an empty measurement', () => {
    expect(() => median([])).toThrow('nothing was measured')
  })
})

describe('distributionOf', () => {
  it('gives the figures of a report', () => {
    expect(distributionOf(oneToHundred)).toEqual({ count: 100, p50: 50, p99: 99, max: 100 })
  })

  it('of rounds is figure by figure the median', () => {
    const rounds = [distributionOf([1, 2, 30]), distributionOf([2, 3, 4]), distributionOf([5, 5, 5])]
    expect(medianDistribution(rounds)).toEqual({ count: 9, p50: 3, p99: 5, max: 5 })
  })
})
