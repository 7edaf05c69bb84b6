import type { Json, PayloadFilter } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { payloadMatcher } from './payload-matcher.ts'

const matches = (filter: PayloadFilter, payload: Json | undefined): boolean => {
  const judging = payloadMatcher(filter)(payload, 100)
  for (;;) {
    const step = judging.next()
    if (step.done === true) return step.value
  }
}

/** Every sort of value that a field can have; `undefined`: the field is missing. */
const values: readonly (Json | undefined)[] = [
  ...[undefined, null, false, true, 0, 1, -1, 1.5, '', '1', 'a', 'é', '🐝', '\uffee'],
  ...[[], [1], ['a', 'b'], [[1]], {}, { lat: 1, lng: 1 }, { a: 1, b: [2] }],
]

const on = (value: Json | undefined): Json => (value === undefined ? {} : { a: value })
const found = (filter: PayloadFilter): readonly (Json | undefined)[] =>
  values.filter((value) => matches(filter, on(value)))
const others = (matching: readonly (Json | undefined)[]): readonly (Json | undefined)[] =>
  values.filter((value) => !matching.includes(value))
const field = 'a'

describe('conditions', () => {
  test('eq is strict about types, and neq its opposite, for what is missing too', () => {
    for (const value of values) {
      if (value === undefined) continue
      expect(found({ type: 'eq', field, value })).toEqual([value])
      expect(found({ type: 'neq', field, value })).toEqual(others([value]))
      expect(found({ type: 'in', field, values: [value, 'no'] })).toEqual([value])
    }
    expect(found({ type: 'in', field, values: [] })).toEqual([])
  })

  test('numbers are equal as doubles, maps in any order of names, lists in their own', () => {
    const equal = (value: Json, payload: Json): boolean => matches({ type: 'eq', field, value }, { a: payload })
    expect([equal(0, -0), equal(1, 1.0), equal(0.1 + 0.2, 0.3), equal(1e-17, 0)]).toEqual([true, true, false, false])
    expect(equal({ x: 1, y: { z: 2, w: 3 } }, { y: { w: 3, z: 2 }, x: 1 })).toBe(true)
    expect([equal([1, 2], [2, 1]), equal({ x: 1 }, { x: 1, y: null }), equal('[1]', [1]), equal('{}', {})]).toEqual([
      ...[false, false, false, false],
    ])
    expect(equal(JSON.parse('{"__proto__":1}') as Json, JSON.parse('{"__proto__":1}') as Json)).toBe(true)
    expect(equal({}, JSON.parse('{"__proto__":1}') as Json)).toBe(false)
  })

  test('an order is one of numbers, or one of texts by code points', () => {
    expect(found({ type: 'gt', field, value: 0 })).toEqual([1, 1.5])
    expect(found({ type: 'gte', field, value: 0 })).toEqual([0, 1, 1.5])
    expect(found({ type: 'lt', field, value: 1 })).toEqual([0, -1])
    expect(found({ type: 'lte', field, value: 1 })).toEqual([0, 1, -1])
    // A surrogate is a smaller code unit than U+FFEE, and what it stands for is the greater character.
    expect(found({ type: 'gt', field, value: '\uffee' })).toEqual(['🐝'])
    expect(found({ type: 'lte', field, value: 'a' })).toEqual(['', '1', 'a'])
  })

  test('isNull holds of what is missing as well, and isNotNull of the rest', () => {
    expect(found({ type: 'isNull', field })).toEqual([undefined, null])
    expect(found({ type: 'isNotNull', field })).toEqual(others([undefined, null]))
  })

  test('patterns are for texts alone', () => {
    expect(found({ type: 'like', field, pattern: '%' })).toEqual(values.filter((value) => typeof value === 'string'))
    expect(found({ type: 'ilike', field, pattern: 'É' })).toEqual(['é'])
    expect(found({ type: 'contains', field, value: 'a' })).toEqual(['a'])
  })

  test('lists contain one, any or all, and a text contains no item', () => {
    expect(found({ type: 'arrayContains', field, value: 'a' })).toEqual([['a', 'b']])
    expect(found({ type: 'arrayContains', field, value: [1] })).toEqual([[[1]]])
    expect(found({ type: 'arrayContainsAny', field, values: [1, 'b'] })).toEqual([[1], ['a', 'b']])
    expect(found({ type: 'arrayContainsAll', field, values: ['b', 'a', 'b'] })).toEqual([['a', 'b']])
    expect(found({ type: 'arrayContainsAll', field, values: ['a', 'c'] })).toEqual([])
    expect(found({ type: 'arrayContainsAny', field, values: [] })).toEqual([])
    expect(found({ type: 'arrayContainsAll', field, values: [] })).toEqual(values.filter(Array.isArray))
    expect(matches({ type: 'arrayContainsAll', field, values: ['[1]', [1]] }, { a: ['[1]', 2] })).toBe(false)
    // A text counts beside the list that it looks like.
    const alike = ['structure [1]', '[1]', [1]]
    expect(matches({ type: 'arrayContainsAll', field, values: alike }, { a: alike })).toBe(true)
  })

  test('and, or and not', () => {
    const yes: PayloadFilter = { type: 'isNull', field: 'x' }
    const no: PayloadFilter = { type: 'isNotNull', field: 'x' }
    const of = (type: 'and' | 'or', ...conditions: PayloadFilter[]) => matches({ type, conditions }, {})
    expect([of('and'), of('and', yes), of('and', yes, no)]).toEqual([true, true, false])
    expect([of('or'), of('or', no), of('or', no, yes)]).toEqual([false, false, true])
    // Two values of truth: what is not comparable is not greater, and `not` turns that round.
    expect(found({ type: 'not', condition: { type: 'gt', field, value: 0 } })).toEqual(others([1, 1.5]))
  })

  test('a path leads through maps alone, by their own names', () => {
    const payload = { a: { b: { c: 1 }, '': { '': 2 } }, l: [{ c: 1 }], 'a.b': 3, t: 'text' }
    const there = (path: string): boolean => matches({ type: 'isNotNull', field: path }, payload)
    expect(['a', 'a.b', 'a.b.c', 'a..', 'l', 't'].map(there)).toEqual(Array(6).fill(true))
    expect(['a.c', 'b', 'l.0', 'l.0.c', 'l.length', 't.length', 'a.b.c.d', 'A', ' a', '.'].map(there)).toEqual(
      Array(10).fill(false),
    )
    for (const inherited of ['__proto__', 'constructor', 'toString', 'a.hasOwnProperty', 'a.__proto__'])
      expect(there(inherited)).toBe(false)
    const own = JSON.parse('{"__proto__":{"constructor":1}}') as Json
    expect(matches({ type: 'eq', field: '__proto__.constructor', value: 1 }, own)).toBe(true)
  })

  test.each([undefined, null, 'text', 1, [1], true])('what is no map has no fields: %j', (payload) => {
    expect(matches({ type: 'isNull', field }, payload)).toBe(true)
    expect(matches({ type: 'neq', field, value: 1 }, payload)).toBe(true)
    expect(matches({ type: 'eq', field, value: 1 }, payload)).toBe(false)
  })
})

