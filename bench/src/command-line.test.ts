import { describe, expect, it } from 'vitest'
import { parseOptions, positiveNumber, UsageError, wholeNumber } from './command-line.ts'

describe('parseOptions', () => {
  it('takes what is allowed', () => {
    expect(parseOptions(['--data', 'somewhere', '--out=file'], ['data'])).toEqual({ data: 'somewhere', out: 'file' })
  })

  it('takes options without a value', () => {
    expect(parseOptions(['--cluster', '--data', 'here'], ['data'], ['cluster'])).toEqual({
      data: 'here',
      cluster: 'yes',
    })
    expect(parseOptions([], ['data'], ['cluster'])).toEqual({})
    expect(() => parseOptions(['--cluster=3'], ['data'], ['cluster'])).toThrow(UsageError)
  })

  it.each([[['--rounds', '3']], [['loose']], [['--data']]])('refuses %j', (args) => {
    expect(() => parseOptions(args, ['data'])).toThrow(UsageError)
  })
})

describe('numbers', () => {
  it('stand in for what is absent', () => {
    expect(wholeNumber({}, 'rounds', { absent: 20, min: 1 })).toBe(20)
    expect(positiveNumber({}, 'seconds', 1.5)).toBe(1.5)
  })

  it.each(['', '0', '-1', '1.5', '1e3', 'many'])('of rounds cannot be %j', (rounds) => {
    expect(() => wholeNumber({ rounds }, 'rounds', { absent: 20, min: 1 })).toThrow(UsageError)
  })

  it.each(['', '0', '-1', 'Infinity', 'long'])('of seconds cannot be %j', (seconds) => {
    expect(() => positiveNumber({ seconds }, 'seconds', 1)).toThrow(UsageError)
  })
})
