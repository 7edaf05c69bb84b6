/** Reductions over a range of keys, as a caller meets them (Exoware A.6). */
import { concatBytes, utf8, type Fault } from '@waggle/kernel'
import {
  decimalBytes,
  encodeKeyField,
  encodeStoredRow,
  interleaveKeyFields,
  type FieldKind,
  type Reduction,
  type StoredColumn,
} from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestEngine, type TestEngine } from '../../testing/test-engine.ts'

const COLLECTIVE = '00000000-0000-4000-8000-000000000001'

let engine: TestEngine

const put = async (...entries: readonly (readonly [unknown, unknown])[]): Promise<number> =>
  Number((await engine.call('keys.put', { collective: COLLECTIVE, entries })).sequence)
const reduce = async (fields: object): Promise<Reduction & { readonly sequence: number }> =>
  (await engine.call('keys.reduce', { collective: COLLECTIVE, ...fields })) as never
const refused = async (fields: object): Promise<Fault> =>
  reduce(fields).then(
    () => expect.unreachable('it was not refused'),
    (fault: unknown) => fault as Fault,
  )
const results = async (fields: object): Promise<Reduction['results']> => (await reduce(fields)).results

/** Puts one stored row under each key. */
const rows = async (all: Readonly<Record<string, readonly StoredColumn[]>>): Promise<number> =>
  put(...Object.entries(all).map(([key, columns]) => [key, encodeStoredRow(columns)] as const))

const column = (index: number, kind: FieldKind, rest: object = {}) => ({
  field: { value: { index, kind, nullable: true, ...rest } },
})
const inKey = (byteOffset: number, kind: FieldKind, rest: object = {}) => ({
  field: { key: { byteOffset, kind, ...rest } },
})
const literal = (value: object) => ({ literal: value })
const countAll = { op: 'countAll' }
const over = (op: string, expr: object) => ({ op, expr })
const everything = (expr: object) => ['countField', 'sumField', 'minField', 'maxField'].map((op) => over(op, expr))
const checking = ({ field }: { readonly field: object }, constraint: object) => ({
  filter: { checks: [{ field, constraint }] },
})

beforeEach(async () => {
  engine = await openTestEngine()
  await engine.call('collective.create', { id: COLLECTIVE, name: 'keys', dimension: 3 })
})

afterEach(() => engine.engine.close())

/** Region, amount, price, whether it is paid. */
const sales = {
  a1: [{ utf8: 'west' }, { int64: 10n }, { float64: 1.5 }, { boolean: true }],
  a2: [{ utf8: 'east' }, { int64: -4n }, { float64: 2.5 }, { boolean: false }],
  a3: [{ utf8: 'west' }, null, { float64: -0.25 }, { boolean: true }],
  b1: [{ utf8: 'north' }, { int64: 7n }, null, null],
} satisfies Readonly<Record<string, readonly StoredColumn[]>>

const region = column(0, 'utf8')
const amount = column(1, 'int64')
const price = column(2, 'float64')
const paid = column(3, 'boolean')

