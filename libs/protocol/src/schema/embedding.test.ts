import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { DIMENSION_MAX } from '../limits.ts'
import { embedding, float32Bytes, float32FromBytes } from './embedding.ts'

const FIELD = 'experiences[3].embedding'
const refusal = (value: unknown) => faultOf(() => embedding(value, FIELD)).toJSON()

/** The bytes of a vector at an offset at which no Float32Array may begin. */
const atOddOffset = (vector: Float32Array, offset: number): Uint8Array => {
  const around = new Uint8Array(offset + vector.byteLength + 3).fill(0xee)
  around.set(float32Bytes(vector), offset)
  return around.subarray(offset, offset + vector.byteLength)
}

const vector = Float32Array.of(1, -0.5, 3.25, 1e-40)

describe('embedding', () => {
  it('takes a list of numbers in single precision', () => {
    expect(embedding([0.1, 1, -0, 1e300], FIELD)).toEqual(Float32Array.of(0.1, 1, -0, Infinity))
  })

  it('takes a Float32Array, also a view inside a larger one', () => {
    expect(embedding(vector, FIELD)).toEqual(vector)
    expect(embedding(Float32Array.of(9, 1, 2, 9).subarray(1, 3), FIELD)).toEqual(Float32Array.of(1, 2))
  })

  it.each([0, 1, 2, 3, 4, 7])('takes raw little-endian bytes at offset %i', (offset) => {
    expect(embedding(atOddOffset(vector, offset), FIELD)).toEqual(vector)
    expect(embedding(Buffer.from(atOddOffset(vector, offset)), FIELD)).toEqual(vector)
  })

  it('reads bytes as little-endian on every machine', () => {
    expect(embedding(Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 192), FIELD)).toEqual(Float32Array.of(1, -2))
  })

  it('keeps every bit of a component, those of a NaN too', () => {
    const bytes = Uint8Array.of(1, 0, 192, 127, 0, 0, 0, 128)
    expect(float32Bytes(embedding(bytes, FIELD))).toEqual(bytes)
  })

  it('is a copy: what the caller does to theirs afterwards changes nothing', () => {
    const numbers = [1, 2]
    const floats = Float32Array.of(1, 2)
    const bytes = Uint8Array.from(float32Bytes(floats))
    const decoded = [numbers, floats, bytes].map((value) => embedding(value, FIELD))
    numbers.fill(9)
    floats.fill(9)
    bytes.fill(9)
    for (const one of decoded) {
      expect(one).toEqual(Float32Array.of(1, 2))
      expect(one.buffer.byteLength).toBe(8)
    }
  })

  it.each([[[]], [new Float32Array(0)], [new Uint8Array(0)]])('P10 refuses an empty one (%#)', (value) => {
    expect(refusal(value)).toMatchObject({ code: 'REQUIRED_FIELD', kind: 'invalid', details: { field: FIELD } })
  })

  it('P10 takes as many components as the largest dimension, and no more', () => {
    expect(embedding(new Array(DIMENSION_MAX).fill(1), FIELD)).toHaveLength(DIMENSION_MAX)
    expect(embedding(new Uint8Array(4 * DIMENSION_MAX), FIELD)).toHaveLength(DIMENSION_MAX)
    const larger = [
      new Array(DIMENSION_MAX + 1).fill(1),
      new Array(4_000_000_000),
      new Float32Array(DIMENSION_MAX + 1),
      new Uint8Array(4 * DIMENSION_MAX + 4),
    ]
    for (const value of larger)
      expect(refusal(value)).toMatchObject({ code: 'INVALID_FIELD', details: { field: FIELD, limit: DIMENSION_MAX } })
  })

  it.each([1, 2, 3, 5, 1_535])('P10 refuses %i bytes, which are no whole components', (length) => {
    expect(refusal(new Uint8Array(length))).toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: FIELD, bytes: length },
    })
  })

  it.each([
    ['text', '1'],
    ['null', null],
    ['a hole', undefined],
    ['a bigint', 1n],
    ['a list', [1]],
    ['a boolean', true],
  ])('P10 names the place of %s among the numbers', (_what, component) => {
    const value: unknown[] = [1, 2, component, 4]
    if (component === undefined) Reflect.deleteProperty(value, '2')
    expect(refusal(value)).toMatchObject({ code: 'INVALID_FIELD', details: { field: `${FIELD}[2]` } })
  })

  it.each([
    '1,2',
    'AACAPw==',
    5,
    true,
    {},
    { length: 1, 0: 1 },
    new Float64Array(2),
    new Uint16Array(2),
    new ArrayBuffer(8),
    new DataView(new ArrayBuffer(8)),
    new Set([1]),
    null,
    undefined,
  ])('P10 refuses %o', (value) => {
    expect(refusal(value)).toMatchObject({ code: 'INVALID_FIELD', details: { field: FIELD } })
  })
})

describe('float32FromBytes and float32Bytes', () => {
  it('are inverse to each other', () => {
    expect(float32FromBytes(float32Bytes(vector))).toEqual(vector)
    expect(float32Bytes(Float32Array.of(9, 1, 9).subarray(1, 2))).toEqual(Uint8Array.of(0, 0, 128, 63))
  })
})
