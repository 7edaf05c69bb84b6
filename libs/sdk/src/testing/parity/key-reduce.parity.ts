/** Exoware's cases of reductions. */
import { encodeStoredRow, type Expression, type Reducer, type StoredColumn } from '@waggle/protocol'
import { expect } from 'vitest'
import type { CollectiveHandle } from '../../collective-handle.ts'
import { expectRefusal, refusal } from '../samples.ts'
import type { Cases } from './parity-store.ts'
import { all, numbered } from './keys.ts'

type ReduceInput = Parameters<CollectiveHandle['keys']['reduce']>[0]

const column = (index: number, kind: 'int64' | 'float64' | 'utf8', nullable = false): Expression => ({
  field: { value: { index, kind, nullable } },
})

const AMOUNT = column(0, 'int64', true)
const RATE = column(1, 'float64')
const CITY = column(2, 'utf8')

const COUNT: Reducer = { op: 'countAll' }
const over = (op: 'countField' | 'sumField' | 'minField' | 'maxField', expr: Expression): Reducer => ({ op, expr })

/** Rows of an amount, which may be absent, a rate and a city. */
const sales: readonly (readonly [amount: number | null, rate: number, city: string])[] = [
  [10, 0.5, 'Oslo'],
  [20, 1.5, 'Rome'],
  [null, 2.5, 'Oslo'],
  [-5, 4, 'Rome'],
]

const rowOf = ([amount, rate, city]: (typeof sales)[number]): Uint8Array => {
  const columns: StoredColumn[] = [amount === null ? null : { int64: amount }, { float64: rate }, { utf8: city }]
  return encodeStoredRow(columns)
}

const putSales = async ({ keys }: CollectiveHandle) =>
  keys.put(sales.map((sale, n) => [`sale${numbered(n)}`, rowOf(sale)]))

const reduced = async ({ keys }: CollectiveHandle, input: ReduceInput) => keys.reduce(input)

const resultsOf = async (hive: CollectiveHandle, ...reducers: readonly Reducer[]) =>
  (await reduced(hive, { reducers })).results

export const keyReduceParity = (it: Cases): void => {
  values(it)
  refusals(it)
}

const values = (it: Cases): void => {
  it('exoware E33: rows are counted; a sum; count, least and greatest of a field; counts by group', async ({
    hive,
  }) => {
    await putSales(hive)
    const found = await resultsOf(
      hive,
      COUNT,
      over('sumField', AMOUNT),
      over('countField', AMOUNT),
      over('minField', AMOUNT),
      over('maxField', AMOUNT),
    )
    expect(found).toEqual([4n, 25n, 3n, -5n, 20n])
    const { groups } = await reduced(hive, { reducers: [COUNT], groupBy: [CITY] })
    expect(groups).toEqual([
      { values: ['Oslo'], results: [2n] },
      { values: ['Rome'], results: [2n] },
    ])
  })

  it('exoware E68: no rows are 0; nulls are not counted; sums, least, greatest, groups, a filter', async ({ hive }) => {
    expect(await resultsOf(hive, COUNT, over('sumField', AMOUNT), over('minField', RATE))).toEqual([0n, null, null])
    expect((await reduced(hive, { reducers: [COUNT], groupBy: [CITY] })).groups).toEqual([])
    await putSales(hive)
    expect(await resultsOf(hive, over('countField', AMOUNT), over('sumField', RATE))).toEqual([3n, 8.5])
    expect(await resultsOf(hive, over('minField', CITY), over('maxField', RATE))).toEqual(['Oslo', 4])
    const grouped = await reduced(hive, { reducers: [over('sumField', AMOUNT)], groupBy: [CITY] })
    expect(grouped.groups.map(({ results }) => results[0])).toEqual([10n, 15n])
    const filter = { checks: [{ field: { value: { index: 2, kind: 'utf8' } }, constraint: { stringEq: 'Rome' } }] }
    const filtered = await reduced(hive, { reducers: [COUNT], filter: filter })
    expect(filtered.results).toEqual([2n])
    const ranged = await reduced(hive, { start: 'sale001', end: 'sale002', reducers: [COUNT] })
    expect(ranged.results).toEqual([2n])
  })

  it('exoware E63: a scan is read as it is taken; a reduction counts what it cannot read', async (given) => {
    const { hive } = given
    const many = Array.from(
      { length: 5_000 },
      (_, n) => [`row${String(n).padStart(5, '0')}`, rowOf([n, 1, 'x'])] as const,
    )
    await hive.keys.put(many)
    // Taking one row of a long range does not read the range.
    for await (const [key] of hive.keys.range({ batchSize: 10 })) {
      expect(new TextDecoder().decode(key)).toBe('row00000')
      break
    }
    expect(await all(hive.keys.range({ limit: 4_500, batchSize: 1_000 }))).toHaveLength(4_500)
    await hive.keys.put([['row99999', 'no row at all']])
    const { results, rows, skipped } = await reduced(hive, { reducers: [COUNT, over('sumField', AMOUNT)] })
    expect(rows).toBe(5_001)
    // A deviation: theirs drops such a row without a word.
    expect(skipped).toEqual({ malformedRow: 1 })
    expect(results[1]).toEqual(BigInt((4_999 * 5_000) / 2))
  })
}

