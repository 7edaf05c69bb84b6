import { describe, expect, it } from 'vitest'
import { figure, runFacts, table } from './report.ts'

describe('table', () => {
  it('aligns names to the left and figures to the right', () => {
    const text = table(
      ['what', 'p50'],
      [
        ['search', '1.25'],
        ['get', '10'],
      ],
    )
    expect(text).toBe('what     p50\n------  ----\nsearch  1.25\nget       10')
  })
})

describe('figure', () => {
  it.each([
    [0.12345, '0.123'],
    [1.2345, '1.23'],
    [12.345, '12.3'],
    [1234.5, '1235'],
    [0, '0'],
    [44, '44'],
  ])('of %d is %s', (value, text) => {
    expect(figure(value)).toBe(text)
  })
})

describe('runFacts', () => {
  it('names no folder of the machine', () => {
    const { command } = runFacts(['locomo', '--data', '/some/where/locomo', '--out=/some/where/a.json', '--k', '3'], [])
    expect(command).toBe('npm run bench -- locomo --data …/locomo --out=…/a.json --k 3')
  })
})
