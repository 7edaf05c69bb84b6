import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { TIME_MS_MAX } from '../limits.ts'
import type { Decoder } from './decoder.ts'
import { boolean, float, integer, list, oneOf, text, threshold, time, uuid } from './values.ts'

const FIELD = 'experiences[3].domain[0]'
const refusal = (decoder: Decoder<unknown>, value: unknown) => faultOf(() => decoder(value, FIELD)).toJSON()

/** One value of each sort that the two encodings and the embedded face can bring. */
const sorts: Readonly<Record<string, unknown>> = {
  string: 'text',
  number: 5,
  boolean: true,
  list: ['text'],
  map: { a: 1 },
  bytes: Uint8Array.of(1, 2, 3, 4),
  vector: Float32Array.of(1),
  bigint: 5n,
  symbol: Symbol('text'),
  function: () => 5,
  wrapped: Object('text') as unknown,
  date: new Date(5),
  null: null,
  undefined,
}

/** P10 for any decoder: each sort that is not its own is refused, and the field named. */
const refusesOtherSorts = (decoder: Decoder<unknown>, ...own: readonly string[]): void => {
  it.each(Object.keys(sorts).filter((sort) => !own.includes(sort)))('P10 refuses a %s and names the field', (sort) => {
    expect(refusal(decoder, sorts[sort])).toMatchObject({
      code: 'INVALID_FIELD',
      kind: 'invalid',
      details: { field: FIELD },
    })
  })
}

describe('text', () => {
  refusesOtherSorts(text(), 'string')

  it.each(['', ' ', '\0', 'é日🐝', '\ufeffx'])('takes %j unchanged', (value) => {
    expect(text()(value, FIELD)).toBe(value)
  })

  it.each([
    ['abc', 3],
    ['éé', 4],
    ['日', 3],
    ['🐝', 4],
  ])('P10 counts UTF-8 bytes: %s takes %i', (value, size) => {
    expect(text({ bytesMax: size })(value, FIELD)).toBe(value)
    expect(refusal(text({ bytesMax: size - 1 }), value)).toMatchObject({
      code: 'CONTENT_TOO_LARGE',
      kind: 'invalid',
      details: { field: FIELD, size, limit: size - 1 },
    })
  })

  it('P10 refuses the empty one where something must be there', () => {
    expect(refusal(text({ bytesMin: 1 }), '')).toMatchObject({ code: 'REQUIRED_FIELD', details: { field: FIELD } })
    expect(text({ bytesMin: 1 })(' ', FIELD)).toBe(' ')
  })

  it.each(['\ud83d', 'a\udc1d', `${'a'.repeat(100_000)}\ud800`])(
    'P10 refuses a lone surrogate, which would come back as another character (%#)',
    (value) => {
      expect(refusal(text(), value)).toMatchObject({
        code: 'INVALID_FIELD',
        details: { field: FIELD, expected: 'well-formed Unicode' },
      })
    },
  )
})

describe('float and threshold', () => {
  describe('float', () => {
    refusesOtherSorts(float, 'number')
  })
  describe('threshold', () => {
    refusesOtherSorts(threshold, 'number')
  })

  it.each([0, 1, 0.1, -1e-45, 3.4e38, 1e-50, 1e300, Infinity, -Infinity])(
    '%d comes out in single precision',
    (value) => {
      expect(float(value, FIELD)).toBe(Math.fround(value))
      expect(threshold(value, FIELD)).toBe(Math.fround(value))
    },
  )

  it('NaN is left to the rules of the field, but nothing can be compared with it', () => {
    expect(float(NaN, FIELD)).toBeNaN()
    expect(refusal(threshold, NaN)).toMatchObject({ code: 'INVALID_FIELD', details: { field: FIELD } })
  })
})

describe('integer', () => {
  const decoder = integer({ min: -2, max: 7 })
  refusesOtherSorts(integer({ min: 0, max: 9 }), 'number')

  it.each([-2, 0, 7])('takes %i', (value) => {
    expect(decoder(value, FIELD)).toBe(value)
  })

  it.each([-3, 8, 2 ** 53, -(2 ** 64)])('P10 refuses %d and tells the range', (value) => {
    expect(refusal(decoder, value)).toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: FIELD, min: -2, max: 7, value },
    })
  })

  it.each([0.5, NaN, Infinity, -Infinity, Number.MIN_VALUE])('P10 refuses %d', (value) => {
    expect(refusal(decoder, value)).toMatchObject({ code: 'INVALID_FIELD', details: { field: FIELD, min: -2, max: 7 } })
  })
})

