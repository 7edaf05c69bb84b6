import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { optional, withDefault } from './decoder.ts'
import { map, taggedUnion } from './map.ts'
import { boolean, float, integer, list, text } from './values.ts'

const point = map({ x: float, y: float })
const decoder = map({
  name: text(),
  size: withDefault(integer({ min: 0, max: 9 }), 4),
  place: optional(point),
  tags: withDefault(list(text(), { itemsMax: 3 }), []),
})
const refusal = (value: unknown, field = '') => faultOf(() => decoder(value, field)).toJSON()

const parse = (json: string): unknown => JSON.parse(json)

describe('map', () => {
  it('decodes its fields in their order, whatever the order of the value', () => {
    const decoded = decoder({ tags: ['a'], place: { y: 2, x: 1 }, name: 'n', size: 0 }, '')
    expect(decoded).toEqual({ name: 'n', size: 0, place: { x: 1, y: 2 }, tags: ['a'] })
    expect(JSON.stringify(decoded)).toBe('{"name":"n","size":0,"place":{"x":1,"y":2},"tags":["a"]}')
  })

  it.each([undefined, null])('takes %s for absent: leaves out, or takes the default', (absent) => {
    const decoded = decoder({ name: 'n', size: absent, place: absent, tags: absent }, '')
    expect(decoded).toStrictEqual({ name: 'n', size: 4, tags: [] })
  })

  it.each([undefined, null])('P10 asks for a required field that is %s, and names it', (absent) => {
    expect(refusal({ name: absent })).toMatchObject({ code: 'REQUIRED_FIELD', details: { field: 'name' } })
    expect(refusal({}, 'a.b')).toMatchObject({ code: 'REQUIRED_FIELD', details: { field: 'a.b.name' } })
  })

  it('P10 names the path of a field inside it', () => {
    expect(refusal({ name: 'n', place: { x: 1, y: 'two' } })).toMatchObject({ details: { field: 'place.y' } })
    expect(refusal({ name: 'n', place: { x: 1 } }, 'items[3]')).toMatchObject({
      details: { field: 'items[3].place.y' },
    })
    expect(refusal({ name: 'n', tags: ['a', 5] }, 'items[3]')).toMatchObject({ details: { field: 'items[3].tags[1]' } })
  })

  it('P10 refuses a field that it does not know, and names it', () => {
    expect(refusal({ name: 'n', nmae: 'm' })).toMatchObject({
      code: 'UNKNOWN_FIELD',
      kind: 'invalid',
      details: { field: 'nmae' },
    })
    expect(refusal({ name: 'n', place: { x: 1, y: 2, z: 3 } })).toMatchObject({
      code: 'UNKNOWN_FIELD',
      details: { field: 'place.z' },
    })
    expect(refusal({ name: 'n', nmae: null }).code).toBe('UNKNOWN_FIELD')
    expect(decoder({ name: 'n', nmae: undefined }, '')).toMatchObject({ name: 'n' })
  })

  it('P10 P11 repeats an unknown name cut and well-formed, however long it is', () => {
    const { message, details } = refusal({ name: 'n', [`\ud800${'x'.repeat(1_000_000)}`]: 1 })
    expect(message.length).toBeLessThan(200)
    expect(details.field).toBe(`\ufffd${'x'.repeat(99)}`)
  })

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '0', ''])(
    'P10 refuses %j, which every object seems to have',
    (name) => {
      const value = parse(`{"name":"n",${JSON.stringify(name)}:{"size":7}}`)
      expect(refusal(value)).toMatchObject({ code: 'UNKNOWN_FIELD', details: { field: name } })
      expect(({} as Record<string, unknown>).size).toBeUndefined()
    },
  )

  it('does not take a field from the prototype', () => {
    const value: unknown = Object.create({ name: 'inherited' })
    expect(refusal(value)).toMatchObject({ code: 'REQUIRED_FIELD', details: { field: 'name' } })
    const bare = Object.assign(Object.create(null) as object, { name: 'own' })
    expect(decoder(bare, '')).toMatchObject({ name: 'own' })
  })

  it('takes an object of a class with fields of its own', () => {
    class Named {
      name = 'n'
    }
    expect(decoder(new Named(), '')).toMatchObject({ name: 'n' })
  })

  it('reads each property once, and knows no symbols', () => {
    let reads = 0
    const value = {
      get name() {
        reads += 1
        return 'n'
      },
      [Symbol('name')]: 5,
    }
    expect(decoder(value, '')).toMatchObject({ name: 'n' })
    expect(reads).toBe(1)
  })

  it.each([
    'text',
    5,
    true,
    null,
    undefined,
    [],
    [['name', 'n']],
    Uint8Array.of(1),
    Float32Array.of(1),
    new ArrayBuffer(4),
    new Map([['name', 'n']]),
    new Set(),
    new Date(),
    /name/,
    Promise.resolve({ name: 'n' }),
    new Error('name'),
    Object('text') as unknown,
    () => ({ name: 'n' }),
  ])('P10 refuses %o, which is no map', (value) => {
    expect(refusal(value, 'filter')).toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: 'filter', expected: 'map' },
    })
    expect(refusal(value)).toMatchObject({ details: { field: 'request' } })
  })

  it('shares a default between requests, which none of them can change', () => {
    const { tags } = decoder({ name: 'n' }, '')
    expect(decoder({ name: 'm' }, '').tags).toBe(tags)
    expect(() => (tags as string[]).push('leak')).toThrow(TypeError)
  })
})

describe('taggedUnion', () => {
  const shape = taggedUnion('kind', { dot: { at: float }, switch: { on: boolean }, nothing: {} })
  const shapeRefusal = (value: unknown) => faultOf(() => shape(value, 'shape')).toJSON()

  it('decodes by its tag', () => {
    expect(shape({ at: 1, kind: 'dot' }, 'shape')).toEqual({ kind: 'dot', at: 1 })
    expect(shape({ kind: 'switch', on: false }, 'shape')).toEqual({ kind: 'switch', on: false })
    expect(shape({ kind: 'nothing' }, 'shape')).toEqual({ kind: 'nothing' })
  })

  it.each([undefined, null, '', 'Dot', 'constructor', '__proto__', 5, ['dot']])('P10 refuses the tag %o', (kind) => {
    expect(shapeRefusal({ kind, at: 1 })).toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: 'shape.kind', expected: 'dot|switch|nothing' },
    })
  })

  it('P10 refuses the fields of another variant', () => {
    expect(shapeRefusal({ kind: 'switch', on: true, at: 1 })).toMatchObject({
      code: 'UNKNOWN_FIELD',
      details: { field: 'shape.at' },
    })
    expect(shapeRefusal({ kind: 'switch' })).toMatchObject({ code: 'REQUIRED_FIELD', details: { field: 'shape.on' } })
    expect(shapeRefusal({ kind: 'dot', at: '1' })).toMatchObject({ details: { field: 'shape.at' } })
  })

  it.each(['dot', 5, ['dot'], new Map([['kind', 'dot']]), null])('P10 refuses %o, which is no map', (value) => {
    expect(shapeRefusal(value)).toMatchObject({ code: 'INVALID_FIELD', details: { field: 'shape' } })
  })

  it('does not take the tag of a prototype', () => {
    expect(shapeRefusal(parse('{"__proto__":{"kind":"nothing"}}'))).toMatchObject({ details: { field: 'shape.kind' } })
    expect(shapeRefusal(Object.create({ kind: 'nothing' }))).toMatchObject({ kind: 'invalid' })
  })
})
