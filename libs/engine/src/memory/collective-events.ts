/** What the events of collectives do to the state. */
import type { Sequence } from '@waggle/protocol'
import type { Appliers } from '../event/applier.ts'
import { tombstoneKey, type Scope } from '../state/keyspace.ts'
import { encodeRow } from '../state/rows.ts'
import { putCollective, removeCollective } from './collective-rows.ts'
import { putJournalRow } from './journal.ts'

type CollectiveAppliers = Pick<Appliers, 'CollectiveCreated' | 'CollectiveDeleted' | 'CollectiveSwept'>

export const collectiveAppliers: CollectiveAppliers = {
  CollectiveCreated(body, { state, tenant, address, timeMs }) {
    const scope: Scope = { tenant, incarnation: address }
    putCollective(state, { collective: { ...body, createdAt: timeMs, updatedAt: timeMs }, scope })
    putJournalRow(state, scope, address, { kind: 'created', entity: 'collective', id: body.id, timeMs })
  },

  CollectiveDeleted({ id }, { state, tenant, address, timeMs, index }) {
    const { scope } = removeCollective(state, tenant, id)
    state.put(tombstoneKey(scope), encodeRow([id, timeMs]))
    putJournalRow(state, scope, address, { kind: 'deleted', entity: 'collective', id, timeMs })
    index({ kind: 'drop', scope })
  },

  CollectiveSwept({ sequence, index, keys, last }, { state, tenant }) {
    for (const key of keys) state.delete(key)
    if (last) state.delete(tombstoneKey({ tenant, incarnation: { sequence: sequence as Sequence, index } }))
  },
}
