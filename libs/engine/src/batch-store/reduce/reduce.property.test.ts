/** Random reductions over random rows against an evaluation that does one thing after the other. */
import { compareBytes, concatBytes, utf8 } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import {
  decimalBytes,
  encodeKeyField,
  encodeStoredRow,
  scalarOf,
  type Constraint,
  type Expression,
  type FieldKind,
  type ReducedValue,
  type ReduceParams,
  type Reducer,
  type StoredColumn,
} from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestEngine, type TestEngine } from '../../testing/test-engine.ts'
import { naiveReduction, type PlainRow } from '../../testing/naive-reduction.ts'

const COLLECTIVE = '00000000-0000-4000-8000-000000000001'
const SEEDS = [1, 2, 3, 4, 5]
const REDUCTIONS = 40

type Random = ReturnType<typeof seededRandom>

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.uint32() % items.length] as Item
const chance = (random: Random, one: number, of: number): boolean => random.uint32() % of < one

const wholes = [-(2n ** 63n), -5n, -1n, 0n, 1n, 2n, 86_400_000_000n, 2n ** 63n - 1n]
const naturals = [0n, 1n, 2n, 2n ** 64n - 1n]
const reals = [-Infinity, -1.5, -0, 0, 0.5, 3, Infinity, NaN]
const words = ['', 'a', 'B', 'ä', '\u{10000}', '\uffff', 'a\0b']
const decimals = [-(2n ** 127n), -1n, 0n, 7n, 2n ** 127n - 1n]

/** What column of which index holds, when it is neither null nor something else. */
const columns: readonly ((random: Random) => StoredColumn)[] = [
  (random) => ({ int64: pick(random, wholes) }),
  (random) => ({ uint64: pick(random, naturals) }),
  (random) => ({ float64: pick(random, reals) }),
  (random) => ({ utf8: pick(random, words) }),
  (random) => ({ boolean: chance(random, 1, 2) }),
  (random) => ({ bytes: decimalBytes(pick(random, decimals), 16) }),
  (random) => ({ bytes: random.bytes(2) }),
]

const randomRow = (random: Random, index: number): PlainRow => {
  const key = concatBytes(utf8(`k${index}`.padEnd(4)), encodeKeyField('int64', pick(random, wholes)))
  // Some keys are too short for their field, and some values no rows.
  const short = chance(random, 1, 20) ? key.subarray(0, 7) : key
  if (chance(random, 1, 20)) return { key: short, value: random.bytes(random.uint32() % 5) }
  const row = columns.map((column) => {
    if (chance(random, 1, 6)) return null
    return chance(random, 1, 40) ? pick(random, columns)(random) : column(random)
  })
  return { key: short, value: encodeStoredRow(row.slice(0, chance(random, 1, 15) ? 3 : row.length)) }
}

/** A field of each kind; several kinds are read from the same columns. */
const fields: Readonly<Record<string, readonly [kind: FieldKind, index: number]>> = {
  whole: ['int64', 0],
  natural: ['uint64', 1],
  real: ['float64', 2],
  realOfWhole: ['float64', 0],
  word: ['utf8', 3],
  flag: ['boolean', 4],
  decimal: ['decimal128', 5],
  code: ['fixedSizeBinary', 6],
  day: ['date32', 0],
  millis: ['date64', 0],
  micros: ['timestamp', 0],
}

const fieldOf = (random: Random, name: string): Expression => {
  const [kind, index] = fields[name] as [FieldKind, number]
  const length = kind === 'fixedSizeBinary' ? { length: 2 } : {}
  return { field: { value: { index, kind, nullable: chance(random, 5, 6), ...length } } }
}

const kindOfField = (name: string): FieldKind => (fields[name] as readonly [FieldKind, number])[0]

const keyField: Expression = { field: { key: { byteOffset: 4, kind: 'int64' } } }

/** An expression whose kinds go together, with its kind. */
const randomExpression = (random: Random, depth: number): readonly [Expression, FieldKind] => {
  const choice = depth === 0 ? 0 : random.uint32() % 6
  if (choice <= 1) return randomLeaf(random)
  if (choice === 2) {
    const name = pick(random, ['day', 'millis', 'micros'])
    return [{ dateTruncDay: fieldOf(random, name) }, kindOfField(name)]
  }
  if (choice === 3) return [{ lower: fieldOf(random, 'word') }, 'utf8']
  const [left, leftKind] = randomNumber(random, depth - 1)
  const [right, rightKind] = randomNumber(random, depth - 1)
  if (leftKind !== rightKind && leftKind !== 'float64' && rightKind !== 'float64') return [left, leftKind]
  const operator = pick(random, ['add', 'sub', 'mul', 'div'] as const)
  const isWhole = operator !== 'div' && leftKind === rightKind
  return [{ [operator]: { left, right } } as unknown as Expression, isWhole ? leftKind : 'float64']
}

