import { hexOf } from '@waggle/kernel'
import { faultOf, seededRandom } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { columnsOf, decodeStoredRow, encodeStoredRow, type StoredColumn, type StoredValue } from './stored-row.ts'

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

const golden: readonly (readonly [columns: readonly StoredColumn[], hex: string])[] = [
  [[], '00'],
  [[null], '01 00'],
  [[{ int64: -2n }], '01 01 00 fffffffffffffffe'],
  [[{ uint64: 2n ** 64n - 1n }], '01 01 01 ffffffffffffffff'],
  [[{ float64: 1.5 }], '01 01 02 3ff8000000000000'],
  [[{ boolean: true }, { boolean: false }], '02 01 03 01 01 03 00'],
  [[{ utf8: 'zü' }], '01 01 04 03 7ac3bc'],
  [[{ bytes: Uint8Array.of(1, 2) }], '01 01 05 02 0102'],
  [[{ list: [] }, { list: [{ boolean: true }, { list: [{ utf8: '' }] }] }], '02 01 06 00 01 06 02 03 01 06 01 04 00'],
  [new Array<null>(200).fill(null), `c8 01 ${'00'.repeat(200)}`],
]

describe('stored rows', () => {
  it.each(golden)('%#: are the bytes of Exoware', (columns, hex) => {
    expect(hexOf(encodeStoredRow(columns))).toBe(hex.replaceAll(' ', ''))
    expect(decodeStoredRow(bytesOf(hex))).toEqual(columns)
  })

  it('takes a safe integer for a bigint', () => {
    expect(encodeStoredRow([{ int64: -5 }, { uint64: 5 }])).toEqual(encodeStoredRow([{ int64: -5n }, { uint64: 5n }]))
  })

  it('tells where the first columns stand', () => {
    const row = encodeStoredRow([{ boolean: true }, null, { utf8: 'a' }])
    expect(columnsOf(row, 9)).toEqual([2, -1, 6])
    expect(columnsOf(row, 1)).toEqual([2])
    expect(columnsOf(row, 0)).toEqual([])
  })

  it('finds columns in a view of a larger buffer', () => {
    const row = encodeStoredRow([{ int64: 7n }, { utf8: 'seven' }])
    const around = new Uint8Array(row.length + 10).fill(0xee)
    around.set(row, 5)
    expect(decodeStoredRow(around.subarray(5, 5 + row.length))).toEqual([{ int64: 7n }, { utf8: 'seven' }])
  })

  it.each([
    ['nothing', ''],
    ['a count that goes on', '80'],
    ['a count with a needless byte', '8100 00'],
    ['a count beyond 32 bits', 'ffffffff7f'],
    ['a count of six bytes', '808080808001'],
    ['more columns than bytes', '05 00'],
    ['a presence that is neither', '01 02'],
    ['a value that is not there', '01 01'],
    ['an unknown tag', '01 01 07'],
    ['a number that is cut', '01 01 00 00000000000000'],
    ['a boolean of 2', '01 01 03 02'],
    ['a text that is cut', '01 01 04 05 61'],
    ['a text that is not UTF-8', '01 01 04 01 ff'],
    ['more items than bytes', '01 01 06 03 03 01'],
    ['a list of half an item', '01 01 06 01 03'],
    ['bytes behind the row', '00 00'],
  ])('P10 %s is no row', (_, hex) => {
    expect(decodeStoredRow(bytesOf(hex))).toBeUndefined()
    expect(columnsOf(bytesOf(hex), 0)).toBeUndefined()
  })

  it('Y1 lists go 32 deep, and no deeper', () => {
    const nested = (depth: number): StoredValue => (depth === 0 ? { boolean: true } : { list: [nested(depth - 1)] })
    const deepest = encodeStoredRow([nested(32)])
    expect(decodeStoredRow(deepest)).toEqual([nested(32)])
    const deeper = bytesOf(`0101${'0601'.repeat(33)}0301`)
    expect(decodeStoredRow(deeper)).toBeUndefined()
    expect(faultOf(() => encodeStoredRow([nested(33)])).code).toBe('INVALID_FIELD')
    // Far deeper than a call could go.
    expect(decodeStoredRow(bytesOf(`0101${'0601'.repeat(1_000_000)}0301`))).toBeUndefined()
  })

  it('Y1 there are 65,536 columns and 262,144 items, and no more', () => {
    const columns = (count: number): Uint8Array => Uint8Array.of(...varint(count), ...new Uint8Array(count))
    expect(columnsOf(columns(65_536), 0)).toEqual([])
    expect(columnsOf(columns(65_537), 0)).toBeUndefined()
    expect(faultOf(() => encodeStoredRow(new Array<null>(65_537).fill(null))).code).toBe('TOO_MANY_ITEMS')
    const items = (count: number): Uint8Array =>
      Buffer.concat([Uint8Array.of(1, 1, 6, ...varint(count)), Buffer.alloc(2 * count, '0301', 'hex')])
    expect(columnsOf(items(262_144), 0)).toEqual([])
    expect(columnsOf(items(262_145), 0)).toBeUndefined()
  })

  it('Y1 noise, and rows with noise in them, are a row or none, and never an error', () => {
    const random = seededRandom(5)
    const whole = encodeStoredRow(golden.slice(2, 9).flatMap(([columns]) => columns))
    let rows = 0
    for (let round = 0; round < 20_000; round += 1) {
      const bytes = round % 2 === 0 ? random.bytes(round % 40) : Uint8Array.from(whole)
      const [at = 0, to = 0] = random.bytes(2)
      if (bytes.length > 0) bytes[at % bytes.length] = to
      const columns = decodeStoredRow(bytes)
      if (columns === undefined) continue
      rows += 1
      // One row has one form, but for what is no number.
      expect(encodeStoredRow(columns)).toHaveLength(bytes.length)
    }
    expect(rows).toBeGreaterThan(1_000)
  })

  it.each<readonly [StoredValue, string]>([
    [{ int64: 2n ** 63n }, 'columns[1].int64'],
    [{ uint64: -1 }, 'columns[1].uint64'],
    [{ int64: 1.5 }, 'columns[1].int64'],
    [{ utf8: '\udc00' }, 'columns[1].utf8'],
    [{ list: [{ boolean: true }, { uint64: -1 }] }, 'columns[1][1].uint64'],
  ])('P10 refuses to encode what goes to %#', (value, field) => {
    expect(faultOf(() => encodeStoredRow([null, value])).toJSON()).toMatchObject({ details: { field } })
  })
})

const varint = (number: number): number[] =>
  number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...varint(Math.floor(number / 0x80))]
