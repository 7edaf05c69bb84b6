/** How values of one kind follow one another. */
import { compareBytes } from '@waggle/kernel'
import type { FieldKind, Scalar } from '@waggle/protocol'

type Compare = (left: Scalar, right: Scalar) => number

const natural: Compare = (left, right) => (left < right ? -1 : left > right ? 1 : 0)

/** Total: −0 before 0, and what is no number behind all that are. */
const compareFloats = (left: number, right: number): number => {
  if (left < right) return -1
  if (left > right) return 1
  if (left === right) return Number(Object.is(right, -0)) - Number(Object.is(left, -0))
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right))
}

const SURROGATES = 0xd800
const BEHIND_SURROGATES = 0xe000

/** Units as their characters follow: those that come in pairs stand for the characters behind all others. */
const rank = (unit: number): number => (unit < SURROGATES ? unit : unit < BEHIND_SURROGATES ? unit + 0x1_0000 : unit)

/** As their UTF-8 does. */
const compareTexts = (left: string, right: string): number => {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at += 1) {
    const difference = left.charCodeAt(at) - right.charCodeAt(at)
    if (difference !== 0) return rank(left.charCodeAt(at)) - rank(right.charCodeAt(at))
  }
  return left.length - right.length
}

export const comparisonOf = (kind: FieldKind): Compare => {
  if (kind === 'float64') return compareFloats as Compare
  if (kind === 'utf8') return compareTexts as Compare
  return kind === 'fixedSizeBinary' ? (compareBytes as Compare) : natural
}
