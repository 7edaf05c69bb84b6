import { describe, expect, it } from 'vitest'
import { decodeBody, encodeBody } from '../codec/body.ts'
import type { FieldKind, ReducedValue } from '../reduce.ts'
import { decimalBytes, decimalOf } from './decimal.ts'
import { kindOf, reducedValue, scalarOf, type Scalar } from './scalar.ts'

const samples: readonly (readonly [FieldKind, Scalar, unknown])[] = [
  ['int64', -(2n ** 63n), '-9223372036854775808'],
  ['uint64', 2n ** 64n - 1n, '18446744073709551615'],
  ['float64', 0.1, 0.1],
  ['float64', NaN, 'NaN'],
  ['float64', Infinity, 'Infinity'],
  ['float64', -Infinity, '-Infinity'],
  ['float64', -0, '-0'],
  ['boolean', false, false],
  ['utf8', 'é', 'é'],
  ['date32', -1, -1],
  ['date64', 0n, '0'],
  ['timestamp', -1n, '-1'],
  ['decimal128', -2n, Uint8Array.of(0xfe, ...new Uint8Array(15).fill(0xff))],
  ['fixedSizeBinary', Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
  ['decimal256', 2n ** 200n, decimalBytes(2n ** 200n, 32)],
]

describe('values of a reduction', () => {
  it.each(samples)('a %s of %s stands on the wire as %j', (kind, value, wire) => {
    const reduced = reducedValue(kind, value)
    expect(reduced).toEqual({ [kind]: wire })
    expect(kindOf(reduced)).toBe(kind)
    expect(scalarOf(reduced)).toEqual(value)
    expect(scalarOf(null)).toBeNull()
  })

  it.each(samples)('a %s of %s comes through JSON and MessagePack unchanged', (kind, value) => {
    const reduced = reducedValue(kind, value)
    const bytes = encodeBody({ reduced }, 'messagePack')
    const { reduced: decoded } = decodeBody(bytes).value as { reduced: ReducedValue }
    expect(scalarOf(decoded)).toEqual(value)
    if (value instanceof Uint8Array || kind.startsWith('decimal')) return
    const { reduced: read } = decodeBody(encodeBody({ reduced }, 'json')).value as { reduced: ReducedValue }
    expect(scalarOf(read)).toEqual(value)
  })

  it.each([16, 32])('a decimal of %i bytes holds all its numbers', (width) => {
    const bits = BigInt(8 * width - 1)
    for (const number of [-(2n ** bits), -(2n ** 64n), -1n, 0n, 1n, 2n ** 64n, 2n ** bits - 1n])
      expect(decimalOf(decimalBytes(number, width))).toBe(number)
  })
})
