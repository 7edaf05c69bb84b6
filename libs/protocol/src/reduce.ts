/**
 * Reductions over a range of the batch store: what is computed over the rows, which of them take part, and what comes
 * out. Names and numbers are those of Exoware's `Reduce`.
 *
 * Whole numbers of 64 bits travel as decimal digits, decimals as little-endian bytes: JSON has exact numbers for
 * neither. A caller may write a `bigint` wherever digits are expected; `scalarOf` makes a `bigint` of what comes back.
 */
import type { Int64Text } from './int64.ts'
import type { Uint64Text } from './uint64.ts'

/** What a field, or a value, is. */
export const fieldKinds = [
  'int64',
  'uint64',
  'float64',
  'boolean',
  'utf8',
  'date32',
  'date64',
  'timestamp',
  'decimal128',
  'fixedSizeBinary',
  'decimal256',
] as const
export type FieldKind = (typeof fieldKinds)[number]

/** Numbers that JSON cannot write, or not exactly, stand as text. */
export const floatTexts = ['NaN', 'Infinity', '-Infinity', '-0'] as const
export type FloatText = (typeof floatTexts)[number]
export type FloatValue = number | FloatText

/** A value under the name of its kind. */
export type ReducedValue =
  | { readonly int64: Int64Text }
  | { readonly uint64: Uint64Text }
  | { readonly float64: FloatValue }
  | { readonly boolean: boolean }
  | { readonly utf8: string }
  /** Days since 1970. */
  | { readonly date32: number }
  /** Milliseconds since 1970. */
  | { readonly date64: Int64Text }
  /** Microseconds since 1970. */
  | { readonly timestamp: Int64Text }
  /** 16 bytes, little-endian two's complement, without its scale. */
  | { readonly decimal128: Uint8Array }
  | { readonly fixedSizeBinary: Uint8Array }
  /** 32 bytes, as `decimal128`. */
  | { readonly decimal256: Uint8Array }

interface OfKind {
  readonly kind: FieldKind
  /** Bytes of a `fixedSizeBinary`; other kinds have none. */
  readonly length?: number
}

/** A field at a fixed place of the key, in the encoding of `encodeKeyField`. Exactly one of both offsets is there. */
export interface KeyFieldRef extends OfKind {
  readonly byteOffset?: number
  /** For keys whose prefix is not whole bytes. */
  readonly bitOffset?: number
}

/** One of several fields whose bits take turns in the key; see `interleaveKeyFields`. */
export interface ZOrderKeyFieldRef extends OfKind {
  /** Where the fields together begin. */
  readonly bitOffset: number
  /** Which of them it is, from 0. */
  readonly position: number
  /** Of all of them, in bytes. */
  readonly widths: readonly number[]
}

/** A column of the value, which is a stored row; see `encodeStoredRow`. */
export interface ValueFieldRef extends OfKind {
  readonly index: number
  /** Whether null is a value of it; false when absent: a row with null there is skipped. */
  readonly nullable?: boolean
}

export type FieldRef =
  { readonly key: KeyFieldRef } | { readonly zOrderKey: ZOrderKeyFieldRef } | { readonly value: ValueFieldRef }

export interface Operands {
  readonly left: Expression
  readonly right: Expression
}

/** Computed for each row. What has null in it is null. */
export type Expression =
  | { readonly field: FieldRef }
  | { readonly literal: ReducedValue }
  /** Of two `int64`, two `uint64`, or one of them and a `float64`, which makes the result one. */
  | { readonly add: Operands }
  | { readonly sub: Operands }
  | { readonly mul: Operands }
  /** Always a `float64`. A row whose divisor is 0 is skipped. */
  | { readonly div: Operands }
  /** Of a `utf8`. */
  | { readonly lower: Expression }
  /** The begin of the day of a `date32`, `date64` or `timestamp`. */
  | { readonly dateTruncDay: Expression }

/** `countAll` counts rows, `countField` those in which its expression is not null. */
export type Reducer =
  | { readonly op: 'countAll' }
  | { readonly op: 'countField' | 'sumField' | 'minField' | 'maxField'; readonly expr: Expression }

/** Both ends inclusive; an absent one is open. */
export interface Bounds<Bound> {
  readonly min?: Bound
  readonly max?: Bound
}

export interface FloatBound {
  readonly value: FloatValue
  readonly inclusive: boolean
}

/** A field of another kind than the constraint's passes none, and null passes `isNull` alone. */
export type Constraint =
  | { readonly stringEq: string }
  | { readonly boolEq: boolean }
  | { readonly fixedSizeBinaryEq: Uint8Array }
  /** Of an `int64`, `date32`, `date64` or `timestamp`. */
  | { readonly intRange: Bounds<Int64Text> }
  | { readonly uint64Range: Bounds<Uint64Text> }
  | { readonly floatRange: Bounds<FloatBound> }
  | { readonly decimal128Range: Bounds<Uint8Array> }
  | { readonly decimal256Range: Bounds<Uint8Array> }
  | { readonly isNull: true }
  | { readonly isNotNull: true }
  | { readonly stringIn: readonly string[] }
  | { readonly intIn: readonly Int64Text[] }
  | { readonly uint64In: readonly Uint64Text[] }
  | { readonly fixedSizeBinaryIn: readonly Uint8Array[] }

/** Rows that pass all checks take part. */
export interface Predicate {
  readonly checks: readonly { readonly field: FieldRef; readonly constraint: Constraint }[]
  /** True: nothing passes, and no row is read. */
  readonly contradiction: boolean
}

/** What to compute. At least one reducer or group has to be there. */
export interface ReduceParams {
  readonly reducers: readonly Reducer[]
  /** Rows with equal values are one group. */
  readonly groupBy: readonly Expression[]
  readonly filter?: Predicate
}

/**
 * Why a row did not take part: its value is no stored row; the key is too short for the field, or its text is not
 * UTF-8; the row has no such column, or null where it may not be; the column is of another kind, or outside it; a text
 * is too long to compute with; a divisor was 0; a result is outside its kind.
 */
export const skipReasons = [
  'malformedRow',
  'malformedKey',
  'missingColumn',
  'wrongKind',
  'textTooLong',
  'divisionByZero',
  'overflow',
] as const
export type SkipReason = (typeof skipReasons)[number]

/** `null`: nothing took part. In the order of the request, as `values` are in that of `groupBy`. */
export type ReducedValues = readonly (ReducedValue | null)[]

export interface ReducedGroup {
  /** What its rows have in common; `null` is a value of its own. */
  readonly values: ReducedValues
  readonly results: ReducedValues
}

/** What a reduction over a range of the batch store answers. */
export interface Reduction {
  /** One a reducer; none where there are groups. */
  readonly results: ReducedValues
  /** In the order of their values, null first; none without `groupBy`. */
  readonly groups: readonly ReducedGroup[]
  /** That were looked at. */
  readonly rows: number
  /** How many of them did not take part for a reason other than the filter; reasons that did not occur are absent. */
  readonly skipped: { readonly [Reason in SkipReason]?: number }
}
