/** Rows of the state are MessagePack lists: positions instead of names, since every record repeats them. */
import { decodeMessagePack, encodeMessagePack } from '@waggle/protocol'
import type { StateView } from './overlay.ts'

export const encodeRow = (fields: readonly unknown[]): Uint8Array => encodeMessagePack(fields)

/** The fields of the row under `key`, whose bytes the store has verified; `undefined` when there is none. */
export const readRow = (state: StateView, key: Uint8Array): readonly unknown[] | undefined => {
  const bytes = state.get(key)
  return bytes === undefined ? undefined : decodeRow(bytes)
}

export const decodeRow = (bytes: Uint8Array): readonly unknown[] => decodeMessagePack(bytes) as readonly unknown[]