const refusals = (it: Cases): void => {
  it('exoware E69: countAll takes no expression, the others need one, and mixed types are a fault', async ({
    hive,
  }) => {
    await putSales(hive)
    const reduce = async (...reducers: readonly unknown[]) => refusal(reduced(hive, { reducers: reducers as never }))
    expect((await reduce({ op: 'countAll', expr: AMOUNT })).kind).toBe('invalid')
    for (const op of ['countField', 'sumField', 'minField', 'maxField'] as const) {
      const fault = await reduce({ op })
      expect([fault.kind, fault.details.field]).toEqual(['invalid', 'reducers[0].expr'])
    }
    const mixed = await reduce(over('sumField', { add: { left: AMOUNT, right: CITY } }))
    expect(['INVALID_FIELD', 'REDUCE_FAILED']).toContain(mixed.code)
    expect((await reduce(over('sumField', CITY))).kind).toBe('invalid')
  })

  it('exoware E67: empty and senseless requests of every sort are refused, and name what is wrong', async ({
    hive,
  }) => {
    const { keys } = hive
    await expectRefusal(all(keys.range({ batchSize: 0 })), 'INVALID_FIELD', 'batchSize')
    await expectRefusal(keys.getMany(['k'], { batchSize: 0 }), 'INVALID_FIELD', 'batchSize')
    await expectRefusal(all(keys.range({ reverse: 'sideways' as never })), 'INVALID_FIELD', 'reverse')
    await expectRefusal(keys.getMany([]), 'REQUIRED_FIELD', 'keys')
    await expectRefusal(keys.prune([]), 'REQUIRED_FIELD', 'policies')
    const keepNone = { keys: { selector: { prefix: 'k' } }, retain: { keepLatest: { count: 0 } } }
    await expectRefusal(keys.prune([keepNone]), 'INVALID_FIELD', 'policies[0].retain.keepLatest.count')
    const unordered = { keys: { selector: { prefix: 'k' } }, retain: { keepLatest: { count: 1 } } }
    await expectRefusal(keys.prune([unordered]), 'REQUIRED_FIELD', 'policies[0].keys.orderBy')
    await expectRefusal(keys.reduce({ reducers: [] }), 'REQUIRED_FIELD', 'reducers')
    const blank = keys.subscribe({ selectors: [{ prefix: 'k', regex: '' }] })
    await expectRefusal(blank.next(), 'REQUIRED_FIELD', 'selectors[0].regex')
    const kindless = keys.subscribe({ valueFilters: [{} as never] })
    await expectRefusal(kindless.next(), 'INVALID_FIELD', 'valueFilters[0]')
    const none = keys.subscribe({ selectors: [] })
    await expectRefusal(none.next(), 'REQUIRED_FIELD', 'selectors')
    expect(await keys.currentSequence()).toBe(0)
  })
}
