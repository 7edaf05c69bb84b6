/** The filter of a reduction: which rows take part. */
import { equalBytes, latin1Of } from '@waggle/kernel'
import {
  decimalOf,
  numberOfFloat,
  type Bounds,
  type Constraint,
  type FieldKind,
  type FloatBound,
  type Predicate,
  type Scalar,
} from '@waggle/protocol'
import { Skipped, type Needs, type ReducedRow } from './cells.ts'
import { fieldReader } from './field-readers.ts'

/** Whether a row takes part, or why nobody can say. */
export type Passes = (row: ReducedRow) => boolean | Skipped

/** @param needs told of what it reads @throws as `fieldReader` */
export const compilePredicate = ({ checks }: Predicate, needs: Needs): Passes => {
  const all = checks.map(({ field, constraint }, index) => {
    const { kind, read, isThere } = fieldReader(field, `filter.checks[${index}].field`, needs)
    if ('isNull' in constraint) return checkOf(isThere, (cell) => cell === null)
    if ('isNotNull' in constraint) return checkOf(isThere, (cell) => cell !== null)
    const test = testOf(constraint, kind)
    return checkOf(read, (cell) => cell !== null && test(cell))
  })
  return (row) => {
    for (const check of all) {
      const passed = check(row)
      if (passed !== true) return passed
    }
    return true
  }
}

const checkOf =
  (read: (row: ReducedRow) => Scalar | null | Skipped, test: (cell: Scalar | null) => boolean): Passes =>
  (row) => {
    const cell = read(row)
    return cell instanceof Skipped ? cell : test(cell)
  }

type Test = (value: Scalar) => boolean

const never: Test = () => false

/** Kinds that each constraint speaks of; of others it lets nothing through. */
const kindsOf: Readonly<Record<string, readonly FieldKind[]>> = {
  stringEq: ['utf8'],
  boolEq: ['boolean'],
  fixedSizeBinaryEq: ['fixedSizeBinary'],
  intRange: ['int64', 'date32', 'date64', 'timestamp'],
  uint64Range: ['uint64'],
  floatRange: ['float64'],
  decimal128Range: ['decimal128'],
  decimal256Range: ['decimal256'],
  stringIn: ['utf8'],
  intIn: ['int64'],
  uint64In: ['uint64'],
  fixedSizeBinaryIn: ['fixedSizeBinary'],
}

const testOf = (constraint: Constraint, kind: FieldKind): Test =>
  kindsOf[Object.keys(constraint)[0] as string]?.includes(kind) === true ? testOfKind(constraint) : never

const testOfKind = (constraint: Constraint): Test => {
  if ('stringEq' in constraint) return (value) => value === constraint.stringEq
  if ('boolEq' in constraint) return (value) => value === constraint.boolEq
  if ('fixedSizeBinaryEq' in constraint) return (value) => equalBytes(value as Uint8Array, constraint.fixedSizeBinaryEq)
  if ('intRange' in constraint) return inBounds(constraint.intRange, BigInt)
  if ('uint64Range' in constraint) return inBounds(constraint.uint64Range, BigInt)
  if ('decimal128Range' in constraint) return inBounds(constraint.decimal128Range, decimalOf)
  if ('decimal256Range' in constraint) return inBounds(constraint.decimal256Range, decimalOf)
  if ('floatRange' in constraint) return inFloatBounds(constraint.floatRange)
  if ('stringIn' in constraint) return oneOf(constraint.stringIn)
  if ('intIn' in constraint) return oneOf(constraint.intIn.map(BigInt))
  if ('uint64In' in constraint) return oneOf(constraint.uint64In.map(BigInt))
  if ('fixedSizeBinaryIn' in constraint) {
    const texts = oneOf(constraint.fixedSizeBinaryIn.map(latin1Of))
    return (value) => texts(latin1Of(value as Uint8Array))
  }
  return never
}

const oneOf = (values: readonly Scalar[]): Test => {
  const set = new Set(values)
  return (value) => set.has(value)
}

/** One character a byte. */
const inBounds = <Bound>({ min, max }: Bounds<Bound>, numberOf: (bound: Bound) => bigint): Test => {
  const least = min === undefined ? undefined : numberOf(min)
  const most = max === undefined ? undefined : numberOf(max)
  return (it) => {
    const value = it as bigint | number
    return (least === undefined || value >= least) && (most === undefined || value <= most)
  }
}

const inFloatBounds = ({ min, max }: Bounds<FloatBound>): Test => {
  const least = min === undefined ? undefined : numberOfFloat(min.value)
  const most = max === undefined ? undefined : numberOfFloat(max.value)
  return (it) => {
    const value = it as number
    const isBehind = least === undefined || (min?.inclusive === true ? value >= least : value > least)
    return isBehind && (most === undefined || (max?.inclusive === true ? value <= most : value < most))
  }
}
