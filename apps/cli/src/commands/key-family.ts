import type { KeysHandle } from '@waggle/sdk'
import { bytesOfWord, type ByteOptions } from '../byte-words.ts'

/** Keys that begin with it, as a store of their own. */
export const familyOf = (keys: KeysHandle, prefix: string | undefined, options: ByteOptions): KeysHandle =>
  prefix === undefined ? keys : keys.prefixed(bytesOfWord(prefix, options))
