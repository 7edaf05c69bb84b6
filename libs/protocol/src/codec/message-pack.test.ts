import { describe, expect, it } from 'vitest'
import { decodeForeignMessagePack, decodeMessagePack, encodeMessagePack } from './message-pack.ts'

const hex = (value: unknown): string => Buffer.from(encodeMessagePack(value)).toString('hex')

describe('encodeMessagePack', () => {
  it.each([
    [null, 'c0'],
    [true, 'c3'],
    [0, '00'],
    [-1, 'ff'],
    [128, 'cc80'],
    [2 ** 32, 'cf0000000100000000'],
    [-(2 ** 31) - 1, 'd3ffffffff7fffffff'],
    [Number.MAX_SAFE_INTEGER, 'cf001fffffffffffff'],
    [0.5, 'cb3fe0000000000000'],
    ['é', 'a2c3a9'],
    [[1, 'a'], '9201a161'],
    [{ b: 1, a: 2 }, '82a16201a16102'],
    [Uint8Array.of(1, 2), 'c4020102'],
    [Float32Array.of(1), 'c4040000803f'],
  ])('writes %o always alike', (value, expected) => {
    expect(hex(value)).toBe(expected)
  })

  it('leaves out fields that are undefined, and keeps null', () => {
    expect(hex({ a: undefined, b: null })).toBe(hex({ b: null }))
  })

  it('writes the view of a vector, not the buffer around it', () => {
    expect(hex(Float32Array.of(9, 1, 9).subarray(1, 2))).toBe('c4040000803f')
  })

  it('gives bytes of their own: the next call changes nothing', () => {
    const first = encodeMessagePack(['first'])
    const copy = Uint8Array.from(first)
    encodeMessagePack(['second'.repeat(1_000)])
    expect(first).toEqual(copy)
    expect(first.buffer.byteLength).toBe(first.length)
  })

  it('works on after a value that it refuses', () => {
    expect(() => encodeMessagePack({ a: 1n })).toThrow()
    expect(() => encodeMessagePack([() => 5])).toThrow()
    expect(hex([1])).toBe('9101')
  })
})

describe('decodeForeignMessagePack', () => {
  it('P10 gives the reason why bytes are refused, and works on', () => {
    expect(decodeForeignMessagePack(Uint8Array.of(0x91))).toEqual({ defect: 'ends too early' })
    expect(decodeForeignMessagePack(Uint8Array.of(0x91, 5))).toEqual({ value: [5] })
  })

  it.each([
    ['a list', [0x81, 0x90, 1]],
    ['a map', [0x81, 0x80, 1]],
    ['nil', [0x81, 0xc0, 1]],
    ['a boolean', [0x81, 0xc3, 1]],
    ['bytes', [0x81, 0xc4, 1, 0, 1]],
    ['__proto__', [0x81, 0xa9, ...Buffer.from('__proto__'), 0x80]],
  ])('P10 refuses %s as a name', (_what, bytes) => {
    expect(decodeForeignMessagePack(Uint8Array.from(bytes))).toHaveProperty('defect')
    expect(decodeForeignMessagePack(Uint8Array.of(0x05))).toEqual({ value: 5 })
  })

  it('takes the last of two fields of one name, as JSON does', () => {
    expect(decodeForeignMessagePack(Uint8Array.of(0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2))).toEqual({ value: { a: 2 } })
  })

  it('reads every text whole, on both sides of the length where its decoder changes its way', () => {
    for (const length of [0, 1, 15, 16, 31, 32, 33, 199, 200, 201, 4_095, 4_096, 4_097, 70_000])
      for (const character of ['x', 'é', '日', '🐝']) {
        const value = { [character.repeat(Math.min(length, 300))]: character.repeat(length) }
        expect(decodeForeignMessagePack(encodeMessagePack(value))).toEqual({ value })
      }
  })
})

describe('decodeMessagePack', () => {
  it('reads what we wrote, binary values as views', () => {
    const bytes = encodeMessagePack({ vector: Float32Array.of(1, 2), list: [1, null] })
    const { vector, list } = decodeMessagePack(bytes) as { vector: Uint8Array; list: unknown }
    expect(vector).toEqual(Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 64))
    expect(vector.buffer).toBe(bytes.buffer)
    expect(list).toEqual([1, null])
  })
})
