/** What users write of keys; bytes may be text, which stands for its UTF-8. */
import type { OrderEncoding } from '@waggle/protocol'
import type { BytesInput } from '../inputs.ts'
import type { CallOptions } from '../session.ts'

/** A key of at most 254 bytes and its value, at most 10 MiB. */
export type KeyEntryInput = readonly [key: BytesInput, value: BytesInput]

/** Options of a read of keys. */
export interface KeyReadOptions extends CallOptions {
  /** The state must have reached this sequence. */
  readonly minSequence?: number | undefined
}

/** Both bounds belong to the range; an absent or empty one is open. */
export interface KeyRangeInput {
  readonly start?: BytesInput | undefined
  readonly end?: BytesInput | undefined
  /** How many at the most; all when absent. */
  readonly limit?: number | undefined
  /** From the highest key down: with a limit, the last of the range. */
  readonly reverse?: boolean | undefined
  /** Rows that come in one reply, 1..4096. */
  readonly batchSize?: number | undefined
}

/** Keys that begin with `prefix`, and whose rest the expression (RE2's syntax) is found in. */
export interface KeySelectorInput {
  readonly prefix: BytesInput
  readonly regex?: string | undefined
}

export type ValueFilterInput =
  { readonly exact: BytesInput } | { readonly prefix: BytesInput } | { readonly regex: string }

/** What of a batch is wanted: entries that pass any selector and, where there are some, any value filter. */
export interface KeyMatchInput {
  /** 1..16; every key when absent. */
  readonly selectors?: readonly KeySelectorInput[] | undefined
  /** 0..16. */
  readonly valueFilters?: readonly ValueFilterInput[] | undefined
}

export interface SubscribeInput extends KeyMatchInput {
  /** The first batch that is wanted; what comes from now on when absent or 0. */
  readonly since?: number | undefined
  /** A cursor instead: what comes after it. */
  readonly from?: string | undefined
  /** 1..1000: about how many frames come in one reply. */
  readonly max?: number | undefined
  /** Ends the subscription, without an error. */
  readonly signal?: AbortSignal | undefined
}

/** A whole number of 64 bits: a `bigint`, a safe integer, or its decimal digits. */
type Uint64Input = bigint | number | string

/** Which of ordered things stay. */
export type RetainInput =
  | { readonly keepLatest: { readonly count: number } }
  | { readonly greaterThan: { readonly threshold: Uint64Input } }
  | { readonly greaterThanOrEqual: { readonly threshold: Uint64Input } }
  | { readonly dropAll: object }

/** What to prune: keys of a family, in groups by what their expression captures, or batches by their sequence. */
export type PrunePolicyInput =
  | {
      readonly keys: {
        readonly selector: KeySelectorInput
        readonly groupBy?: { readonly captureGroups: readonly string[] } | undefined
        readonly orderBy?: { readonly captureGroup: string; readonly encoding: OrderEncoding } | undefined
      }
      readonly retain: RetainInput
    }
  | { readonly sequence: object; readonly retain: RetainInput }

/** How long to wait for what goes on in the background. */
export interface JobOptions {
  /** Milliseconds; until it is done when absent, not at all with 0. */
  readonly waitMs?: number | undefined
}

/** What to compute, over which rows; a `bigint` may stand wherever a 64-bit number is meant. */
export interface ReduceInput extends Pick<KeyRangeInput, 'start' | 'end'> {
  readonly reducers?: readonly object[] | undefined
  readonly groupBy?: readonly object[] | undefined
  readonly filter?: object | undefined
}
