import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { jsonText, jsonTextOf, jsonValue } from './json-value.ts'

const LIMITS = { bytesMax: 100, depthMax: 4 }
const text = jsonText(LIMITS)
const textOf = jsonTextOf(LIMITS)

const refusalOf = (decode: (value: unknown, field: string) => unknown) => (value: unknown) =>
  faultOf(() => decode(value, 'payload')).toJSON()

/** A list in a list, and so on. */
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])

describe('a JSON text', () => {
  it.each([
    ...['null', 'true', '""', '0', '-0', '[]', '{}', ' {"a" : [1, 2.50, "\\u00fc"]}\n', '{"__proto__":{"a":1}}'],
    ...['123456789012345678901234567890', '1e-400', '{"constructor":1,"toString":[]}', '"\\ud83d\\ude00"'],
  ])('J3 is kept as it came: %s', (json) => {
    expect(text(json, 'payload')).toBe(json)
  })

  it.each([
    ...['', ' ', 'undefined', 'NaN', 'Infinity', "{'a':1}", '{"a":1,}', '[1 2]', '{"a"}', '01', '"', '{', ']', 'a'],
    ...['{"a":1}{', '\u0000', '"\u0001"', '\ufeff{}'],
  ])('P10 that is none is refused: %j', (json) => {
    expect(refusalOf(text)(json)).toMatchObject({
      code: 'INVALID_FIELD',
      kind: 'invalid',
      details: { field: 'payload' },
    })
  })

  it.each([
    ...['{"a":1,"a":2}', '{"a":1,"\\u0061":1}', '[{"b":{"__proto__":1,"__proto__":2}}]', '{"":0,"":0}'],
    ...['1e400', '[-1e999]', '"\\ud800"', '{"\\udc00":1}', '["\\ude00\\ud83d"]', '"\ud800"'],
  ])('J1 P10 that readers would read differently is refused: %j', (json) => {
    expect(refusalOf(text)(json)).toMatchObject({ code: 'INVALID_FIELD', details: { field: 'payload' } })
  })

  it('J1 may have one name in several maps', () => {
    expect(text('{"a":{"a":[{"a":1},{"a":1}]}}', 'payload')).toHaveLength(29)
  })

  it('J2 P10 is bounded in bytes and in depth', () => {
    expect(text(JSON.stringify(nested(4)), 'payload')).toBe('[[[[1]]]]')
    expect(refusalOf(text)(JSON.stringify(nested(5)))).toMatchObject({ details: { defect: 'nested deeper than 4' } })
    expect(text(JSON.stringify('a'.repeat(98)), 'payload')).toHaveLength(100)
    expect(refusalOf(text)(JSON.stringify('ü'.repeat(50)))).toMatchObject({
      ...{ code: 'CONTENT_TOO_LARGE', details: { field: 'payload', size: 102, limit: 100 } },
    })
  })

  it('J2 P11 P10 of a megabyte of brackets, names or digits is judged in bounded time', () => {
    const large = jsonText({ bytesMax: 1024 * 1024, depthMax: 128 })
    const size = 1024 * 1024 - 2
    const texts = ['['.repeat(size), '{"a":'.repeat(size / 5), `[${'[],'.repeat(size / 3 - 1)}[]]`, '1'.repeat(size)]
    for (const json of texts) expect(refusalOf(large)(json)).toMatchObject({ code: 'INVALID_FIELD' })
  })

  it.each([[1], [null], [undefined], [{}], [Buffer.from('{}')]])('P10 is a text: %j', (value) => {
    expect(refusalOf(text)(value)).toMatchObject({ code: 'INVALID_FIELD' })
  })
})

describe('a JSON value', () => {
  it.each([
    ...[{ value: null }, { value: true }, { value: 0 }, { value: -1.5e300 }, { value: '⚘"\\\n\u2028' }],
    ...[{ value: [] }, { value: {} }, { value: { a: [1, { b: null }], '': '' } }, { value: [[[[]]]] }],
    { value: JSON.parse('{"__proto__":1,"constructor":2}') as object },
  ])('is the text that JSON has for it: $value', ({ value }) => {
    expect(textOf(value, 'payload')).toBe(JSON.stringify(value))
    expect(jsonValue(LIMITS)(value, 'payload')).toEqual(value)
  })

  it('leaves out names whose value is undefined, and reads each property once', () => {
    let reads = 0
    const value = {
      a: undefined,
      get b() {
        reads += 1
        return reads
      },
    }
    expect(textOf(value, 'payload')).toBe('{"b":1}')
    expect(textOf({ toJSON: undefined, a: 1 }, 'payload')).toBe('{"a":1}')
  })

  it.each([
    ...[
      [NaN, 'payload'],
      [{ a: [1, Infinity] }, 'payload.a[1]'],
      [[-Infinity], 'payload[0]'],
      [10n, 'payload'],
    ],
    ...[
      [undefined, 'payload'],
      [[undefined], 'payload[0]'],
      [new Date(0), 'payload'],
      [new Map(), 'payload'],
    ],
    ...[
      [Uint8Array.of(1), 'payload'],
      [{ a: () => 1 }, 'payload.a'],
      [Symbol('a'), 'payload'],
      ['\ud800', 'payload'],
    ],
    ...[
      [{ '\udc00': 1 }, 'payload'],
      [{ a: { toJSON: () => 1 } }, 'payload.a.toJSON'],
      [[[[[[]]]]], 'payload[0][0][0][0]'],
    ],
  ] as const)('J1 P10 that JSON has no form for is refused, and its place named: %s', (value, field) => {
    expect(refusalOf(textOf)(value)).toMatchObject({ code: 'INVALID_FIELD', details: { field } })
  })

  it('J2 P10 P11 that refers to itself, or to one thing many times, ends at the bounds', () => {
    const self: unknown[] = []
    self.push(self)
    expect(refusalOf(textOf)(self)).toMatchObject({ code: 'INVALID_FIELD', details: { limit: 4 } })
    let many: unknown = []
    for (let depth = 0; depth < 60; depth += 1) many = [many, many]
    const bounded = jsonTextOf({ bytesMax: 1_000, depthMax: 100 })
    expect(refusalOf(bounded)(many)).toMatchObject({ code: 'CONTENT_TOO_LARGE', details: { limit: 1_000 } })
  })
})