const randomNumber = (random: Random, depth: number): readonly [Expression, FieldKind] => {
  for (;;) {
    const [expression, kind] = randomExpression(random, depth)
    if (kind === 'int64' || kind === 'uint64' || kind === 'float64') return [expression, kind]
  }
}

const randomLeaf = (random: Random): readonly [Expression, FieldKind] => {
  if (chance(random, 1, 6)) return [keyField, 'int64']
  if (chance(random, 1, 8)) return [{ literal: { int64: '2' } } as Expression, 'int64']
  if (chance(random, 1, 8)) return [{ literal: { float64: 0.5 } }, 'float64']
  const name = pick(random, Object.keys(fields))
  return [fieldOf(random, name), kindOfField(name)]
}

const randomReducer = (random: Random): Reducer => {
  if (chance(random, 1, 4)) return { op: 'countAll' }
  const [expr, kind] = randomExpression(random, 3)
  const canSum = ['int64', 'uint64', 'float64', 'decimal128'].includes(kind)
  const op = pick(random, ['countField', 'minField', 'maxField', ...(canSum ? (['sumField'] as const) : [])] as const)
  return { op, expr }
}

const constraints = [
  { intRange: { min: '-1', max: '1' } },
  { intRange: { min: '0' } },
  { uint64Range: { max: '1' } },
  { floatRange: { min: { value: '-0', inclusive: true }, max: { value: 3, inclusive: false } } },
  { stringIn: ['a', 'ä'] },
  { stringEq: 'B' },
  { boolEq: true },
  { decimal128Range: { min: decimalBytes(-1n, 16) } },
  { intIn: ['-1', '2'] },
  { isNull: true },
  { isNotNull: true },
] as unknown as readonly Constraint[]

const randomParams = (random: Random): ReduceParams => {
  const checks = Array.from({ length: random.uint32() % 3 }, () => {
    const { field } = fieldOf(random, pick(random, Object.keys(fields))) as Extract<Expression, { field: unknown }>
    return { field, constraint: pick(random, constraints) }
  })
  return {
    reducers: Array.from({ length: 1 + (random.uint32() % 3) }, () => randomReducer(random)),
    groupBy: Array.from({ length: random.uint32() % 3 }, () => randomExpression(random, 1)[0]),
    ...(checks.length === 0 ? {} : { filter: { checks, contradiction: false } }),
  }
}

let engine: TestEngine

beforeEach(async () => {
  engine = await openTestEngine()
  await engine.call('collective.create', { id: COLLECTIVE, name: 'keys', dimension: 3 })
})

afterEach(() => engine.engine.close())

const shown = (values: readonly (ReducedValue | null)[]): unknown[] => values.map((value) => scalarOf(value))

describe('random reductions', () => {
  test.each(SEEDS)('come to what a plain evaluation comes to, and skip the same rows (seed %i)', async (seed) => {
    const random = seededRandom(seed)
    const byKey = new Map(
      Array.from({ length: 120 }, (_, index) => randomRow(random, index)).map((row) => [
        Buffer.from(row.key).toString('hex'),
        row,
      ]),
    )
    const all = [...byKey.values()].sort((left, right) => compareBytes(left.key, right.key))
    await engine.call('keys.put', { collective: COLLECTIVE, entries: all.map(({ key, value }) => [key, value]) })
    for (let index = 0; index < REDUCTIONS; index += 1) {
      const params = randomParams(random)
      const expected = naiveReduction(params, all)
      const call = engine.call('keys.reduce', { collective: COLLECTIVE, ...params })
      if (expected === 'overflow') {
        await expect(call).rejects.toMatchObject({ code: 'REDUCE_FAILED' })
        continue
      }
      const found = (await call) as unknown as Record<'results' | 'skipped' | 'rows', never> & {
        readonly groups: readonly { readonly values: never; readonly results: never }[]
      }
      expect({
        results: shown(found.results),
        groups: found.groups.map(({ values, results }) => ({ values: shown(values), results: shown(results) })),
        skipped: found.skipped,
        rows: found.rows,
      }).toEqual({ ...expected, rows: all.length })
    }
  })
})
