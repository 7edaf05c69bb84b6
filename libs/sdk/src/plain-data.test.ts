import { runInNewContext } from 'node:vm'
import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { optionsOf, plainCopy, plainMap, plainMaps } from './plain-data.ts'

const throwing = (): never => {
  throw new Error('hostile')
}

const fieldOf = (action: () => unknown): unknown => {
  const { code, details } = faultOf(action)
  return `${code} ${String(details.field)}`
}

describe('plainCopy', () => {
  it('D1 copies maps, lists, vectors, bytes and dates; nothing of the original is left in it', () => {
    const original = {
      text: 'x',
      none: undefined,
      list: [1, [2, { three: 3 }]],
      vector: Float32Array.of(1, 2),
      bytes: Uint8Array.of(3),
      date: new Date(5),
    }
    const copy = plainCopy(original, 'value') as typeof original
    expect(copy).toEqual(original)
    original.list[0] = 9
    original.vector[0] = 9
    original.bytes[0] = 9
    original.date.setTime(9)
    expect(copy).toEqual({
      text: 'x',
      none: undefined,
      list: [1, [2, { three: 3 }]],
      vector: Float32Array.of(1, 2),
      bytes: Uint8Array.of(3),
      date: new Date(5),
    })
  })

  it('D1 reads every property once', () => {
    let reads = 0
    const counting = {
      get content() {
        reads += 1
        return `read ${reads}`
      },
    }
    expect(plainCopy({ nested: [counting] }, 'value')).toEqual({ nested: [{ content: 'read 1' }] })
    expect(reads).toBe(1)
  })

  it('knows vectors, dates and lists of another realm, and is not fooled by a prototype', () => {
    const foreign = runInNewContext('({ vector: Float32Array.of(1, 2), date: new Date(5), list: [1] })') as object
    const copy = plainCopy(foreign, 'value') as { vector: unknown; date: unknown; list: unknown }
    expect(copy.vector).toBeInstanceOf(Float32Array)
    expect(copy.date).toBeInstanceOf(Date)
    expect(copy.list).toBeInstanceOf(Array)
    expect(plainCopy(Object.create(Float32Array.prototype), 'value')).toEqual({})
    const disguised = Object.setPrototypeOf(Float32Array.of(7), null) as unknown
    expect(plainCopy(disguised, 'value')).toEqual(Float32Array.of(7))
  })

  it('a view comes out alone, without the buffer around it', () => {
    const padded = Float32Array.of(9, 1, 2, 9)
    const copy = plainCopy(padded.subarray(1, 3), 'value') as Float32Array
    expect([copy, copy.buffer.byteLength]).toEqual([Float32Array.of(1, 2), 8])
  })

  it.each<[string, unknown]>([
    ['a function', throwing],
    ['a symbol', Symbol('x')],
    ['a bigint', 1n],
    ['a Map', new Map([[1, 2]])],
    ['an error', new Error('x')],
    ['doubles', Float64Array.of(1)],
    ['a list longer than any may be', Array(20_000)],
    ['a vector longer than any may be', new Float32Array(20_000)],
    ['a promise', Promise.resolve(1)],
  ])('%s is left for the decoder to refuse', (_title, value) => {
    expect(plainCopy(value, 'value')).toBe(value)
  })

  it('D2 names what throws when it is read', () => {
    const hostile = (name: string) => Object.defineProperty({}, name, { get: throwing, enumerable: true })
    expect(fieldOf(() => plainCopy(hostile('a'), 'value'))).toBe('INVALID_FIELD value.a')
    expect(fieldOf(() => plainCopy({ list: [0, { b: hostile('c') }] }, 'value'))).toBe(
      'INVALID_FIELD value.list[1].b.c',
    )
    expect(fieldOf(() => plainMap(hostile('a'), 'experience', { isRequest: true }))).toBe('INVALID_FIELD a')
    expect(fieldOf(() => plainMap(new Proxy({}, { ownKeys: throwing }), 'query', { isRequest: true }))).toBe(
      'INVALID_FIELD query',
    )
  })

  it('D2 refuses what leads back to itself, and what is small but endless', () => {
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    expect(fieldOf(() => plainCopy(cyclic, 'value'))).toMatch(/^INVALID_FIELD value\.self\.self/)
    let bushy: object = {}
    for (let level = 0; level < 30; level += 1) bushy = { left: bushy, right: bushy }
    expect(fieldOf(() => plainCopy(bushy, 'value'))).toMatch(/^INVALID_FIELD value\.left/)
  })

  it('D2 a list that lies about its length is of the length of none', () => {
    let reads = 0
    const liar = new Proxy([], {
      get: (_target, name) => (name === 'length' ? ((reads += 1) > 1 ? throwing() : 100_000) : 0),
    })
    expect((plainCopy(liar, 'value') as unknown[]).length).toBe(16_385)
  })

  it('a property named __proto__ stays one, for the decoder to refuse', () => {
    const copy = plainCopy(JSON.parse('{"__proto__":{"polluted":1}}'), 'value') as Record<string, unknown>
    expect(Object.keys(copy)).toEqual(['__proto__'])
    expect(copy.polluted).toBeUndefined()
  })
})

describe('plainMap, plainMaps and optionsOf', () => {
  it('P10 take maps alone, and name what is none', () => {
    for (const value of [null, undefined, 5, 'x', [], new Map(), () => undefined])
      expect(fieldOf(() => plainMap(value, 'query'))).toBe('INVALID_FIELD query')
    expect(fieldOf(() => plainMaps('x', 'list', 3))).toBe('INVALID_FIELD list')
    expect(fieldOf(() => plainMaps([{}, null], 'list', 3))).toBe('INVALID_FIELD list[1]')
    expect(fieldOf(() => plainMaps([{}, {}, {}, {}], 'list', 3))).toBe('TOO_MANY_ITEMS list')
  })

  it('what is passed on as it is, is neither copied nor walked', () => {
    const model = {
      get weights() {
        return throwing()
      },
    }
    const { embedder } = plainMap({ embedder: model }, 'collective', { isRequest: true, asIs: 'embedder' })
    expect(embedder).toBe(model)
  })

  it('options that are absent are left out, and those that there are not are refused', () => {
    expect(optionsOf({ token: undefined, timeoutMs: null, key: 'k' }, ['key'])).toEqual({ key: 'k' })
    expect(fieldOf(() => optionsOf({ kez: 'k' }, ['key']))).toBe('UNKNOWN_FIELD options.kez')
    expect(optionsOf({ kez: undefined }, ['key'])).toEqual({})
  })
})
