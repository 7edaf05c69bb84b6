/** What the events of collectives do to the state. */
import { present } from '@waggle/kernel'
import type { Sequence } from '@waggle/protocol'
import type { Appliers } from '../../event/applier.ts'
import { readExpiring } from '../../expiry/expiry-rows.ts'
import { expiringKey, tombstoneKey, type Scope } from '../../state/keyspace.ts'
import { encodeRow } from '../../state/rows.ts'
import { putCollective, readCollective, removeCollective, replaceCollective } from './collective-rows.ts'
import { putJournalRow } from '../journal.ts'

type CollectiveAppliers = Pick<
  Appliers,
  'CollectiveCreated' | 'CollectiveUpdated' | 'CollectiveDeleted' | 'CollectiveSwept'
>

export const collectiveAppliers: CollectiveAppliers = {
  CollectiveCreated(body, context) {
    const { state, tenant, address, timeMs } = context
    const scope: Scope = { tenant, incarnation: address }
    putCollective(state, { collective: { ...body, createdAt: timeMs, updatedAt: timeMs }, scope })
    putJournalRow(context, scope, { kind: 'created', entity: 'collective', id: body.id })
  },

  CollectiveUpdated({ id, ...changed }, context) {
    const { state, tenant, timeMs, tell } = context
    const { collective, scope } = present(readCollective(state, tenant, id), 'collective of an event')
    replaceCollective(state, { collective: { ...collective, ...changed, updatedAt: timeMs }, scope }, collective.name)
    putJournalRow(context, scope, { kind: 'updated', entity: 'collective', id })
    if (changed.language !== undefined && changed.language !== collective.language)
      tell({ kind: 'drop', scope, only: 'text' })
  },

  CollectiveDeleted({ id }, context) {
    const { state, tenant, timeMs, tell } = context
    const { scope } = removeCollective(state, tenant, id)
    state.put(tombstoneKey(scope), encodeRow([id, timeMs]))
    if (readExpiring(state, scope) !== undefined) state.delete(expiringKey(scope))
    putJournalRow(context, scope, { kind: 'deleted', entity: 'collective', id })
    tell({ kind: 'drop', scope })
  },

  CollectiveSwept({ sequence, index, keys, last }, { state, tenant }) {
    for (const key of keys) state.delete(key)
    if (last) state.delete(tombstoneKey({ tenant, incarnation: { sequence: sequence as Sequence, index } }))
  },
}
