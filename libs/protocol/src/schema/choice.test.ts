import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { choice, map } from './map.ts'
import { integer, list, pair, text, uint64 } from './values.ts'

describe('a choice', () => {
  const decode = choice({ count: map({ of: integer({ min: 1, max: 9 }) }), all: map({}) })
  const refusal = (value: unknown) => faultOf(() => decode(value, 'retain')).toJSON()

  it('takes exactly one of its fields', () => {
    expect(decode({ count: { of: 3 } }, 'retain')).toEqual({ count: { of: 3 } })
    expect(decode({ all: {}, count: null }, 'retain')).toEqual({ all: {} })
  })

  it('P10 refuses none, two, others, and names what is wrong inside', () => {
    const invalid = (field: string) => ({ code: 'INVALID_FIELD', details: { field } })
    for (const value of [{}, { all: {}, count: { of: 1 } }, 5, []])
      expect(refusal(value)).toMatchObject(invalid('retain'))
    expect(refusal({ count: { of: 10 } })).toMatchObject(invalid('retain.count.of'))
    expect(refusal({ none: 1 })).toMatchObject({ code: 'UNKNOWN_FIELD', details: { field: 'retain.none' } })
  })
})

describe('a pair', () => {
  const decode = list(pair(text(), uint64), { itemsMax: 2 })
  const refusal = (value: unknown) => faultOf(() => decode(value, 'pairs')).toJSON().details.field

  it('P10 takes two, and names the place of what is none', () => {
    expect(decode([['a', 1n]], 'pairs')).toEqual([['a', '1']])
    expect(refusal(['a'])).toBe('pairs[0]')
    expect(refusal([['a', 1, 2]])).toBe('pairs[0]')
    expect(refusal([['a', -1]])).toBe('pairs[0][1]')
    expect(refusal([[1, 1]])).toBe('pairs[0][0]')
  })
})

describe('a number of 64 bits', () => {
  it.each([
    [0, '0'],
    [2 ** 53 - 1, '9007199254740991'],
    [2n ** 53n + 1n, '9007199254740993'],
    ['18446744073709551615', '18446744073709551615'],
    [2n ** 64n - 1n, '18446744073709551615'],
  ])('takes %s exactly', (value, digits) => {
    expect(uint64(value, 'id')).toBe(digits)
  })

  it.each([
    2 ** 53,
    -1,
    -1n,
    0.5,
    Number.NaN,
    Infinity,
    2n ** 64n,
    '18446744073709551616',
    '99999999999999999999',
    '01',
    '1e3',
    '+1',
    ' 1',
    '',
    '0x1',
    null,
    true,
  ])('P10 refuses %s, which may be another number than was meant', (value) => {
    expect(faultOf(() => uint64(value, 'id')).toJSON()).toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: 'id' },
    })
  })

  it('is 0 for -0, which is no other id', () => {
    expect(uint64(-0, 'id')).toBe('0')
  })
})