describe('boolean', () => {
  refusesOtherSorts(boolean, 'boolean')

  it.each([true, false])('takes %s', (value) => {
    expect(boolean(value, FIELD)).toBe(value)
  })

  it.each([0, 1, 'true', ''])('P10 refuses %o: nothing is taken for true or false', (value) => {
    expect(refusal(boolean, value).code).toBe('INVALID_FIELD')
  })
})

describe('uuid', () => {
  const id = '0190b2c0-1111-7abc-8def-0123456789ab'
  refusesOtherSorts(uuid)

  it('lowers upper case: one id, one row', () => {
    expect(uuid(id, FIELD)).toBe(id)
    expect(uuid(id.toUpperCase(), FIELD)).toBe(id)
  })

  it.each(['', id.slice(1), `${id} `, id.replaceAll('-', ''), id.replace('a', 'ａ'), 'x'.repeat(8_000_000), [id]])(
    'P10 refuses what is none (%#)',
    (value) => {
      expect(refusal(uuid, value)).toMatchObject({ code: 'INVALID_FIELD', details: { field: FIELD, expected: 'uuid' } })
    },
  )
})

describe('time', () => {
  refusesOtherSorts(time, 'number', 'date')

  it.each([0, 1_700_000_000_000, TIME_MS_MAX])('takes %i as a number and as a date', (timeMs) => {
    expect(time(timeMs, FIELD)).toBe(timeMs)
    expect(time(new Date(timeMs), FIELD)).toBe(timeMs)
  })

  it.each([
    -1,
    TIME_MS_MAX + 1,
    0.5,
    NaN,
    Infinity,
    '2026-01-01T00:00:00Z',
    new Date(NaN),
    new Date(-1),
    new Date(TIME_MS_MAX + 1),
    { getTime: (): number => 5 },
  ])('P10 refuses %o and tells the range', (value) => {
    expect(refusal(time, value)).toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: FIELD, min: 0, max: TIME_MS_MAX },
    })
  })
})

describe('oneOf', () => {
  const decoder = oneOf(['low', 'high'])
  refusesOtherSorts(decoder)

  it('takes each of its values', () => {
    expect([decoder('low', FIELD), decoder('high', FIELD)]).toEqual(['low', 'high'])
  })

  it.each(['', 'LOW', 'low ', 'toString', '__proto__', 'constructor', 0])(
    'P10 refuses %o and tells the values',
    (value) => {
      expect(refusal(decoder, value)).toMatchObject({
        code: 'INVALID_FIELD',
        details: { field: FIELD, expected: 'low|high' },
      })
    },
  )
})

describe('list', () => {
  const decoder = list(boolean, { itemsMax: 3 })
  refusesOtherSorts(decoder, 'list')

  it('takes up to its limit, the empty one too, as a copy', () => {
    const value = [true, false, true]
    const decoded = decoder(value, FIELD)
    value[0] = false
    expect(decoded).toEqual([true, false, true])
    expect(decoder([], FIELD)).toEqual([])
  })

  it('P10 refuses one item more before it looks at any', () => {
    expect(refusal(decoder, ['wrong', 'wrong', 'wrong', 'wrong'])).toMatchObject({
      code: 'TOO_MANY_ITEMS',
      kind: 'invalid',
      details: { field: FIELD, count: 4, limit: 3 },
    })
    expect(refusal(decoder, new Array(4_000_000_000)).code).toBe('TOO_MANY_ITEMS')
  })

  it.each([
    ['a wrong item', [true, 'no']],
    ['null', [true, null]],
    // eslint-disable-next-line no-sparse-arrays
    ['a hole', [true, , true]],
  ])('P10 names the place of %s', (_what, value) => {
    expect(refusal(decoder, value)).toMatchObject({ code: 'INVALID_FIELD', details: { field: `${FIELD}[1]` } })
  })

  it('does not take what only looks like a list', () => {
    for (const value of [{ length: 1, 0: true }, new Set([true]), 'ab', Uint8Array.of(1)])
      expect(refusal(decoder, value).code).toBe('INVALID_FIELD')
  })
})
