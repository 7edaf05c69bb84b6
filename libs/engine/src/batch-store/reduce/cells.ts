/** What a field or an expression comes to in one row: a value, null, or the reason why the row does not take part. */
import { skipReasons, type Scalar, type SkipReason } from '@waggle/protocol'

export class Skipped {
  readonly reason: SkipReason

  constructor(reason: SkipReason) {
    this.reason = reason
  }
}

export type Cell = Scalar | null | Skipped

/** One of each: rows that are skipped cost no objects. */
export const SKIPPED = Object.fromEntries(skipReasons.map((reason) => [reason, new Skipped(reason)])) as Readonly<
  Record<SkipReason, Skipped>
>

/** A row while it is looked at. */
export interface ReducedRow {
  /** As the user wrote it. */
  key: Uint8Array
  /** The value, where the reduction reads it. */
  value: Uint8Array
  view: DataView
  /** Offsets of its columns; see `columnsOf`. */
  columns: readonly number[]
}

export type Evaluate = (row: ReducedRow) => Cell

/** What all expressions of a reduction need of a row. */
export interface Needs {
  /** How many columns; 0: the value is not read. */
  columns: number
  /** Expressions and checks. */
  nodes: number
  /** Those that read or make a text. */
  texts: number
}
