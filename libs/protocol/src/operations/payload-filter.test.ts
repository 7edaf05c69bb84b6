import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { FILTER_DEPTH_MAX } from '../limits.ts'
import { payloadFilter } from './payload-filter.ts'

const decode = payloadFilter(FILTER_DEPTH_MAX)
const refusal = (value: unknown) => faultOf(() => decode(value, 'filter')).toJSON()
const place = { lat: 48.8566, lng: 2.3522 }

describe('payloadFilter', () => {
  it.each([
    { type: 'eq', field: 'a', value: 1 },
    { type: 'eq', field: 'a', value: null },
    { type: 'neq', field: 'a.b.c', value: { deep: [1, 'x', null] } },
    { type: 'gt', field: 'a', value: -1.5 },
    { type: 'gte', field: 'a', value: '' },
    { type: 'lt', field: 'a', value: 'ü' },
    { type: 'lte', field: 'a', value: 0 },
    { type: 'in', field: 'a', values: [1, 'a', null, [], {}] },
    { type: 'in', field: 'a', values: [] },
    { type: 'contains', field: 'a', value: '' },
    { type: 'isNull', field: 'a' },
    { type: 'isNotNull', field: '__proto__' },
    { type: 'like', field: 'a', pattern: '' },
    { type: 'ilike', field: 'a', pattern: '%_\\%\\_\\\\' },
    { type: 'arrayContains', field: 'a', value: null },
    { type: 'arrayContainsAny', field: 'a', values: [] },
    { type: 'arrayContainsAll', field: 'a', values: [1, 1] },
    { type: 'geoDistance', field: 'at', ...place, operator: 'lte', threshold: 500 },
    { type: 'geoBbox', field: 'at', latMin: -90, lngMin: 180, latMax: 90, lngMax: -180 },
    { type: 'and', conditions: [] },
    { type: 'or', conditions: [{ type: 'not', condition: { type: 'isNull', field: '.' } }] },
  ])('takes %j', (filter) => {
    expect(decode(filter, 'filter')).toEqual(filter)
  })

  it.each([
    [null, 'filter'],
    ['a', 'filter'],
    [[], 'filter'],
    [{}, 'filter.type'],
    [{ condition: { type: 'eq', field: 'a', value: 1 } }, 'filter.type'],
    [{ type: 'is_null', field: 'a' }, 'filter.type'],
    [{ type: 'constructor', field: 'a' }, 'filter.type'],
    [{ type: 'gt', field: 'a', value: NaN }, 'filter.value'],
    [{ type: 'gt', field: 'a', value: Infinity }, 'filter.value'],
    [{ type: 'gt', field: 'a', value: true }, 'filter.value'],
    [{ type: 'eq', field: 'a', value: { b: NaN } }, 'filter.value.b'],
    [{ type: 'eq', field: 'a', value: 1n }, 'filter.value'],
    [{ type: 'eq', field: ['a'], value: 1 }, 'filter.field'],
    [{ type: 'eq', field: '\ud800', value: 1 }, 'filter.field'],
    [{ type: 'in', field: 'a', values: 1 }, 'filter.values'],
    [{ type: 'in', field: 'a', values: [1, undefined] }, 'filter.values[1]'],
    [{ type: 'contains', field: 'a', value: 1 }, 'filter.value'],
    [{ type: 'like', field: 'a', pattern: 'a\\' }, 'filter.pattern'],
    [{ type: 'like', field: 'a', pattern: '\\n' }, 'filter.pattern'],
    [{ type: 'ilike', field: 'a', pattern: '\ud800' }, 'filter.pattern'],
    [{ type: 'geoDistance', field: 'at', ...place, lat: 90.1, operator: 'lt', threshold: 1 }, 'filter.lat'],
    [{ type: 'geoDistance', field: 'at', ...place, lng: NaN, operator: 'lt', threshold: 1 }, 'filter.lng'],
    [{ type: 'geoDistance', field: 'at', ...place, operator: '<', threshold: 1 }, 'filter.operator'],
    [{ type: 'geoDistance', field: 'at', ...place, operator: 'lt', threshold: Infinity }, 'filter.threshold'],
    [{ type: 'geoBbox', field: 'at', latMin: 0, lngMin: -181, latMax: 1, lngMax: 1 }, 'filter.lngMin'],
    [{ type: 'and', conditions: [{ type: 'isNull', field: 'a' }, null] }, 'filter.conditions[1]'],
    [{ type: 'not', condition: { type: 'or', conditions: [{ type: 'no' }] } }, 'filter.condition.conditions[0].type'],
  ])('Q1 P10 refuses %o and names %s', (filter, field) => {
    expect(refusal(filter)).toMatchObject({ code: 'INVALID_FIELD', kind: 'invalid', details: { field } })
  })

  it.each([
    [{ type: 'eq', field: 'a' }, 'filter.value'],
    [{ type: 'eq', field: 'a', value: undefined }, 'filter.value'],
    [{ type: 'gt', field: 'a', value: null }, 'filter.value'],
    [{ type: 'eq', value: null }, 'filter.field'],
    [{ type: 'eq', field: '', value: 1 }, 'filter.field'],
    [{ type: 'not' }, 'filter.condition'],
    [{ type: 'geoDistance', field: 'at', ...place, threshold: 1 }, 'filter.operator'],
  ])('Q1 P10 %j lacks %s', (filter, field) => {
    expect(refusal(filter)).toMatchObject({ code: 'REQUIRED_FIELD', details: { field } })
  })

  it.each([
    [{ type: 'eq', field: 'a', value: 1, values: [1] }, 'filter.values'],
    [{ type: 'eq', field: 'a', value: null, more: 1 }, 'filter.more'],
    [{ type: 'isNull', field: 'a', value: 1 }, 'filter.value'],
  ])('Q1 P10 %j has a field that it does not know', (filter, field) => {
    expect(refusal(filter)).toMatchObject({ code: 'UNKNOWN_FIELD', details: { field } })
  })

  it('Q2 P10 bounds depth, number and size', () => {
    const inside = (depth: number): object =>
      depth === 1 ? { type: 'isNull', field: 'a' } : { type: 'not', condition: inside(depth - 1) }
    expect(decode(inside(8), 'filter')).toEqual(inside(8))
    expect(refusal(inside(9))).toMatchObject({ code: 'INVALID_FIELD', details: { limit: 8 } })
    const all = (count: number) => ({
      type: 'and',
      conditions: Array.from({ length: count }, () => ({ type: 'isNull', field: 'a' })),
    })
    const either = (first: number, second: number) => ({ type: 'or', conditions: [all(first), all(second)] })
    expect(decode(either(200, 53), 'filter')).toEqual(either(200, 53))
    expect(refusal(either(200, 54))).toMatchObject({ code: 'TOO_MANY_ITEMS', details: { field: 'filter', limit: 256 } })
    const values = Array.from({ length: 1_001 }, () => 1)
    expect(refusal({ type: 'in', field: 'a', values })).toMatchObject({
      code: 'TOO_MANY_ITEMS',
      details: { limit: 1_000 },
    })
    const patterns = (last: number) => ({
      type: 'and',
      conditions: [1_024, 1_024, 1_024, last].map((length, at) => ({
        ...(at % 2 === 0
          ? { type: 'like', field: 'a', pattern: 'a'.repeat(length) }
          : { type: 'contains', field: 'a', value: 'a'.repeat(length) }),
      })),
    })
    expect(decode(patterns(1_024), 'filter')).toEqual(patterns(1_024))
    expect(
      refusal({ type: 'not', condition: { type: 'or', conditions: [patterns(1_024), patterns(1)] } }),
    ).toMatchObject({
      ...{ code: 'CONTENT_TOO_LARGE', details: { field: 'filter', size: 7_169, limit: 4_096 } },
    })
    const long = 'a'.repeat(1_025)
    for (const filter of [
      { type: 'like', field: 'a', pattern: long },
      { type: 'contains', field: 'a', value: long },
      { type: 'isNull', field: long },
      { type: 'eq', field: 'a', value: long.repeat(64) },
      { type: 'gt', field: 'a', value: long.repeat(64) },
    ])
      expect(refusal(filter)).toMatchObject({ code: 'CONTENT_TOO_LARGE' })
  })
})
