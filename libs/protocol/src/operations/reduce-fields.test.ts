import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { decodeRequest } from './request.ts'

const collective = '0190b2c0-1111-7abc-8def-0123456789ab'
const decoded = (body: object): Readonly<Record<string, unknown>> =>
  decodeRequest('keys.reduce', { collective, ...body }).fields
const refusal = (body: object) => faultOf(() => decoded(body)).toJSON()
const literal = (value: object): object => ({ groupBy: [{ literal: value }] })
const one = { literal: { int64: 1 } }
const sum = (depth: number): object => (depth === 1 ? one : { add: { left: one, right: sum(depth - 1) } })
const bushy = (depth: number): object =>
  depth === 1 ? one : { add: { left: bushy(depth - 1), right: bushy(depth - 1) } }
const field = { value: { index: 0, kind: 'utf8' } }
const check = (constraint: object): object => ({ filter: { checks: [{ field, constraint }] } })

describe('what a reduction asks', () => {
  it.each([
    [{ int64: 5n }, { int64: '5' }],
    [{ int64: -0 }, { int64: '0' }],
    [{ int64: '-9223372036854775808' }, { int64: '-9223372036854775808' }],
    [{ timestamp: Number.MIN_SAFE_INTEGER }, { timestamp: '-9007199254740991' }],
    [{ uint64: 2n ** 64n - 1n }, { uint64: '18446744073709551615' }],
    [{ float64: 'NaN' }, { float64: 'NaN' }],
    [{ float64: '-0' }, { float64: '-0' }],
    [{ date32: -(2 ** 31) }, { date32: -(2 ** 31) }],
    [{ decimal128: { base64: 'AAAAAAAAAAAAAAAAAAAAAA==' } }, { decimal128: new Uint8Array(16) }],
    [{ fixedSizeBinary: 'ab' }, { fixedSizeBinary: Uint8Array.of(97, 98) }],
  ])('takes %o', (value, expected) => {
    expect(decoded(literal(value)).groupBy).toEqual([{ literal: expected }])
  })

  it.each([
    [{ int64: 2n ** 63n }, 'groupBy[0].literal.int64'],
    [{ int64: '-0' }, 'groupBy[0].literal.int64'],
    [{ int64: '007' }, 'groupBy[0].literal.int64'],
    [{ int64: 2 ** 60 }, 'groupBy[0].literal.int64'],
    [{ uint64: -1n }, 'groupBy[0].literal.uint64'],
    [{ float64: 'nan' }, 'groupBy[0].literal.float64'],
    [{ date32: 2 ** 31 }, 'groupBy[0].literal.date32'],
    [{ decimal128: new Uint8Array(15) }, 'groupBy[0].literal.decimal128'],
    [{ decimal256: new Uint8Array(16) }, 'groupBy[0].literal.decimal256'],
    [{ utf8: '\ud800' }, 'groupBy[0].literal.utf8'],
    [{ int64: 1, uint64: 1 }, 'groupBy[0].literal'],
    [{}, 'groupBy[0].literal'],
  ])('P10 refuses %o', (value, path) => {
    expect(refusal(literal(value))).toMatchObject({ code: 'INVALID_FIELD', details: { field: path } })
  })

  it('E69 countAll takes no expression, and every other reducer needs one', () => {
    expect(refusal({ reducers: [{ op: 'countAll', expr: one }] })).toMatchObject({
      code: 'UNKNOWN_FIELD',
      details: { field: 'reducers[0].expr' },
    })
    for (const op of ['countField', 'sumField', 'minField', 'maxField'])
      expect(refusal({ reducers: [{ op }] })).toMatchObject({
        code: 'REQUIRED_FIELD',
        details: { field: 'reducers[0].expr' },
      })
    expect(refusal({ reducers: [{ op: 'average', expr: one }] })).toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: 'reducers[0].op' },
    })
  })

  it('P10 an expression stands twelve deep, and no deeper', () => {
    expect(decoded({ groupBy: [sum(12)] }).groupBy).toMatchObject([{ add: { left: { literal: { int64: '1' } } } }])
    expect(refusal({ groupBy: [sum(13)] })).toMatchObject({ code: 'INVALID_FIELD', details: { limit: 12 } })
    let endless: object = one
    for (let depth = 0; depth < 100_000; depth += 1) endless = { lower: endless }
    expect(refusal({ groupBy: [endless] })).toMatchObject({ code: 'INVALID_FIELD', details: { limit: 12 } })
  })

  it('P10 an expression holds 256 others, and no more', () => {
    expect(decoded({ groupBy: [bushy(8)] }).groupBy).toHaveLength(1)
    expect(refusal({ groupBy: [bushy(9)] })).toMatchObject({ code: 'TOO_MANY_ITEMS', details: { limit: 256 } })
  })

  it.each([
    [{ reducers: new Array(65).fill({ op: 'countAll' }) }, 'reducers', 64],
    [{ groupBy: new Array(17).fill(one) }, 'groupBy', 16],
    [{ filter: { checks: new Array(65).fill({ field, constraint: { isNull: true } }) } }, 'filter.checks', 64],
    [check({ stringIn: new Array(1_025).fill('a') }), 'filter.checks[0].constraint.stringIn', 1_024],
  ])('P10 refuses too many of them (%#)', (body, path, limit) => {
    expect(refusal(body)).toMatchObject({ code: 'TOO_MANY_ITEMS', details: { field: path, limit } })
  })

  it.each([
    [{ isNull: false }, 'isNull'],
    [{ intRange: { min: 0.5 } }, 'intRange.min'],
    [{ floatRange: { max: { value: 1 } } }, 'floatRange.max.inclusive'],
    [{ decimal256Range: { min: new Uint8Array(31) } }, 'decimal256Range.min'],
    [{ intIn: ['1', 'x'] }, 'intIn[1]'],
  ])('P10 refuses the constraint %j', (constraint, path) => {
    expect(refusal(check(constraint)).details.field).toBe(`filter.checks[0].constraint.${path}`)
  })

  it('P10 a text has a limit, and a field is of one sort', () => {
    expect(refusal(check({ stringEq: 'x'.repeat(65_537) }))).toMatchObject({
      code: 'CONTENT_TOO_LARGE',
      details: { limit: 65_536 },
    })
    const both = { key: { byteOffset: 0, kind: 'int64' }, value: { index: 0, kind: 'int64' } }
    expect(refusal({ groupBy: [{ field: both }] })).toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: 'groupBy[0].field' },
    })
  })
})
