/** What the events of registered cursors do to the state. */
import type { Sequence } from '@waggle/protocol'
import type { Appliers } from '../event/applier.ts'
import { putCursor, removeCursor } from './cursor-rows.ts'

export const cursorAppliers: Pick<Appliers, 'CursorSaved' | 'CursorDropped'> = {
  CursorSaved({ store, name, sequence, index }, { state, scope, timeMs }) {
    putCursor(state, scope(), store, { name, address: { sequence: sequence as Sequence, index }, savedAt: timeMs })
  },

  CursorDropped({ store, name }, { state, scope }) {
    removeCursor(state, scope(), store, name)
  },
}
