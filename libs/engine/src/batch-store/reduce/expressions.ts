/**
 * Expressions as functions of a row. Their kinds are known before a row is read, so kinds that do not go together are a
 * fault, and what is left to go wrong in a row is only what its values do.
 */
import {
  fault,
  isInRange,
  kindOf,
  limits,
  scalarOf,
  tooManyItems,
  type Expression,
  type FieldKind,
  type Operands,
  type Scalar,
  type WholeKind,
} from '@waggle/protocol'
import { SKIPPED, Skipped, type Cell, type Evaluate, type Needs } from './cells.ts'
import { fieldReader } from './field-readers.ts'

export interface Compiled {
  readonly kind: FieldKind
  readonly evaluate: Evaluate
  /** As `evaluate`, where it only matters whether there is a value. */
  readonly isThere: Evaluate
}

/**
 * @param path of the expression in the request
 * @param needs told of what it reads
 * @throws Fault `REDUCE_FAILED` for kinds that do not go together, else as `fieldReader`
 */
export const compileExpression = (expression: Expression, path: string, needs: Needs): Compiled => {
  if ('field' in expression) {
    const { kind, read, isThere } = fieldReader(expression.field, `${path}.field`, needs)
    checkNodes(needs)
    return { kind, evaluate: read, isThere }
  }
  needs.nodes += 1
  checkNodes(needs)
  const { kind, evaluate } = compileInner(expression, path, needs)
  return { kind, evaluate, isThere: evaluate }
}

/** All expressions of a reduction count together. @throws Fault `TOO_MANY_ITEMS` */
const checkNodes = ({ nodes }: Needs): void => {
  const limit = limits.EXPRESSION_NODES_MAX
  if (nodes > limit) throw tooManyItems('reducers', nodes, limit)
}

type Inner = Pick<Compiled, 'kind' | 'evaluate'>

const compileInner = (expression: Exclude<Expression, { field: unknown }>, path: string, needs: Needs): Inner => {
  if ('literal' in expression) {
    const value = scalarOf(expression.literal)
    return { kind: kindOf(expression.literal), evaluate: () => value }
  }
  if ('lower' in expression) return lower(compileExpression(expression.lower, `${path}.lower`, needs), path, needs)
  if ('dateTruncDay' in expression)
    return dateTruncDay(compileExpression(expression.dateTruncDay, `${path}.dateTruncDay`, needs), path)
  const [[operator, { left, right }]] = Object.entries(expression) as [[Operator, Operands]]
  const at = `${path}.${operator}`
  return binary(
    operator,
    compileExpression(left, `${at}.left`, needs),
    compileExpression(right, `${at}.right`, needs),
    at,
  )
}

const clash = (path: string, message: string, kinds: Readonly<Record<string, string>>) => {
  const named = Object.entries(kinds).map(([name, kind]) => `${name}=${kind}`)
  return fault('REDUCE_FAILED', `${message} field=${path} ${named.join(' ')}`, { field: path, ...kinds })
}

/** @throws Fault `REDUCE_FAILED` */
export const checkKind = (path: string, kind: FieldKind, taken: readonly FieldKind[]): void => {
  if (!taken.includes(kind)) throw clash(path, `kind is none of ${taken.join('|')}`, { kind })
}

type Operator = 'add' | 'sub' | 'mul' | 'div'

const ofWhole = {
  add: (left: bigint, right: bigint) => left + right,
  sub: (left: bigint, right: bigint) => left - right,
  mul: (left: bigint, right: bigint) => left * right,
} as const

const ofFloat = {
  add: (left: number, right: number) => left + right,
  sub: (left: number, right: number) => left - right,
  mul: (left: number, right: number) => left * right,
  div: (left: number, right: number) => left / right,
} as const

const isNumeric = (kind: FieldKind): boolean => kind === 'int64' || kind === 'uint64' || kind === 'float64'

const binary = (operator: Operator, left: Compiled, right: Compiled, path: string): Inner => {
  const isFloat = left.kind === 'float64' || right.kind === 'float64'
  if (!isNumeric(left.kind) || !isNumeric(right.kind) || (left.kind !== right.kind && !isFloat))
    throw clash(path, 'operands do not go together', { left: left.kind, right: right.kind })
  if (operator !== 'div' && !isFloat) {
    const kind = left.kind as WholeKind
    const compute = ofWhole[operator]
    return {
      kind,
      evaluate: pairwise(left, right, (one, other) => within(kind, compute(one as bigint, other as bigint))),
    }
  }
  const compute = ofFloat[operator]
  return {
    kind: 'float64',
    evaluate: pairwise(left, right, (one, other) => {
      const second = Number(other)
      return operator === 'div' && second === 0 ? SKIPPED.divisionByZero : compute(Number(one), second)
    }),
  }
}

const within = (kind: WholeKind, number: bigint): Cell => (isInRange(kind, number) ? number : SKIPPED.overflow)

/** Null, or a reason to skip the row, goes through; the left one is looked at first. */
const pairwise =
  (left: Inner, right: Inner, compute: (left: Scalar, right: Scalar) => Cell): Evaluate =>
  (row) => {
    const one = left.evaluate(row)
    if (one === null || one instanceof Skipped) return one
    const other = right.evaluate(row)
    if (other === null || other instanceof Skipped) return other
    return compute(one, other)
  }

const mapped =
  ({ evaluate }: Inner, compute: (value: Scalar) => Cell): Evaluate =>
  (row) => {
    const cell = evaluate(row)
    return cell === null || cell instanceof Skipped ? cell : compute(cell)
  }

const lower = (inner: Compiled, path: string, needs: Needs): Inner => {
  checkKind(`${path}.lower`, inner.kind, ['utf8'])
  needs.texts += 1
  return { kind: 'utf8', evaluate: mapped(inner, (text) => (text as string).toLowerCase()) }
}

const DAY = { date64: 86_400_000n, timestamp: 86_400_000_000n } as const

const dateTruncDay = (inner: Compiled, path: string): Inner => {
  const { kind } = inner
  checkKind(`${path}.dateTruncDay`, kind, ['date32', 'date64', 'timestamp'])
  if (kind !== 'date64' && kind !== 'timestamp') return inner
  const day = DAY[kind]
  return {
    kind,
    evaluate: mapped(inner, (it) => {
      const time = it as bigint
      const passed = time % day
      return within(kind, passed < 0n ? time - passed - day : time - passed)
    }),
  }
}
