/** What the events of registered cursors do to the state. */
import type { Sequence } from '@waggle/protocol'
import type { Appliers, ApplyContext } from '../event/applier.ts'
import { JOURNAL_STORE, retentionKey, type Scope } from '../state/keyspace.ts'
import { abandonCursors, putCursor, removeCursor } from './cursor-rows.ts'

export const cursorAppliers: Pick<Appliers, 'CursorSaved' | 'CursorRegistered' | 'CursorDropped' | 'CursorsAbandoned'> =
  {
    CursorSaved({ store, name, sequence, index }, context) {
      const { state, scope, timeMs } = context
      putCursor(state, scope(), store, { name, address: { sequence: sequence as Sequence, index }, savedAt: timeMs })
      tellUpkeep(store, scope(), context)
    },

    CursorRegistered({ store, name, sequence, index, keepMs }, context) {
      const { state, scope, timeMs } = context
      const address = { sequence: sequence as Sequence, index }
      putCursor(state, scope(), store, { name, address, savedAt: timeMs, keepMs })
      tellUpkeep(store, scope(), context)
    },

    CursorDropped({ store, name }, context) {
      removeCursor(context.state, context.scope(), store, name)
      tellUpkeep(store, context.scope(), context)
    },

    CursorsAbandoned({ sequence, index, store, names }, context) {
      const { state, tenant, timeMs } = context
      const scope = { tenant, incarnation: { sequence: sequence as Sequence, index } }
      abandonCursors(state, { scope, store, names, timeMs })
      tellUpkeep(store, scope, context)
    },
  }

/** What a cursor on the keys' journal held may go, where a rule does not keep it. */
const tellUpkeep = (store: number, scope: Scope, { state, tell }: ApplyContext): void => {
  if (store === JOURNAL_STORE.keys && state.get(retentionKey(scope)) !== undefined) tell({ kind: 'upkeep', scope })
}
