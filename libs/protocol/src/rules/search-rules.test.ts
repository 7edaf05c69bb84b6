import { isFault } from '@waggle/kernel'
import { describe, expect, test } from 'vitest'
import { DIVERSE_RESULTS_MAX } from '../limits.ts'
import { NEIGHBOURS_DEFAULT } from '../search.ts'
import { checkSearch } from './search-rules.ts'

const refusal = (request: Parameters<typeof checkSearch>[0], k = 10): unknown => {
  try {
    checkSearch(request, k)
  } catch (error) {
    return isFault(error) ? [error.code, error.details.field] : error
  }
  return undefined
}

const embedding = Float32Array.of(1)
const both = { embedding, text: 'x' }

describe('checkSearch', () => {
  test.each([
    { embedding },
    { text: 'x' },
    { ...both, weights: { similarity: 0.2, text: 0.5, energy: 0.3 } },
    { ...both, weights: { similarity: 0.7, energy: 0.3 } },
    { text: 'x', weights: { similarity: 1, energy: 0 } },
    { text: 'x', weights: { similarity: 0, text: 1, energy: 0 } },
    { embedding, weights: { similarity: 0.5, text: 0, energy: 0.5 } },
    { ...both, neighbours: NEIGHBOURS_DEFAULT, diversity: 1, minScore: -0.5 },
    { ...both, neighbours: { before: 0, after: 1, sameAgent: true }, diversity: 0 },
  ])('takes %o', (request) => {
    expect(refusal(request)).toBeUndefined()
  })

  test.each([
    ['weights', { ...both, weights: { similarity: 0.5, text: 0.5, energy: 0.5 } }],
    ['weights', { ...both, weights: { similarity: 0.5, text: -0.5, energy: 1 } }],
    ['weights', { ...both, weights: { similarity: 0.5, text: NaN, energy: 0.5 } }],
    ['weights.text', { embedding, weights: { similarity: 0.5, text: 0.5, energy: 0 } }],
    ['weights.similarity', { text: 'x', weights: { similarity: 0.5, text: 0.5, energy: 0 } }],
    ['neighbours.before', { text: 'x', neighbours: { before: 1.1, after: 0, sameAgent: false } }],
    ['neighbours.after', { text: 'x', neighbours: { before: 0, after: NaN, sameAgent: false } }],
    ['diversity', { text: 'x', diversity: -0.1 }],
    ['diversity', { text: 'x', diversity: NaN }],
    ['minScore', { text: 'x', minScore: Infinity }],
    ['minScore', { text: 'x', minScore: NaN }],
  ])('P10 names %s of %o', (field, request) => {
    expect(refusal(request)).toEqual(['INVALID_FIELD', field])
  })

  test('P10 more results than can be compared with each other are refused only where they are', () => {
    const request = { text: 'x', diversity: 0.5 }
    expect(refusal(request, DIVERSE_RESULTS_MAX)).toBeUndefined()
    expect(refusal(request, DIVERSE_RESULTS_MAX + 1)).toEqual(['INVALID_FIELD', 'diversity'])
    expect(refusal({ ...request, diversity: 0 }, DIVERSE_RESULTS_MAX + 1)).toBeUndefined()
  })
})
