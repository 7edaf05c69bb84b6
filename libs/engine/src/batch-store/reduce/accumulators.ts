/**
 * What a reducer has come to so far.
 *
 * A1  The sum of whole numbers is exact and judged at the end: it fails where *it* is outside its kind, in whichever
 *     order the rows come. Sums of floats are taken in the order of the keys.
 * A2  What is kept of a text or a binary is taken from the room of the reply (P11).
 */
import {
  fault,
  isInRange,
  isWholeKind,
  reducedValue,
  type FieldKind,
  type ReducedValue,
  type Reducer,
  type Scalar,
  type Uint64Text,
} from '@waggle/protocol'
import type { ReplyRoom } from '../../query/reply-room.ts'
import type { Evaluate, Needs } from './cells.ts'
import { checkKind, compileExpression } from './expressions.ts'
import { comparisonOf } from './value-order.ts'

export interface Accumulator {
  /** @throws Fault `RESULT_TOO_LARGE` (A2) */
  add(value: Scalar | null): void
  /** `null` where nothing was added. @throws Fault `REDUCE_FAILED` (A1) */
  end(): ReducedValue | null
}

export interface CompiledReducer {
  /** The value that it takes of a row; `undefined` for one that counts rows. */
  readonly evaluate: Evaluate | undefined
  readonly begin: (room: ReplyRoom) => Accumulator
}

const SUMMED = ['int64', 'uint64', 'float64', 'decimal128', 'decimal256'] as const

/** @param path of the reducer in the request @throws as `compileExpression` */
export const compileReducer = (reducer: Reducer, path: string, needs: Needs): CompiledReducer => {
  if (reducer.op === 'countAll') return { evaluate: undefined, begin: () => new Count() }
  const { kind, evaluate, isThere } = compileExpression(reducer.expr, `${path}.expr`, needs)
  switch (reducer.op) {
    case 'countField':
      return { evaluate: isThere, begin: () => new FieldCount() }
    case 'sumField':
      checkKind(`${path}.expr`, kind, SUMMED)
      return { evaluate, begin: () => (kind === 'float64' ? new FloatSum() : new WholeSum(kind, path)) }
    case 'minField':
      return { evaluate, begin: (room) => new Extreme(kind, -1, room) }
    case 'maxField':
      return { evaluate, begin: (room) => new Extreme(kind, 1, room) }
  }
}

class Count implements Accumulator {
  #count = 0

  add(_value: Scalar | null): void {
    this.#count += 1
  }

  end(): ReducedValue {
    return { uint64: String(this.#count) as Uint64Text }
  }
}

class FieldCount extends Count {
  override add(value: Scalar | null): void {
    if (value !== null) super.add(value)
  }
}

class FloatSum implements Accumulator {
  #sum: number | undefined

  add(value: Scalar | null): void {
    if (value !== null) this.#sum = this.#sum === undefined ? (value as number) : this.#sum + (value as number)
  }

  end(): ReducedValue | null {
    return this.#sum === undefined ? null : reducedValue('float64', this.#sum)
  }
}

class WholeSum implements Accumulator {
  readonly #kind: FieldKind
  readonly #path: string
  #sum: bigint | undefined

  constructor(kind: FieldKind, path: string) {
    this.#kind = kind
    this.#path = path
  }

  add(value: Scalar | null): void {
    if (value !== null) this.#sum = (this.#sum ?? 0n) + (value as bigint)
  }

  end(): ReducedValue | null {
    if (this.#sum === undefined) return null
    const kind = this.#kind
    // A1
    if (isWholeKind(kind) && !isInRange(kind, this.#sum))
      throw fault('REDUCE_FAILED', `sum is outside its kind field=${this.#path} kind=${kind}`, {
        field: this.#path,
        kind,
      })
    return reducedValue(kind, this.#sum)
  }
}

class Extreme implements Accumulator {
  readonly #kind: FieldKind
  readonly #sign: number
  readonly #room: ReplyRoom
  readonly #compare: (left: Scalar, right: Scalar) => number
  #value: Scalar | undefined

  /** @param sign 1 for the largest, -1 for the smallest */
  constructor(kind: FieldKind, sign: number, room: ReplyRoom) {
    this.#kind = kind
    this.#sign = sign
    this.#room = room
    this.#compare = comparisonOf(kind)
  }

  add(value: Scalar | null): void {
    if (value === null) return
    if (this.#value !== undefined && this.#compare(value, this.#value) * this.#sign <= 0) return
    // A2
    this.#room.take(sizeOf(value) - sizeOf(this.#value))
    this.#value = value
  }

  end(): ReducedValue | null {
    return this.#value === undefined ? null : reducedValue(this.#kind, this.#value)
  }
}

/** Bytes beyond those that every value takes. */
export const sizeOf = (value: Scalar | null | undefined): number => {
  if (typeof value === 'string') return Buffer.byteLength(value)
  return value instanceof Uint8Array ? value.length : 0
}
