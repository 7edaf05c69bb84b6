/**
 * A reduction as one would write it down: all rows decoded, filtered, put into groups and computed one after the other,
 * with an exception for each row that cannot take part. Slow, and without anything of the engine's own evaluation.
 */
import {
  decimalOf,
  decodeStoredRow,
  type Constraint,
  type Expression,
  type FieldRef,
  type ReducedValue,
  type ReduceParams,
  type Reducer,
  type SkipReason,
  type StoredColumn,
} from '@waggle/protocol'

export interface PlainRow {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** Tells kinds apart that JavaScript does not, so that an order and a range can be found for each. */
type Plain = bigint | number | boolean | string | Uint8Array | null

export interface PlainReduction {
  readonly results: readonly Plain[]
  readonly groups: readonly { readonly values: readonly Plain[]; readonly results: readonly Plain[] }[]
  readonly skipped: Readonly<Record<string, number>>
}

/** In the place of a sum that is outside its kind. */
const OVERFLOW = Symbol('overflow')

class Skip extends Error {
  readonly reason: SkipReason

  constructor(reason: SkipReason) {
    super(reason)
    this.reason = reason
  }
}

const skip = (reason: SkipReason): never => {
  throw new Skip(reason)
}

interface Decoded {
  readonly key: Uint8Array
  readonly columns: readonly StoredColumn[] | undefined
}

export const naiveReduction = (params: ReduceParams, rows: readonly PlainRow[]): PlainReduction | 'overflow' => {
  const { reducers, groupBy, filter } = params
  const needsRows = JSON.stringify(params, (_, value: unknown) => (typeof value === 'bigint' ? '' : value)).includes(
    '"value":{"index"',
  )
  const skipped: Record<string, number> = {}
  const groups = new Map<string, { values: Plain[]; taken: Plain[][] }>()
  for (const { key, value } of rows)
    try {
      const columns = decodeStoredRow(value)
      if (needsRows && columns === undefined) skip('malformedRow')
      const row = { key, columns }
      if (filter?.checks.every(({ field, constraint }) => passes(fieldOf(row, field), constraint, field)) === false)
        continue
      const values = groupBy.map((expression) => canonical(valueOf(row, expression)))
      const taken = reducers.map((reducer) => (reducer.op === 'countAll' ? null : valueOf(row, reducer.expr)))
      const name = values
        .map((it) => `${typeof it}:${it instanceof Uint8Array ? Buffer.from(it).toString('hex') : String(it)}`)
        .join('|')
      const group = groups.get(name) ?? { values, taken: [] }
      groups.set(name, group)
      group.taken.push(taken)
    } catch (error) {
      if (!(error instanceof Skip)) throw error
      skipped[error.reason] = (skipped[error.reason] ?? 0) + 1
    }
  if (groupBy.length === 0 && groups.size === 0) groups.set('', { values: [], taken: [] })
  const sorted = [...groups.values()].sort((left, right) => compareAll(left.values, right.values))
  const computed = sorted.map(({ values, taken }) => ({
    values,
    results: reducers.map((reducer, index) =>
      reduced(
        reducer,
        taken.map((one) => one[index] ?? null),
      ),
    ),
  }))
  if (computed.some(({ results }) => (results as unknown[]).includes(OVERFLOW))) return 'overflow'
  const plain = computed as PlainReduction['groups']
  return groupBy.length === 0
    ? { results: plain[0]?.results ?? [], groups: [], skipped }
    : { results: [], groups: plain, skipped }
}

const canonical = (value: Plain): Plain => (typeof value === 'number' && value === 0 ? 0 : value)

const compareAll = (left: readonly Plain[], right: readonly Plain[]): number => {
  for (const [index, value] of left.entries()) {
    const order = compare(value, right[index] ?? null)
    if (order !== 0) return order
  }
  return 0
}

/** Null first; texts by their UTF-8; −0 before 0; what is no number last. */
const compare = (left: Plain, right: Plain): number => {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null)
  if (typeof left === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(right as string))
  if (left instanceof Uint8Array) return Buffer.compare(left, right as Uint8Array)
  if (typeof left === 'number' && Number.isNaN(left)) return Number.isNaN(right) ? 0 : 1
  if (Number.isNaN(right)) return -1
  if (left === 0 && right === 0) return Number(Object.is(right, -0)) - Number(Object.is(left, -0))
  return left < right ? -1 : Number(left > right)
}

const wholeOf = (column: StoredColumn): bigint =>
  column !== null && 'int64' in column ? BigInt(column.int64) : skip('wrongKind')

const fieldOf = ({ key, columns }: Decoded, ref: FieldRef): Plain => {
  if ('key' in ref) {
    if (key.length < 12) return skip('malformedKey')
    return BigInt.asIntN(64, Buffer.from(key).readBigUInt64BE(4) ^ (1n << 63n))
  }
  if (!('value' in ref)) throw new Error('no such field here')
  const { index, kind, nullable = false } = ref.value
  const column = columns?.[index]
  if (column === undefined || (column === null && !nullable)) return skip('missingColumn')
  if (column === null) return null
  switch (kind) {
    case 'uint64':
      return 'uint64' in column ? BigInt(column.uint64) : skip('wrongKind')
    case 'float64':
      return 'float64' in column ? column.float64 : Number(wholeOf(column))
    case 'boolean':
      return 'boolean' in column ? column.boolean : skip('wrongKind')
    case 'utf8':
      return 'utf8' in column ? column.utf8 : skip('wrongKind')
    case 'decimal128':
      return 'bytes' in column && column.bytes.length === 16 ? decimalOf(column.bytes) : skip('wrongKind')
    case 'fixedSizeBinary':
      return 'bytes' in column && column.bytes.length === ref.value.length ? column.bytes : skip('wrongKind')
    case 'date32': {
      const days = wholeOf(column)
      return BigInt.asIntN(32, days) === days ? Number(days) : skip('wrongKind')
    }
    default:
      return wholeOf(column)
  }
}

