import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { jsonPayload } from './json-payload.ts'

const refusal = (value: unknown) => faultOf(() => jsonPayload(value, 'items[3]')).toJSON()
const INVALID = 'INVALID_FIELD'

describe('jsonPayload', () => {
  it('takes a value or its text, and ids that no number holds', () => {
    expect(jsonPayload({ id: 2n ** 64n - 1n, payload: { a: 1 } }, 'items[0]')).toEqual({
      ...{ id: '18446744073709551615', json: '{"a":1}' },
    })
    expect(jsonPayload({ id: '9007199254740993', json: ' [1.0] ' }, 'items[0]')).toEqual({
      ...{ id: '9007199254740993', json: ' [1.0] ' },
    })
  })

  it('takes null for a payload, and undefined for none', () => {
    expect(jsonPayload({ id: 1, payload: null }, 'items[0]')).toEqual({ id: '1', json: 'null' })
    expect(jsonPayload({ id: 1, payload: undefined, json: '2' }, 'items[0]')).toEqual({ id: '1', json: '2' })
    expect(jsonPayload({ id: 1, payload: 3, json: null }, 'items[0]')).toEqual({ id: '1', json: '3' })
  })

  it.each([
    [null, INVALID, 'items[3]'],
    [[1, {}], INVALID, 'items[3]'],
    [{ id: 1 }, 'REQUIRED_FIELD', 'items[3].json'],
    [{ id: 1, json: null }, 'REQUIRED_FIELD', 'items[3].json'],
    [{ payload: 1 }, 'REQUIRED_FIELD', 'items[3].id'],
    [{ id: 1, payload: 1, json: '1' }, INVALID, 'items[3].json'],
    [{ id: 1, payload: NaN }, INVALID, 'items[3].payload'],
    [{ id: 1, payload: { a: [undefined] } }, INVALID, 'items[3].payload.a[0]'],
    [{ id: 1, json: '{' }, INVALID, 'items[3].json'],
    [{ id: 1, json: {} }, INVALID, 'items[3].json'],
    [{ id: -1, payload: 1 }, INVALID, 'items[3].id'],
    [{ id: -0.5, payload: 1 }, INVALID, 'items[3].id'],
    [{ id: 2 ** 53, payload: 1 }, INVALID, 'items[3].id'],
    [{ id: 2n ** 64n, payload: 1 }, INVALID, 'items[3].id'],
    [{ id: '007', payload: 1 }, INVALID, 'items[3].id'],
    [{ id: 1, payload: 1, more: 1 }, 'UNKNOWN_FIELD', 'items[3].more'],
    [{ id: 1, json: '1', more: 1 }, 'UNKNOWN_FIELD', 'items[3].more'],
  ])('P10 refuses %o with %s of %s', (value, code, field) => {
    expect(refusal(value)).toMatchObject({ code, kind: 'invalid', details: { field } })
  })

  it('P10 refuses a payload over a megabyte, in both forms', () => {
    const limit = 1024 * 1024
    const long = 'a'.repeat(limit - 2)
    expect(jsonPayload({ id: 1, payload: long }, 'items[0]').json).toHaveLength(limit)
    expect(refusal({ id: 1, payload: `${long}a` })).toMatchObject({ code: 'CONTENT_TOO_LARGE', details: { limit } })
    expect(refusal({ id: 1, json: `"${long}a"` })).toMatchObject({ code: 'CONTENT_TOO_LARGE', details: { limit } })
  })
})
