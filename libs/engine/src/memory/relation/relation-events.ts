/** What the events of relations do to the state. */
import { present } from '@waggle/kernel'
import type { ApplyContext, Appliers } from '../../event/applier.ts'
import type { CreatedRelation } from '../../event/events.ts'
import { putJournalRow } from '../journal.ts'
import { eraseRelation, insertRelation, readRelation } from './relation-rows.ts'
import { addStatistics } from '../collective/statistics.ts'

export const relationAppliers: Pick<Appliers, 'RelationCreated' | 'RelationRestored' | 'RelationDeleted'> = {
  RelationCreated(body, context) {
    insert(context, body, context.timeMs)
  },

  RelationRestored(body, context) {
    insert(context, body, body.createdAt)
  },

  RelationDeleted({ id }, context) {
    const { state } = context
    const scope = context.scope()
    const row = present(readRelation(state, scope, id), 'relation of an event')
    const bytes = eraseRelation(state, scope, row)
    addStatistics(state, scope, { relationCount: -1, storageBytes: -bytes })
    putJournalRow(context, scope, { kind: 'deleted', entity: 'relation', id })
  },
}

const insert = (context: ApplyContext, body: CreatedRelation, createdAt: number): void => {
  const { state, address } = context
  const scope = context.scope()
  const storageBytes = insertRelation(state, scope, { ...body, createdAt, address })
  addStatistics(state, scope, { relationCount: 1, storageBytes })
  putJournalRow(context, scope, { kind: 'created', entity: 'relation', id: body.id })
}
