/** Which rows a request for a range speaks of (Exoware A.2.1). */
import { compareBytes } from '@waggle/kernel'
import type { RequestOf } from '@waggle/protocol'
import { keyKey, keyPrefix, type Scope } from '../state/keyspace.ts'
import type { KeyRange } from '../store/key-value-store.ts'
import { keyBehind, prefixRange } from '../store/prefix-range.ts'

export type KeyBounds = Pick<RequestOf<'keys.range'>, 'start' | 'end' | 'after'> & { readonly reverse?: boolean }

/** Rows of keys, and the user's key of each. */
export interface UserKeyRange extends KeyRange {
  readonly lt: Uint8Array
  readonly keyOf: (rowKey: Uint8Array) => Uint8Array
}

/**
 * Both bounds are inclusive; an end that is absent or empty bounds nothing. `after` is exclusive, in the direction of
 * the scan. `undefined`: there is no key between them.
 */
export const rangeOfRequest = (scope: Scope, bounds: KeyBounds): UserKeyRange | undefined => {
  const { start, end, after, reverse = false } = bounds
  const prefix = keyPrefix(scope)
  let gte = start === undefined ? prefix : keyKey(scope, start)
  let { lt } = end === undefined || end.length === 0 ? prefixRange(prefix) : { lt: keyBehind(keyKey(scope, end)) }
  if (after !== undefined && reverse) lt = lower(lt, keyKey(scope, after))
  if (after !== undefined && !reverse) gte = higher(gte, keyBehind(keyKey(scope, after)))
  if (compareBytes(gte, lt) >= 0) return undefined
  return { gte, lt, reverse, keyOf: (rowKey) => rowKey.subarray(prefix.length) }
}

const lower = (left: Uint8Array, right: Uint8Array): Uint8Array => (compareBytes(left, right) <= 0 ? left : right)
const higher = (left: Uint8Array, right: Uint8Array): Uint8Array => (compareBytes(left, right) >= 0 ? left : right)
