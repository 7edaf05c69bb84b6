import { concatBytes, prefixEnd, present } from '@waggle/kernel'
import type { KeyRange } from './key-value-store.ts'

/** The range of all keys that start with `prefix`. */
export const prefixRange = (prefix: Uint8Array): KeyRange & { readonly lt: Uint8Array } => ({
  gte: prefix,
  lt: present(prefixEnd(prefix), 'a prefix that is not all 0xff'),
})

/** The first key after `key`. */
export const keyBehind = (key: Uint8Array): Uint8Array => concatBytes(key, Uint8Array.of(0))
