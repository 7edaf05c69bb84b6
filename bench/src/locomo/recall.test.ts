import { describe, expect, it } from 'vitest'
import { recallOf } from './recall.ts'

describe('recallOf', () => {
  it('counts whole answers, and shares of the others', () => {
    const recall = recallOf([
      { evidence: ['a'], found: ['x', 'a'] },
      { evidence: ['a', 'b'], found: ['b', 'x'] },
      { evidence: ['a', 'b', 'c', 'd'], found: ['c', 'b', 'a', 'd'] },
      { evidence: ['a'], found: [] },
    ])
    expect(recall).toEqual({ questions: 4, all: 50, part: 62.5 })
  })

  it('counts a turn that is named twice once', () => {
    expect(recallOf([{ evidence: ['a', 'a', 'b'], found: ['a'] }])).toEqual({ questions: 1, all: 0, part: 50 })
  })

  it('of no questions is nothing', () => {
    expect(recallOf([])).toEqual({ questions: 0, all: 0, part: 0 })
  })
})
