import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, test } from 'vitest'
import * as limits from '../limits.ts'
import { memoryTypes, type MemoryNode } from '../page-store.ts'
import { decodeRequest } from './request.ts'

const id = '0190b2c0-1111-7abc-8def-0123456789ab'
const least = { id, agentId: id, memoryType: 'semantic', content: '', createdAt: 0, accessedAt: 0 }

const decoded = (fields: object): MemoryNode => {
  const request = decodeRequest('pages.store', { collective: id, memories: [{ ...least, ...fields }] })
  return (request.fields as unknown as { readonly memories: readonly [MemoryNode] }).memories[0]
}
const refusal = (fields: object): unknown => {
  const { code, details } = faultOf(() => decoded(fields))
  return [code, details.field]
}

describe('a memory in a request', () => {
  test.each(memoryTypes)('may be %s', (memoryType) => {
    expect(decoded({ memoryType })).toMatchObject({ memoryType })
  })

  test.each([
    ['a list', [0.1, -2]],
    ['a Float32Array', Float32Array.of(0.1, -2)],
    ['little-endian bytes', new Uint8Array(Float32Array.of(0.1, -2).buffer)],
  ])('takes an embedding as %s', (_, embedding) => {
    expect(decoded({ embedding }).embedding).toEqual(Float32Array.of(0.1, -2))
  })

  test('takes an embedding of no components, and up to 4,096', () => {
    for (const size of [0, 1, limits.DIMENSION_MAX])
      expect(decoded({ embedding: new Float32Array(size) }).embedding).toHaveLength(size)
    expect(refusal({ embedding: new Float32Array(limits.DIMENSION_MAX + 1) })).toEqual([
      'INVALID_FIELD',
      'memories[0].embedding',
    ])
  })

  test.each([NaN, Infinity, -Infinity, 1e39])('P10 refuses %d in an embedding, and names the place', (component) => {
    for (const embedding of [[1, component], Float32Array.of(1, component)])
      expect(refusal({ embedding })).toEqual(['INVALID_FIELD', 'memories[0].embedding[1]'])
  })

  test.each(['salience', 'confidence'])('takes a %s of 0..1 in single precision', (name) => {
    for (const value of [0, -0, 0.1, 1])
      expect(decoded({ [name]: value })).toMatchObject({ [name]: Math.fround(value) + 0 })
    for (const value of [-0.001, 1.001, NaN, Infinity])
      expect(refusal({ [name]: value })).toEqual(['INVALID_FIELD', `memories[0].${name}`])
  })

  test('takes times of microseconds and counts of 32 bits', () => {
    const most = Number.MAX_SAFE_INTEGER
    const fields = { createdAt: most, accessedAt: most, validFrom: 0, validUntil: most, accessCount: limits.UINT32_MAX }
    expect(decoded(fields)).toMatchObject(fields)
    for (const name of Object.keys(fields))
      for (const value of [-1, 0.5, most + 1])
        expect(refusal({ [name]: value })).toEqual(['INVALID_FIELD', `memories[0].${name}`])
  })

  test('takes attributes of text, number, boolean and bytes, under any name but one', () => {
    const attributes = { '': 'x', toString: -0, constructor: true, raw: Uint8Array.of(1), 'a.b': { base64: 'AQI=' } }
    expect(Object.entries(decoded({ attributes }).attributes)).toEqual([
      ['', 'x'],
      ['toString', 0],
      ['constructor', true],
      ['raw', Uint8Array.of(1)],
      ['a.b', Uint8Array.of(1, 2)],
    ])
    expect(refusal({ attributes: JSON.parse('{"__proto__":1}') as object })).toEqual([
      'INVALID_FIELD',
      'memories[0].attributes',
    ])
  })

  test.each([[null], [NaN], [Infinity], [[1]], [{ base64: '!' }], ['\ud800']])(
    'P10 refuses the attribute %o and names it',
    (value) => {
      const [code, field] = refusal({ attributes: { colour: value } }) as [string, string]
      expect(code).toBe('INVALID_FIELD')
      expect(field).toMatch(/^memories\[0\]\.attributes\.colour/u)
    },
  )

  test('P10 refuses what is not a map of attributes, and too many or too long ones', () => {
    for (const attributes of ['x', [1], 5, new Map()])
      expect(refusal({ attributes })).toEqual(['INVALID_FIELD', 'memories[0].attributes'])
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`a${n}`, n]))
    expect(Object.keys(decoded({ attributes: many(limits.MEMORY_ATTRIBUTES_MAX) }).attributes)).toHaveLength(1_000)
    const tooMany = { attributes: many(limits.MEMORY_ATTRIBUTES_MAX + 1) }
    expect(refusal(tooMany)).toEqual(['TOO_MANY_ITEMS', 'memories[0].attributes'])
    const name = 'é'.repeat(limits.ATTRIBUTE_NAME_BYTES_MAX / 2)
    expect(decoded({ attributes: { [name]: 1 } }).attributes).toEqual({ [name]: 1 })
    expect(refusal({ attributes: { [`${name}x`]: 1 } })).toEqual(['CONTENT_TOO_LARGE', 'memories[0].attributes'])
    expect(refusal({ attributes: { '\udc00': 1 } })).toEqual(['INVALID_FIELD', 'memories[0].attributes'])
  })

  test('P10 bounds the tags', () => {
    const tags = Array.from({ length: limits.MEMORY_TAGS_MAX }, () => '')
    expect(decoded({ tags }).tags).toHaveLength(1_000)
    expect(refusal({ tags: [...tags, ''] })).toEqual(['TOO_MANY_ITEMS', 'memories[0].tags'])
  })
})