describe('reducers', () => {
  beforeEach(async () => rows(sales))

  test('E33 rows are counted, fields counted and summed, the smallest and the largest found', async () => {
    const {
      results: found,
      rows: seen,
      skipped,
      groups,
    } = await reduce({ reducers: [countAll, ...everything(amount)] })
    expect(found).toEqual([{ uint64: '4' }, { uint64: '3' }, { int64: '13' }, { int64: '-4' }, { int64: '10' }])
    expect({ seen, skipped, groups }).toEqual({ seen: 4, skipped: {}, groups: [] })
  })

  test('E33 E68 rows are counted in groups', async () => {
    const { results: found, groups } = await reduce({
      reducers: [countAll, over('sumField', amount)],
      groupBy: [region],
    })
    expect(found).toEqual([])
    expect(groups).toEqual([
      { values: [{ utf8: 'east' }], results: [{ uint64: '1' }, { int64: '-4' }] },
      { values: [{ utf8: 'north' }], results: [{ uint64: '1' }, { int64: '7' }] },
      { values: [{ utf8: 'west' }], results: [{ uint64: '2' }, { int64: '10' }] },
    ])
  })

  test('E68 over no rows a count is 0 and everything else null, and there are no groups', async () => {
    const none = { start: 'x', reducers: [countAll, ...everything(amount)] }
    expect(await reduce(none)).toMatchObject({ results: [{ uint64: '0' }, { uint64: '0' }, null, null, null], rows: 0 })
    expect(await reduce({ ...none, groupBy: [region] })).toMatchObject({ results: [], groups: [] })
  })

  test('E68 null is in no count, sum, smallest or largest', async () => {
    expect(await results({ start: 'a3', end: 'a3', reducers: everything(amount) })).toEqual([
      { uint64: '0' },
      null,
      null,
      null,
    ])
  })

  test('E68 floats, texts and booleans', async () => {
    expect(await results({ reducers: everything(price) })).toEqual([
      { uint64: '3' },
      { float64: 3.75 },
      { float64: -0.25 },
      { float64: 2.5 },
    ])
    const ends = (expr: object) => [over('minField', expr), over('maxField', expr)]
    expect(await results({ reducers: [...ends(region), ...ends(paid)] })).toEqual([
      { utf8: 'east' },
      { utf8: 'west' },
      { boolean: false },
      { boolean: true },
    ])
  })

  test('E68 rows that the filter lets through take part, and others are no skipped ones', async () => {
    const west = checking(region, { stringEq: 'west' })
    const { results: found, rows: seen, skipped } = await reduce({ reducers: [countAll], ...west })
    expect({ found, seen, skipped }).toEqual({ found: [{ uint64: '2' }], seen: 4, skipped: {} })
    const both = [...west.filter.checks, ...checking(amount, { isNotNull: true }).filter.checks]
    expect(await results({ reducers: [countAll], filter: { checks: both } })).toEqual([{ uint64: '1' }])
  })

  test('a contradiction lets nothing through, and no row is read', async () => {
    const body = { reducers: [countAll], filter: { contradiction: true } }
    expect(await reduce(body)).toMatchObject({ results: [{ uint64: '0' }], rows: 0 })
  })

  test('A.2.1 both bounds are inclusive, an empty end is none, and between others is nothing', async () => {
    const count = async (range: object) => (await reduce({ ...range, reducers: [countAll] })).rows
    expect(await count({ start: 'a2', end: 'a3' })).toBe(2)
    expect(await count({ start: 'a2', end: '' })).toBe(3)
    expect(await count({ end: 'a' })).toBe(0)
    expect(await count({ start: 'b', end: 'a' })).toBe(0)
    expect(await count({ start: 'a1', end: 'a1' })).toBe(1)
  })

  test('groups alone, without a reducer, are the values that there are', async () => {
    const { groups } = await reduce({ groupBy: [paid, literal({ int64: 1 })] })
    const one = { int64: '1' }
    expect(groups).toEqual([
      { values: [null, one], results: [] },
      { values: [{ boolean: false }, one], results: [] },
      { values: [{ boolean: true }, one], results: [] },
    ])
  })
})

describe('groups', () => {
  const groupsOf = async (columns: readonly StoredColumn[], ...groupBy: readonly object[]) => {
    await rows(Object.fromEntries(columns.map((column, index) => [`k${index}`, [column]])))
    return (await reduce({ reducers: [countAll], groupBy })).groups
  }

  test('E68 follow one another as their values do, null first; zeros are one, what is no number is one', async () => {
    const numbers = [1.5, NaN, -0, Infinity, 0, -1.5, -NaN].map((float64) => ({ float64 }))
    const found = await groupsOf([...numbers, null], column(0, 'float64'))
    expect(found.map(({ values }) => values[0])).toEqual([
      null,
      ...[-1.5, 0, 1.5, 'Infinity', 'NaN'].map((float64) => ({ float64 })),
    ])
    expect(found.map(({ results: [count] }) => count)).toEqual(
      ['1', '1', '2', '1', '1', '2'].map((uint64) => ({ uint64 })),
    )
  })

  test('numbers with their sign, texts by their bytes', async () => {
    const whole = await groupsOf(
      [5n, -(2n ** 63n), -1n, 0n].map((int64) => ({ int64 })),
      column(0, 'int64'),
    )
    expect(whole.map(({ values }) => values[0])).toEqual(
      ['-9223372036854775808', '-1', '0', '5'].map((int64) => ({ int64 })),
    )
    const words = ['b', 'a\0b', 'ab', '\u{10000}', 'a', '\uffff', ''].map((utf8) => ({ utf8 }))
    const found = await groupsOf(words, column(0, 'utf8'))
    expect(found.map(({ values: [value] }) => (value as { utf8: string }).utf8)).toEqual([
      '',
      'a',
      'a\0b',
      'ab',
      'b',
      '\uffff',
      '\u{10000}',
    ])
  })

  test('null is no value that looks like it', async () => {
    const binary = column(0, 'fixedSizeBinary', { length: 5 })
    expect(await groupsOf([null, { bytes: utf8('null;') }], binary)).toHaveLength(2)
    expect(await groupsOf([null, { utf8: 'null;' }], column(0, 'utf8'))).toHaveLength(2)
  })
})