describe('work', () => {
  const deep: readonly Json[] = Array.from({ length: 2_000 }, (_, n) => [n % 7, { n }])
  const size = JSON.stringify(deep).length
  const value: Json = [8]
  const hostile: readonly PayloadFilter[] = [
    { type: 'arrayContains', field, value },
    { type: 'arrayContainsAll', field, values: [[1], value] },
    { type: 'eq', field, value: deep },
    { type: 'in', field, values: [deep, value] },
  ]

  test.each(hostile)('M2 P11 what it takes to compare a large value is told: $type', (filter) => {
    const judging = payloadMatcher({ type: 'or', conditions: Array(3).fill(filter) as PayloadFilter[] })(
      ...[{ a: [deep, deep[0] as Json] }, size],
    )
    const steps: number[] = []
    for (let step = judging.next(); step.done !== true; step = judging.next()) steps.push(step.value)
    expect(steps).toHaveLength(3)
    for (const taken of steps) expect(taken).toBeGreaterThan(size)
  })
})

describe('places', () => {
  const paris = { lat: 48.8566, lng: 2.3522 }
  const within = (at: Json, threshold: number, operator: 'lt' | 'gte' = 'lt'): boolean =>
    matches({ type: 'geoDistance', field, ...paris, operator, threshold }, { a: at })

  test('distances are metres along the surface', () => {
    const london = { lat: 51.5074, lng: -0.1278 }
    expect([within(london, 343_000), within(london, 344_000)]).toEqual([false, true])
    expect([within(london, 343_000, 'gte'), within(paris, 1e-9), within(paris, 0)]).toEqual([true, true, false])
    // Across the meridian at which degrees begin anew, and to the other side of the earth.
    const near = { type: 'geoDistance', field, lat: 0, lng: 179.999, operator: 'lt' } as const
    expect(matches({ ...near, threshold: 250 }, { a: { lat: 0, lng: -179.999 } })).toBe(true)
    expect(matches({ ...near, threshold: 20_015_000 }, { a: { lat: 0, lng: -0.001 } })).toBe(false)
    expect(matches({ ...near, threshold: 20_016_000 }, { a: { lat: 0, lng: -0.001 } })).toBe(true)
  })

  test('a box has its edges, and ends before it begins where it is inverted', () => {
    const box = { type: 'geoBbox', field, latMin: 48, lngMin: 2, latMax: 49, lngMax: 3 } as const
    for (const at of [paris, { lat: 48, lng: 2 }, { lat: 49, lng: 3 }]) expect(matches(box, { a: at })).toBe(true)
    for (const at of [
      { lat: 47.999, lng: 2 },
      { lat: 48, lng: 3.001 },
    ])
      expect(matches(box, { a: at })).toBe(false)
    expect(matches({ ...box, latMin: 49, latMax: 48 }, { a: { lat: 48.5, lng: 2.5 } })).toBe(false)
    expect(matches({ ...box, lngMin: 3, lngMax: 2 }, { a: { lat: 48.5, lng: 2.5 } })).toBe(false)
  })

  test.each([
    ...[null, 1, [48.8, 2.3], {}, { lat: 1 }, { lat: '48', lng: '2' }, { lat: 91, lng: 0 }, { lat: 0, lng: -181 }],
    { latitude: 48.8566, longitude: 2.3522 },
  ])('what is no place is nowhere: %j', (at) => {
    expect([within(at, 1e9), within(at, -1, 'gte')]).toEqual([false, false])
    expect(matches({ type: 'geoBbox', field, latMin: -90, lngMin: -180, latMax: 90, lngMax: 180 }, { a: at })).toBe(
      false,
    )
  })
})
