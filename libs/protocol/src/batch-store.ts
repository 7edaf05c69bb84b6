/** What the batch store speaks of: ordered keys with values, written in batches that its journal tells. */
import type { Uint64Text } from './uint64.ts'

/** Keys that begin with `prefix`, and whose rest the expression, if there is one, is found in. */
export interface KeySelector {
  readonly prefix: Uint8Array
  /**
   * RE2's syntax, found anywhere in the bytes after the prefix. They are read as UTF-8; behind `(?-u)` each byte is a
   * character of its own.
   */
  readonly regex?: string
}

/** Which values a subscriber wants. */
export type ValueFilter = { readonly exact: Uint8Array } | { readonly prefix: Uint8Array } | { readonly regex: string }

/** Which of ordered things stay. */
export type Retain =
  | { readonly keepLatest: { readonly count: number } }
  | { readonly greaterThan: { readonly threshold: Uint64Text } }
  | { readonly greaterThanOrEqual: { readonly threshold: Uint64Text } }
  | { readonly dropAll: object }

/** How the captured bytes of a key are compared. */
export const orderEncodings = ['bytesAsc', 'u64Be', 'i64Be'] as const
export type OrderEncoding = (typeof orderEncodings)[number]

/** A family of keys, in groups by what their expression captures. */
export interface KeysScope {
  readonly selector: KeySelector
  readonly groupBy?: { readonly captureGroups: readonly string[] }
  readonly orderBy?: { readonly captureGroup: string; readonly encoding: OrderEncoding }
}

/** What to prune: keys of a family, or batches of the journal by their sequence. */
export type PrunePolicy =
  | { readonly keys: KeysScope; readonly sequence?: never; readonly retain: Retain }
  | { readonly sequence: object; readonly keys?: never; readonly retain: Retain }

/** In place of a value that is too large for one reply. */
export interface LargeValue {
  /** Bytes of the whole value. */
  readonly size: number
  /** Of a batch: the number of its entry, by which `keys.batch` gives its pieces. */
  readonly entry?: number
}

export type KeyValue = Uint8Array | LargeValue
export type KeyEntry = readonly [key: Uint8Array, value: KeyValue]

/** What one batch did to the keys that a subscriber selects. */
export interface KeyFrame {
  readonly sequence: number
  /** Epoch milliseconds. */
  readonly time: number
  /** In the order in which they were written, repeats kept. */
  readonly entries: readonly KeyEntry[]
  /** Keys that the batch left deleted: whoever takes the entries first and these then has what the store has. */
  readonly deleted: readonly Uint8Array[]
}

/** What a prune has come to. */
export interface PruneJob {
  readonly id: string
  readonly isDone: boolean
  /** Keys that went. */
  readonly keys: number
  /** Batches of the journal that went. */
  readonly batches: number
}
