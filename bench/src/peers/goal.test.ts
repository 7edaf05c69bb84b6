import { describe, expect, it } from 'vitest'
import { judge, type Goal } from './goal.ts'
import { over, quickestAt, type Reading } from './reading.ts'

const reading = (contestant: string, round: number, p50Us: number, recall = 1): Reading => ({
  ...{ contestant, round, measure: 'search', p50Us, recall },
})

const goal: Goal = {
  work: 'search',
  figure: 'p50 ÷ peer',
  most: 0.5,
  peer: 'peer',
  value: (round) => over(round.value('ours', 'search', 'p50Us'), round.value('peer', 'search', 'p50Us')),
}

describe('a goal', () => {
  it('is judged by the median of ratios that are each of one round', () => {
    const rounds = [reading('ours', 1, 10), reading('peer', 1, 100), reading('ours', 2, 400), reading('peer', 2, 1_000)]
    const third = [reading('ours', 3, 90), reading('peer', 3, 100)]
    expect(judge(goal, [...rounds, ...third], new Map())).toMatchObject({ value: 0.4, reached: true, limit: '≤ 0.5' })
    expect(judge({ ...goal, most: 0.39 }, [...rounds, ...third], new Map()).reached).toBe(false)
  })

  it('is not reached where its peer is absent, and says why', () => {
    const verdict = judge(goal, [reading('ours', 1, 10)], new Map([['peer', 'no compiler']]))
    expect(verdict).toMatchObject({ reached: false, reason: 'peer: no compiler' })
    expect(verdict.value).toBeUndefined()
  })

  it('with a least value is reached from there on', () => {
    const least: Goal = { work: 'recall', figure: 'recall', least: 0.99, value: () => 0.99 }
    expect(judge(least, [reading('ours', 1, 1)], new Map()).reached).toBe(true)
    expect(judge({ ...least, value: () => 0.9899 }, [reading('ours', 1, 1)], new Map()).reached).toBe(false)
  })
})

describe('the quickest setting', () => {
  it('is one that finds enough; where none does, the one that finds most', () => {
    const settings = [reading('p', 1, 10, 0.8), reading('p', 1, 30, 0.995), reading('p', 1, 20, 0.99)]
    expect(quickestAt(settings, 0.99)?.p50Us).toBe(20)
    expect(quickestAt(settings, 0.999)?.p50Us).toBe(30)
    expect(quickestAt([], 0.5)).toBeUndefined()
  })
})
