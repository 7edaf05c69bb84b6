import { describe, expect, it } from 'vitest'
import { assert, AssertionError, present, unreachable } from './assert.ts'
import { isFault } from './fault.ts'

describe('assert', () => {
  it('passes what is true and throws on what is false, with the message', () => {
    expect(() => {
      assert(true, 'holds')
    }).not.toThrow()
    expect(() => {
      assert(false, 'the tip only rises')
    }).toThrow(new AssertionError('the tip only rises'))
  })

  it('is no fault: nobody handles a bug of ours by its kind', () => {
    const error = new AssertionError('broken')
    expect(error.name).toBe('AssertionError')
    expect(error).toBeInstanceOf(Error)
    expect(isFault(error)).toBe(false)
  })
})

describe('present', () => {
  it.each([0, '', false, NaN, [], {}])('gives %j back, which is there', (value) => {
    expect(present(value, 'value')).toBe(value)
  })

  it.each([undefined, null])('throws on %s and says what is absent', (value) => {
    expect(() => present(value, 'the row')).toThrow(new AssertionError('absent: the row'))
  })
})

describe('unreachable', () => {
  it('throws and shows the variant that has no case', () => {
    const variant = { kind: 'new' } as never
    expect(() => unreachable(variant)).toThrow(new AssertionError('unreachable: {"kind":"new"}'))
  })
})