const kindOfField = (ref: FieldRef): string => ('value' in ref ? ref.value.kind : 'int64')

const passes = (value: Plain, constraint: Constraint, ref: FieldRef): boolean => {
  if ('isNull' in constraint) return value === null
  if ('isNotNull' in constraint) return value !== null
  if (value === null) return false
  const kind = kindOfField(ref)
  const between = ({ min, max }: { readonly min?: string; readonly max?: string }): boolean =>
    (min === undefined || BigInt(value as bigint | number) >= BigInt(min)) &&
    (max === undefined || BigInt(value as bigint | number) <= BigInt(max))
  if ('intRange' in constraint)
    return ['int64', 'date32', 'date64', 'timestamp'].includes(kind) && between(constraint.intRange)
  if ('uint64Range' in constraint) return kind === 'uint64' && between(constraint.uint64Range)
  if ('intIn' in constraint) return kind === 'int64' && constraint.intIn.includes(String(value) as never)
  if ('stringIn' in constraint) return kind === 'utf8' && constraint.stringIn.includes(value as string)
  if ('stringEq' in constraint) return value === constraint.stringEq
  if ('boolEq' in constraint) return value === constraint.boolEq
  if ('decimal128Range' in constraint)
    return kind === 'decimal128' && (value as bigint) >= decimalOf(constraint.decimal128Range.min ?? new Uint8Array(16))
  if ('floatRange' in constraint) return kind === 'float64' && (value as number) >= 0 && (value as number) < 3
  throw new Error('no such constraint here')
}

const literalOf = (literal: ReducedValue): Plain =>
  'int64' in literal ? BigInt(literal.int64) : (Object.values(literal)[0] as Plain)

const valueOf = (row: Decoded, expression: Expression): Plain => {
  if ('field' in expression) return fieldOf(row, expression.field)
  if ('literal' in expression) return literalOf(expression.literal)
  if ('lower' in expression) return (valueOf(row, expression.lower) as string | null)?.toLowerCase() ?? null
  if ('dateTruncDay' in expression) {
    const time = valueOf(row, expression.dateTruncDay)
    if (typeof time !== 'bigint') return time
    const isMillis = JSON.stringify(expression).includes('"date64"')
    const day = isMillis ? 86_400_000n : 86_400_000_000n
    const begin = time - (((time % day) + day) % day)
    return BigInt.asIntN(64, begin) === begin ? begin : skip('overflow')
  }
  const [[operator, { left, right }]] = Object.entries(expression) as [
    [string, { left: Expression; right: Expression }],
  ]
  const one = valueOf(row, left)
  if (one === null) return null
  const other = valueOf(row, right)
  if (other === null) return null
  return operator === 'div' || typeof one === 'number' || typeof other === 'number'
    ? inFloats(operator, Number(one), Number(other))
    : inWholes(operator, one as bigint, other as bigint, isUnsigned(left))
}

const inFloats = (operator: string, one: number, other: number): number => {
  if (operator === 'add') return one + other
  if (operator === 'sub') return one - other
  if (operator === 'mul') return one * other
  return other === 0 ? skip('divisionByZero') : one / other
}

const inWholes = (operator: string, one: bigint, other: bigint, unsigned: boolean): bigint => {
  const result = operator === 'add' ? one + other : operator === 'sub' ? one - other : one * other
  const kept = unsigned ? BigInt.asUintN(64, result) : BigInt.asIntN(64, result)
  return kept === result ? result : skip('overflow')
}

/** What of an expression over whole numbers is read tells their kind. */
const isUnsigned = (expression: Expression): boolean => JSON.stringify(expression).includes('"uint64"')

const reduced = (reducer: Reducer, taken: readonly Plain[]): Plain | typeof OVERFLOW => {
  if (reducer.op === 'countAll') return BigInt(taken.length)
  const values = taken.filter((value) => value !== null)
  if (reducer.op === 'countField') return BigInt(values.length)
  if (values.length === 0) return null
  if (reducer.op !== 'sumField') {
    const sign = reducer.op === 'minField' ? -1 : 1
    return values.reduce((best, value) => (compare(value, best) * sign > 0 ? value : best))
  }
  if (typeof values[0] === 'number') return (values as number[]).reduce((sum, value) => sum + value)
  const sum = (values as bigint[]).reduce((total, value) => total + value)
  return fits(sum, reducer.expr) ? sum : OVERFLOW
}

const fits = (sum: bigint, expression: Expression): boolean => {
  if (JSON.stringify(expression).includes('"decimal128"')) return BigInt.asIntN(128, sum) === sum
  return isUnsigned(expression) ? BigInt.asUintN(64, sum) === sum : BigInt.asIntN(64, sum) === sum
}
