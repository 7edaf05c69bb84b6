/**
 * Values of a kind as a program computes with them, and as the wire carries them.
 *
 * | kind                                        | in a program                      | on the wire           |
 * |---------------------------------------------|-----------------------------------|-----------------------|
 * | `int64` `uint64` `date64` `timestamp`       | `bigint`                          | decimal digits        |
 * | `decimal128` `decimal256`                   | `bigint`, without the scale       | little-endian bytes   |
 * | `float64`                                   | `number`                          | number, or text where |
 * |                                             |                                   | JSON has no number    |
 * | `date32`                                    | `number`                          | number                |
 * | `boolean` `utf8` `fixedSizeBinary`          | `boolean`, `string`, `Uint8Array` | the same              |
 *
 * An SDK gives `results.map(scalarOf)` to its caller, who knows the kinds from what he asked, and sends a `bigint` that
 * he was given as its digits: MessagePack would round it, and JSON refuses it.
 */
import type { FieldKind, FloatText, FloatValue, ReducedValue } from '../reduce.ts'
import { decimalBytes, decimalOf } from './decimal.ts'

export type Scalar = bigint | number | boolean | string | Uint8Array

/** Bytes of a decimal. */
export const DECIMAL_BYTES = { decimal128: 16, decimal256: 32 } as const

/** The smallest and the largest number of each kind of whole number. */
export const wholeRanges = {
  int64: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  uint64: { min: 0n, max: 2n ** 64n - 1n },
  date64: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  timestamp: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  decimal128: { min: -(2n ** 127n), max: 2n ** 127n - 1n },
  decimal256: { min: -(2n ** 255n), max: 2n ** 255n - 1n },
} as const

export type WholeKind = keyof typeof wholeRanges

export const isWholeKind = (kind: FieldKind): kind is WholeKind => Object.hasOwn(wholeRanges, kind)

export const isInRange = (kind: WholeKind, number: bigint): boolean =>
  number >= wholeRanges[kind].min && number <= wholeRanges[kind].max

export const DATE32_MIN = -(2 ** 31)
export const DATE32_MAX = 2 ** 31 - 1

const floatOf: Readonly<Record<FloatText, number>> = { NaN: NaN, Infinity, '-Infinity': -Infinity, '-0': -0 }

export const numberOfFloat = (value: FloatValue): number => (typeof value === 'number' ? value : floatOf[value])

/** JSON has no number for these, and none for a zero with a sign. */
const floatOfNumber = (number: number): FloatValue => {
  if (Object.is(number, -0)) return '-0'
  return Number.isFinite(number) ? number : (String(number) as FloatText)
}

export const kindOf = (value: ReducedValue): FieldKind => Object.keys(value)[0] as FieldKind

/** The value that a reduction came to, as a program computes with it. */
export function scalarOf(value: ReducedValue): Scalar
export function scalarOf(value: ReducedValue | null): Scalar | null
export function scalarOf(value: ReducedValue | null): Scalar | null {
  if (value === null) return null
  if ('float64' in value) return numberOfFloat(value.float64)
  if ('decimal128' in value) return decimalOf(value.decimal128)
  if ('decimal256' in value) return decimalOf(value.decimal256)
  const [[kind, it]] = Object.entries(value) as [[FieldKind, Scalar]]
  return isWholeKind(kind) ? BigInt(it as string) : it
}

/** The same on the wire. @param value of that kind, and within it */
export const reducedValue = (kind: FieldKind, value: Scalar): ReducedValue => {
  if (kind === 'float64') return { float64: floatOfNumber(value as number) }
  if (kind === 'decimal128' || kind === 'decimal256')
    return { [kind]: decimalBytes(value as bigint, DECIMAL_BYTES[kind]) } as unknown as ReducedValue
  return { [kind]: isWholeKind(kind) ? String(value) : value } as unknown as ReducedValue
}
