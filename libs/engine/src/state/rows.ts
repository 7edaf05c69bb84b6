/** Rows of the state are MessagePack lists: positions instead of names, since every record repeats them. */
import { decodeMessagePack, useMessagePack } from '@waggle/protocol'
import type { StateView } from './overlay.ts'

/** In a piece of the process' pool of buffers: a row goes into the store, or with the batch that it was staged for. */
export const encodeRow = (fields: readonly unknown[]): Uint8Array =>
  useMessagePack(fields, (bytes) => Buffer.from(bytes))

/** The fields of the row under `key`, whose bytes the store has verified; `undefined` when there is none. */
export const readRow = (state: StateView, key: Uint8Array): readonly unknown[] | undefined => {
  const bytes = state.get(key)
  return bytes === undefined ? undefined : decodeRow(bytes)
}

export const decodeRow = (bytes: Uint8Array): readonly unknown[] => decodeMessagePack(bytes) as readonly unknown[]
