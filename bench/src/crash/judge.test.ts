import { describe, expect, it } from 'vitest'
import { Findings, judge, type Sighting } from './judge.ts'

const whole: Sighting = { acknowledged: true, listed: 1, byId: 'whole', found: 1 }
const { found: _, ...unsearched } = whole

describe('judge', () => {
  it.each<[string, Sighting, string]>([
    ['everywhere', whole, 'fine'],
    ['everywhere, not searched for', unsearched, 'fine'],
    ['not in the list', { ...whole, listed: 0 }, 'lost'],
    ['not by its id', { ...whole, byId: 'absent' }, 'lost'],
    ['not by search', { ...whole, found: 0 }, 'lost'],
    ['nowhere', { acknowledged: true, listed: 0, byId: 'absent', found: 0 }, 'lost'],
    ['twice in the list', { ...whole, listed: 2 }, 'doubled'],
    ['twice by search', { ...whole, found: 2 }, 'doubled'],
    ['not as it was written', { ...whole, byId: 'damaged' }, 'half'],
  ])('an acknowledged record %s', (_name, sighting, verdict) => {
    expect(judge(sighting)).toBe(verdict)
  })

  it.each<[string, Partial<Sighting>, string]>([
    ['everywhere', {}, 'fine'],
    ['nowhere', { listed: 0, byId: 'absent', found: 0 }, 'fine'],
    ['in the list alone', { byId: 'absent', found: 0 }, 'half'],
    ['by search alone', { listed: 0, byId: 'absent' }, 'half'],
    ['twice in the list', { listed: 2 }, 'doubled'],
  ])('a record in doubt %s', (_name, change, verdict) => {
    expect(judge({ ...whole, ...change, acknowledged: false })).toBe(verdict)
  })
})

describe('findings', () => {
  it('count a record once, by what was seen first', () => {
    const findings = new Findings()
    for (const [record, verdict] of [
      [1, 'fine'],
      [2, 'lost'],
      [3, 'half'],
      [2, 'lost'],
      [3, 'doubled'],
      [4, 'doubled'],
    ] as const)
      findings.note(record, verdict)
    expect(findings.tally).toEqual({ lost: 1, doubled: 1, half: 1 })
    expect(findings.examples).toEqual(['record 2: lost', 'record 3: half', 'record 4: doubled'])
  })
})
