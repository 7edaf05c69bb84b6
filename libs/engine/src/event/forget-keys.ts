import { decodeMessagePack } from '@waggle/protocol'
import { keyCutOffKey } from '../state/keyspace.ts'
import { encodeRow } from '../state/rows.ts'
import type { Applier } from './applier.ts'

/** Moves the cut-off and removes the rows that the event names, with the idempotency rows that they point to. */
export const forgetKeys: Applier<'KeysForgotten'> = ({ cutOffMs, keys }, { state }) => {
  state.put(keyCutOffKey(), encodeRow([cutOffMs]))
  for (const key of keys) {
    const row = state.get(key)
    if (row !== undefined) state.delete(decodeMessagePack(row) as Uint8Array)
    state.delete(key)
  }
}