describe('what is asked wrongly', () => {
  test('E67 a reduction of nothing is refused', async () => {
    expect(await refused({})).toMatchObject({ code: 'REQUIRED_FIELD', details: { field: 'reducers' } })
  })

  test.each<readonly [object, string]>([
    [over('sumField', region), 'reducers[0].expr'],
    [over('sumField', paid), 'reducers[0].expr'],
    [over('sumField', column(0, 'date32')), 'reducers[0].expr'],
    [over('minField', { lower: amount }), 'reducers[0].expr.lower'],
    [over('minField', { dateTruncDay: amount }), 'reducers[0].expr.dateTruncDay'],
    [over('maxField', { add: { left: amount, right: region } }), 'reducers[0].expr.add'],
    [over('maxField', { sub: { left: amount, right: column(1, 'uint64') } }), 'reducers[0].expr.sub'],
    [over('maxField', { mul: { left: column(1, 'decimal128'), right: price } }), 'reducers[0].expr.mul'],
    [over('countField', { lower: { div: { left: amount, right: amount } } }), 'reducers[0].expr.lower'],
  ])('E69 kinds that do not go together are a fault before a row is read (%#)', async (reducer, field) => {
    expect(await refused({ reducers: [reducer] })).toMatchObject({ code: 'REDUCE_FAILED', details: { field } })
  })

  test.each<readonly [object, string, string]>([
    [inKey(0, 'fixedSizeBinary'), 'REQUIRED_FIELD', 'groupBy[0].field.key.length'],
    [inKey(250, 'int64'), 'INVALID_FIELD', 'groupBy[0].field.key'],
    [{ field: { key: { kind: 'int64' } } }, 'INVALID_FIELD', 'groupBy[0].field.key'],
    [{ field: { key: { kind: 'int64', byteOffset: 1, bitOffset: 8 } } }, 'INVALID_FIELD', 'groupBy[0].field.key'],
    [
      { field: { zOrderKey: { bitOffset: 0, position: 2, widths: [8, 8], kind: 'int64' } } },
      'INVALID_FIELD',
      'groupBy[0].field.zOrderKey.position',
    ],
    [
      { field: { zOrderKey: { bitOffset: 0, position: 1, widths: [8, 4], kind: 'int64' } } },
      'INVALID_FIELD',
      'groupBy[0].field.zOrderKey.widths[1]',
    ],
    [
      { field: { zOrderKey: { bitOffset: 9, position: 0, widths: [8, 246], kind: 'int64' } } },
      'INVALID_FIELD',
      'groupBy[0].field.zOrderKey',
    ],
  ])('P10 a field that no row can have is refused (%#)', async (expression, code, field) => {
    expect(await refused({ groupBy: [expression] })).toMatchObject({ code, details: { field } })
  })

  test('P10 256 expressions together, and no more', async () => {
    const reducers = (count: number) => new Array<object>(count).fill(over('minField', amount))
    const sum = { add: { left: amount, right: { add: { left: amount, right: amount } } } }
    expect(await reduce({ reducers: reducers(64), groupBy: new Array(16).fill(sum) })).toBeDefined()
    const inFour = { add: { left: sum, right: { add: { left: sum, right: sum } } } }
    expect(await refused({ reducers: reducers(64), groupBy: new Array(16).fill(inFour) })).toMatchObject({
      code: 'TOO_MANY_ITEMS',
      details: { limit: 256 },
    })
  })

  test('a sequence that is not reached, and a collective that is none', async () => {
    const sequence = await rows(sales)
    expect(await reduce({ reducers: [countAll], minSequence: sequence })).toMatchObject({ sequence })
    expect(await refused({ reducers: [countAll], minSequence: sequence + 1 })).toMatchObject({
      code: 'CONSISTENCY_NOT_READY',
      details: { required: sequence + 1, current: sequence },
    })
    const other = '00000000-0000-4000-8000-00000000000f'
    expect(await refused({ reducers: [countAll], collective: other })).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('rows that cannot take part', () => {
  test('D1 they add to no result and make no group, and are counted by their reasons', async () => {
    await rows({
      ...sales,
      c1: [{ utf8: 'south' }],
      c2: [{ utf8: 'south' }, { uint64: 1n }],
      c3: [{ bytes: utf8('x') }],
    })
    await put(['d1', 'no row'], ['d2', new Uint8Array(0)])
    const {
      groups,
      rows: seen,
      skipped,
    } = await reduce({ reducers: [countAll, over('sumField', amount)], groupBy: [region] })
    expect(groups.map(({ values }) => values)).toEqual([[{ utf8: 'east' }], [{ utf8: 'north' }], [{ utf8: 'west' }]])
    expect({ seen, skipped }).toEqual({ seen: 9, skipped: { malformedRow: 2, missingColumn: 1, wrongKind: 2 } })
  })

  test('D1 null where it may not be', async () => {
    await rows(sales)
    const strict = { field: { value: { index: 1, kind: 'int64' } } }
    expect(await reduce({ reducers: [countAll, over('countField', strict)] })).toMatchObject({
      results: [{ uint64: '3' }, { uint64: '3' }],
      skipped: { missingColumn: 1 },
    })
    // The filter may do without the column, the reducer not.
    expect(await reduce({ reducers: [countAll], ...checking(strict, { isNull: true }) })).toMatchObject({
      results: [{ uint64: '0' }],
      skipped: { missingColumn: 1 },
    })
  })

  test('D1 a divisor of either zero, and a result outside its kind', async () => {
    const max = { int64: 2n ** 63n - 1n } as const
    await rows({ a: [{ float64: -0 }, max], b: [{ float64: 0 }, { int64: 1n }], c: [{ float64: 4 }, { int64: 8n }] })
    const divided = { div: { left: column(1, 'int64'), right: column(0, 'float64') } }
    expect(await reduce({ reducers: [countAll, over('maxField', divided)] })).toMatchObject({
      results: [{ uint64: '1' }, { float64: 2 }],
      skipped: { divisionByZero: 2 },
    })
    for (const operator of ['add', 'mul'])
      expect(
        await reduce({
          reducers: [over('countField', { [operator]: { left: amount, right: literal({ int64: 3 }) } })],
        }),
      ).toMatchObject({ results: [{ uint64: '2' }], skipped: { overflow: 1 } })
  })

  test('D1 a text that is too long to compute with, but not to be counted', async () => {
    await rows({ a: [{ utf8: 'x'.repeat(65_536) }], b: [{ utf8: 'x'.repeat(65_537) }], c: [null] })
    expect(await results({ reducers: [over('countField', region)] })).toEqual([{ uint64: '2' }])
    expect(await results({ reducers: [countAll], ...checking(region, { isNull: true }) })).toEqual([{ uint64: '1' }])
    const { results: found, skipped } = await reduce({ reducers: [over('countField', { lower: region })] })
    expect({ found, skipped }).toEqual({ found: [{ uint64: '1' }], skipped: { textTooLong: 1 } })
  })

  test('D1 keys that are too short, or have no text', async () => {
    const text = (bytes: Uint8Array) => concatBytes(utf8('k'), bytes)
    await put(['k', ''], [text(encodeKeyField('utf8', 'west')), ''], [text(new Uint8Array(16).fill(0xff)), ''])
    expect(await reduce({ groupBy: [inKey(1, 'utf8')] })).toMatchObject({
      groups: [{ values: [{ utf8: 'west' }] }],
      skipped: { malformedKey: 2 },
    })
  })

  test('D2 without fields of values these need not be rows', async () => {
    await put(['a', 'no row'], ['b', ''])
    const body = { reducers: [countAll], ...checking(inKey(0, 'fixedSizeBinary', { length: 1 }), { isNotNull: true }) }
    expect(await reduce(body)).toMatchObject({ results: [{ uint64: '2' }], skipped: {} })
  })
})

describe('sums', () => {
  test('A1 a sum outside its kind is a fault that names it, one that comes back is none', async () => {
    const max = { int64: 2n ** 63n - 1n } as const
    await rows({ a: [null, max], b: [null, { int64: 1n }], c: [null, { int64: -1n }] })
    expect(await results({ reducers: [over('sumField', amount)] })).toEqual([{ int64: '9223372036854775807' }])
    expect(await refused({ end: 'b', reducers: [countAll, over('sumField', amount)] })).toMatchObject({
      code: 'REDUCE_FAILED',
      kind: 'invalid',
      details: { field: 'reducers[1]', kind: 'int64' },
    })
    expect(
      await refused({ end: 'b', reducers: [over('sumField', amount)], groupBy: [literal({ boolean: true })] }),
    ).toMatchObject({ code: 'REDUCE_FAILED' })
  })

  test.each([
    ['decimal128', 16],
    ['decimal256', 32],
  ] as const)('A1 a %s is summed, compared and bounded exactly', async (kind, width) => {
    const decimal = (number: bigint) => decimalBytes(number, width)
    const most = 2n ** BigInt(8 * width - 1) - 1n
    const numbers = [most, -1n, 0n, -most - 1n]
    await rows(Object.fromEntries(numbers.map((number, at) => [`k${at}`, [{ bytes: decimal(number) }]])))
    const it = column(0, kind)
    expect(await results({ reducers: everything(it) })).toEqual([
      { uint64: '4' },
      { [kind]: decimal(-2n) },
      { [kind]: decimal(-most - 1n) },
      { [kind]: decimal(most) },
    ])
    const range = { [`${kind}Range`]: { min: decimal(-1n), max: decimal(0n) } }
    expect(await results({ reducers: [countAll], ...checking(it, range) })).toEqual([{ uint64: '2' }])
    expect(
      await refused({ start: 'k3', reducers: [over('sumField', { add: { left: it, right: it } })] }),
    ).toMatchObject({
      code: 'REDUCE_FAILED',
    })
    await rows({ k4: [{ bytes: decimal(-1n) }] })
    expect(await refused({ start: 'k3', reducers: [over('sumField', it)] })).toMatchObject({ code: 'REDUCE_FAILED' })
    // Of another width it is none.
    await rows({ k4: [{ bytes: new Uint8Array(width - 1) }] })
    expect(await reduce({ start: 'k4', reducers: [countAll, over('minField', it)] })).toMatchObject({
      skipped: { wrongKind: 1 },
    })
  })
})

describe('fields of keys', () => {
  const kinds: readonly (readonly [FieldKind, object, Parameters<typeof encodeKeyField>[1], object])[] = [
    ['int64', {}, -42n, { int64: '-42' }],
    ['uint64', {}, 2n ** 64n - 1n, { uint64: '18446744073709551615' }],
    ['float64', {}, -1.5, { float64: -1.5 }],
    ['boolean', {}, true, { boolean: true }],
    ['utf8', {}, 'zürich', { utf8: 'zürich' }],
    ['date32', {}, -1, { date32: -1 }],
    ['date64', {}, -1n, { date64: '-1' }],
    ['timestamp', {}, 1_706_428_496_123_456n, { timestamp: '1706428496123456' }],
    ['decimal128', {}, -7n, { decimal128: decimalBytes(-7n, 16) }],
    ['fixedSizeBinary', { length: 3 }, Uint8Array.of(0, 1, 255), { fixedSizeBinary: Uint8Array.of(0, 1, 255) }],
    ['decimal256', {}, 7n, { decimal256: decimalBytes(7n, 32) }],
  ]

  test.each(kinds)('a %s is read at a byte, at a bit and among others', async (kind, rest, value, expected) => {
    const bytes = encodeKeyField(kind, value)
    const other = encodeKeyField('int64', 5n)
    const together = interleaveKeyFields([other, bytes, Uint8Array.of(9)])
    // Three bits before it, five behind it.
    const number = ((0b101n << BigInt(8 * bytes.length)) | BigInt(`0x${Buffer.from(bytes).toString('hex')}`)) << 5n
    const atBit = Buffer.from(number.toString(16).padStart(2 * bytes.length + 2, '0'), 'hex')
    await put(
      [concatBytes(utf8('ab'), bytes), ''],
      [concatBytes(utf8('cd'), together), ''],
      [concatBytes(utf8('ef'), atBit), ''],
    )
    const groupsOf = async (start: string, field: object) =>
      (await reduce({ start, end: `${start[0]}~`, groupBy: [{ field }] })).groups
    const group = [{ values: [expected], results: [] }]
    expect(await groupsOf('ab', { key: { byteOffset: 2, kind, ...rest } })).toEqual(group)
    const widths = [8, bytes.length, 1]
    expect(await groupsOf('cd', { zOrderKey: { bitOffset: 16, position: 1, widths, kind, ...rest } })).toEqual(group)
    expect(await groupsOf('ef', { key: { bitOffset: 19, kind, ...rest } })).toEqual(group)
  })
})

describe('expressions and filters', () => {
  const at = { date64: -1n, timestamp: -1n } as const

  test.each<readonly [object, object | null]>([
    [{ add: { left: literal({ int64: 2 }), right: literal({ int64: 3 }) } }, { int64: '5' }],
    [{ sub: { left: literal({ uint64: 5 }), right: literal({ uint64: 3 }) } }, { uint64: '2' }],
    [{ mul: { left: literal({ int64: 2 }), right: literal({ float64: 0.5 }) } }, { float64: 1 }],
    [{ add: { left: literal({ float64: 0.5 }), right: literal({ uint64: 2n ** 64n - 1n }) } }, { float64: 2 ** 64 }],
    [{ div: { left: literal({ int64: 1 }), right: literal({ int64: -4 }) } }, { float64: -0.25 }],
    [{ div: { left: literal({ uint64: 1 }), right: literal({ uint64: 4 }) } }, { float64: 0.25 }],
    [{ div: { left: literal({ int64: 0 }), right: literal({ int64: -4 }) } }, { float64: '-0' }],
    [{ mul: { left: literal({ float64: 0 }), right: literal({ float64: -4 }) } }, { float64: '-0' }],
    [{ div: { left: literal({ float64: 1 }), right: literal({ float64: 'Infinity' }) } }, { float64: 0 }],
    [{ add: { left: literal({ float64: 'Infinity' }), right: literal({ float64: '-Infinity' }) } }, { float64: 'NaN' }],
    [{ lower: literal({ utf8: 'MiXeD ÄÉ ΣΑΣ' }) }, { utf8: 'mixed äé σας' }],
    [{ dateTruncDay: literal({ date32: -5 }) }, { date32: -5 }],
    [{ dateTruncDay: literal({ date64: at.date64 }) }, { date64: '-86400000' }],
    [{ dateTruncDay: literal({ date64: -86_400_000n }) }, { date64: '-86400000' }],
    [{ dateTruncDay: literal({ timestamp: at.timestamp }) }, { timestamp: '-86400000000' }],
    [{ dateTruncDay: literal({ timestamp: 1_706_428_496_123_456n }) }, { timestamp: '1706400000000000' }],
    [{ add: { left: column(1, 'int64'), right: literal({ int64: 1 }) } }, null],
    [{ lower: column(1, 'utf8') }, null],
    [{ dateTruncDay: column(1, 'date64') }, null],
    [column(0, 'date32'), { date32: 19_000 }],
    [column(0, 'date64'), { date64: '19000' }],
    [column(0, 'timestamp'), { timestamp: '19000' }],
    [column(0, 'float64'), { float64: 19_000 }],
  ])('the value of %o', async (expr, expected) => {
    await rows({ a: [{ int64: 19_000n }, null] })
    expect(await results({ reducers: [over('maxField', expr)] })).toEqual([expected])
  })

  test('a date of a row that is outside 32 bits is none', async () => {
    await rows({ a: [{ int64: 2n ** 31n }], b: [{ int64: -(2n ** 31n) }] })
    expect(await reduce({ reducers: everything(column(0, 'date32')).slice(2) })).toMatchObject({
      results: [{ date32: -(2 ** 31) }, { date32: -(2 ** 31) }],
      skipped: { wrongKind: 1 },
    })
  })

  const whole = column(0, 'int64')
  const day = column(0, 'date32')
  const natural = column(1, 'uint64')
  const real = column(2, 'float64')
  const word = column(3, 'utf8')
  const flag = column(4, 'boolean')
  const code = column(5, 'fixedSizeBinary', { length: 2 })

  test.each<readonly [{ readonly field: object }, object, string]>([
    [whole, { intRange: { min: 0 } }, 'bc'],
    [whole, { intRange: { min: -5, max: 0 } }, 'ab'],
    [whole, { intRange: {} }, 'abc'],
    [day, { intRange: { max: 0 } }, 'ab'],
    [column(0, 'date64'), { intRange: { min: 1 } }, 'c'],
    [column(0, 'timestamp'), { intRange: { min: 1 } }, 'c'],
    [whole, { intIn: [5, -5, 9] }, 'ac'],
    [whole, { intIn: [] }, ''],
    [whole, { uint64Range: {} }, ''],
    [natural, { uint64Range: { min: 1, max: 2n ** 64n - 1n } }, 'bc'],
    [natural, { uint64In: [0, 2n ** 64n - 1n] }, 'ac'],
    [real, { floatRange: { min: { value: 0, inclusive: true } } }, 'ab'],
    [real, { floatRange: { min: { value: 0, inclusive: false } } }, 'b'],
    [real, { floatRange: { max: { value: 1.5, inclusive: false } } }, 'a'],
    [real, { floatRange: {} }, 'abc'],
    [real, { floatRange: { max: { value: 'NaN', inclusive: true } } }, ''],
    [word, { stringEq: 'b' }, 'b'],
    [word, { stringIn: ['a', 'c', 'd'] }, 'ac'],
    [flag, { boolEq: true }, 'ac'],
    [flag, { stringEq: 'true' }, ''],
    [code, { fixedSizeBinaryEq: { base64: 'AAE=' } }, 'a'],
    [code, { fixedSizeBinaryIn: [{ base64: 'AAE=' }, { base64: 'Af8=' }] }, 'ac'],
    [word, { isNull: true }, 'd'],
    [word, { isNotNull: true }, 'abc'],
    [inKey(0, 'fixedSizeBinary', { length: 1 }), { fixedSizeBinaryIn: ['a', 'd'] }, 'ad'],
  ])('a check (%#)', async (field, constraint, expected) => {
    const bytes = (...two: number[]) => ({ bytes: Uint8Array.from(two) })
    await rows({
      a: [{ int64: -5n }, { uint64: 0n }, { float64: -0 }, { utf8: 'a' }, { boolean: true }, bytes(0, 1)],
      b: [{ int64: 0n }, { uint64: 1n }, { float64: 1.5 }, { utf8: 'b' }, { boolean: false }, bytes(1, 0)],
      c: [{ int64: 5n }, { uint64: 2n ** 64n - 1n }, { float64: NaN }, { utf8: 'c' }, { boolean: true }, bytes(1, 255)],
      d: [null, null, null, null, null, null],
    })
    const { groups, skipped } = await reduce({
      groupBy: [inKey(0, 'fixedSizeBinary', { length: 1 })],
      ...checking(field, constraint),
    })
    expect(
      groups
        .map(({ values: [key] }) => Buffer.from((key as { fixedSizeBinary: Uint8Array }).fixedSizeBinary).toString())
        .join(''),
    ).toBe(expected)
    expect(skipped).toEqual({})
  })
})
