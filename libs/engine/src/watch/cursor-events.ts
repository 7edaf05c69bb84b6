/** What the events of registered cursors do to the state. */
import type { Sequence } from '@waggle/protocol'
import type { Appliers, ApplyContext } from '../event/applier.ts'
import { JOURNAL_STORE, retentionKey } from '../state/keyspace.ts'
import { putCursor, removeCursor } from './cursor-rows.ts'

export const cursorAppliers: Pick<Appliers, 'CursorSaved' | 'CursorDropped'> = {
  CursorSaved({ store, name, sequence, index }, context) {
    const { state, scope, timeMs } = context
    putCursor(state, scope(), store, { name, address: { sequence: sequence as Sequence, index }, savedAt: timeMs })
    tellUpkeep(store, context)
  },

  CursorDropped({ store, name }, context) {
    removeCursor(context.state, context.scope(), store, name)
    tellUpkeep(store, context)
  },
}

/** What a cursor on the keys' journal held may go, where a rule does not keep it. */
const tellUpkeep = (store: number, { state, scope, tell }: ApplyContext): void => {
  if (store === JOURNAL_STORE.keys && state.get(retentionKey(scope())) !== undefined)
    tell({ kind: 'upkeep', scope: scope() })
}
