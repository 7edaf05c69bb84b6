import { compareBytes, hexOf } from '@waggle/kernel'
import { faultOf, seededRandom } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import type { FieldKind } from '../reduce.ts'
import { decodeKeyField, encodeKeyField, keyFieldWidth } from './key-fields.ts'
import { wholeRanges, type Scalar, type WholeKind } from './scalar.ts'

const NULS = (count: number): string => '00'.repeat(count)

/** Ascending in each kind; what Exoware's codec makes of the same values. */
const golden: readonly (readonly [kind: FieldKind, value: Scalar, hex: string])[] = [
  ['int64', -(2n ** 63n), '0000000000000000'],
  ['int64', -42n, '7fffffffffffffd6'],
  ['int64', -1n, '7fffffffffffffff'],
  ['int64', 0n, '8000000000000000'],
  ['int64', 1n, '8000000000000001'],
  ['int64', 2n ** 63n - 1n, 'ffffffffffffffff'],
  ['uint64', 0n, '0000000000000000'],
  ['uint64', 258n, '0000000000000102'],
  ['uint64', 2n ** 64n - 1n, 'ffffffffffffffff'],
  ['float64', -Infinity, '000fffffffffffff'],
  ['float64', -1.5, '4007ffffffffffff'],
  ['float64', -0, '7fffffffffffffff'],
  ['float64', 0, '8000000000000000'],
  ['float64', 5e-324, '8000000000000001'],
  ['float64', 1.5, 'bff8000000000000'],
  ['float64', Infinity, 'fff0000000000000'],
  ['float64', NaN, 'fff8000000000000'],
  ['boolean', false, '00'],
  ['boolean', true, '01'],
  ['utf8', '', NULS(16)],
  ['utf8', 'west', `77657374${NULS(12)}`],
  ['utf8', 'zürich', `7ac3bc72696368${NULS(9)}`],
  ['date32', -(2 ** 31), '00000000'],
  ['date32', -1, '7fffffff'],
  ['date32', 0, '80000000'],
  ['date32', 19_723, '80004d0b'],
  ['date32', 2 ** 31 - 1, 'ffffffff'],
  ['date64', -86_400_000n, '7ffffffffad9a400'],
  ['date64', 1_706_428_496_123n, '8000018d4f1078fb'],
  ['timestamp', -1n, '7fffffffffffffff'],
  ['timestamp', 1_706_428_496_123_456n, '80060ffcd8589640'],
  ['decimal128', -(2n ** 127n), NULS(16)],
  ['decimal128', -1n, `7f${'ff'.repeat(15)}`],
  ['decimal128', 123n, `80${NULS(14)}7b`],
  ['decimal128', 2n ** 127n - 1n, 'ff'.repeat(16)],
  ['decimal256', -(2n ** 255n), NULS(32)],
  ['decimal256', -1n, `7f${'ff'.repeat(31)}`],
  ['decimal256', 2n ** 64n, `80${NULS(22)}01${NULS(8)}`],
  ['decimal256', 2n ** 255n - 1n, 'ff'.repeat(32)],
  ['fixedSizeBinary', Uint8Array.of(0, 7, 255), '0007ff'],
]

describe('fields of keys', () => {
  it.each(golden)('a %s of %s is %s', (kind, value, hex) => {
    const bytes = encodeKeyField(kind, value)
    expect(hexOf(bytes)).toBe(hex)
    expect(bytes).toHaveLength(keyFieldWidth(kind, 3))
    expect(decodeKeyField(kind, bytes)).toEqual(value)
  })

  it('a value sorts as its bytes do', () => {
    for (const [index, [kind, , hex]] of golden.entries()) {
      const [nextKind, , nextHex] = golden[index + 1] ?? []
      if (nextKind === kind) expect(hex < (nextHex as string)).toBe(true)
    }
  })

  it('random numbers come out as they went in, and in their order', () => {
    const random = seededRandom(6)
    for (const [kind, { min, max }] of Object.entries(wholeRanges) as [WholeKind, { min: bigint; max: bigint }][]) {
      const numbers = Array.from({ length: 200 }, () => {
        const bits = BigInt(`0x${hexOf(random.bytes(32))}`) >> BigInt(random.bytes(1)[0] as number)
        return min + (bits % (max - min + 1n))
      })
      for (const [index, number] of numbers.entries()) {
        const bytes = encodeKeyField(kind, number)
        expect(decodeKeyField(kind, bytes)).toBe(number)
        const next = numbers[index + 1] ?? 0n
        const order = number < next ? -1 : Number(number > next)
        expect(Math.sign(compareBytes(bytes, encodeKeyField(kind, next)))).toBe(order)
      }
    }
  })

  it('a text ends at its first NUL, and is none when it is not UTF-8', () => {
    expect(decodeKeyField('utf8', Uint8Array.of(97, 0, 98))).toBe('a')
    expect(decodeKeyField('utf8', Uint8Array.of(0xff, 0))).toBeUndefined()
    expect(decodeKeyField('utf8', Uint8Array.of(0, 0xff))).toBe('')
    // No mark of the byte order is taken away.
    expect(decodeKeyField('utf8', Uint8Array.of(0xef, 0xbb, 0xbf, 97))).toBe('\ufeffa')
  })

  it.each<readonly [FieldKind, Scalar]>([
    ['int64', 2n ** 63n],
    ['uint64', -1n],
    ['int64', 1.5],
    ['date32', 2 ** 31],
    ['date32', 5n],
    ['float64', 5n],
    ['boolean', 1],
    ['utf8', 'seventeen letters'],
    ['utf8', 'a\0b'],
    ['utf8', '\ud800'],
    ['fixedSizeBinary', 'text'],
    ['decimal128', 2n ** 127n],
  ])('P10 refuses a %s of %s', (kind, value) => {
    expect(faultOf(() => encodeKeyField(kind, value)).toJSON()).toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: 'value' },
    })
  })
})
