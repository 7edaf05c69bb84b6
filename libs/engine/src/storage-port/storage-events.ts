/**
 * What the events of the storage port do to the state. A record that is written again keeps its address, so it has its
 * place among those of the same time; what led to its old form goes with it.
 */
import { present } from '@waggle/kernel'
import { float32FromBytes, type Sequence } from '@waggle/protocol'
import type { ApplyContext, Appliers } from '../event/applier.ts'
import type { EventBodies } from '../event/events.ts'
import { putActivity } from '../memory/activity/activity-rows.ts'
import { putCollective, readCollective, replaceCollective } from '../memory/collective/collective-rows.ts'
import {
  eraseExperience,
  insertExperience,
  readExperience,
  replaceExperience,
  type ExperienceRow,
} from '../memory/experience/experience-rows.ts'
import { eraseInsight, insertInsight, insightFacets, readInsight } from '../memory/insight/insight-rows.ts'
import { putJournalRow } from '../memory/journal.ts'
import { insertRelation, readRelation, replaceRelation } from '../memory/relation/relation-rows.ts'
import { addStatistics } from '../memory/collective/statistics.ts'
import { embeddingKey, tenantScope } from '../state/keyspace.ts'
import { putStorage, putSyncCursor, readStorage } from './storage-rows.ts'

type StorageAppliers = Pick<
  Appliers,
  | 'CollectiveSaved'
  | 'CollectiveDeletionTold'
  | 'ExperienceSaved'
  | 'EmbeddingSaved'
  | 'RelationSaved'
  | 'InsightSaved'
  | 'ActivitySaved'
  | 'StorageOpened'
  | 'SyncCursorSaved'
  | 'SyncCursorDropped'
>

export const storageAppliers: StorageAppliers = {
  CollectiveSaved(collective, context) {
    const { state, tenant, address, tell } = context
    const before = readCollective(state, tenant, collective.id)
    const scope = before?.scope ?? { tenant, incarnation: address }
    if (before === undefined) putCollective(state, { collective, scope })
    else replaceCollective(state, { collective, scope }, before.collective.name)
    putJournalRow(context, scope, { kind: 'created', entity: 'collective', id: collective.id })
    // Its indexes are as wide as it was, with nothing in them, and its texts were in another language.
    if (before !== undefined && before.collective.dimension !== collective.dimension) tell({ kind: 'drop', scope })
    else if (before?.collective.language !== collective.language) tell({ kind: 'drop', scope, only: 'text' })
  },

  CollectiveDeletionTold({ id }, context) {
    putJournalRow(context, tenantScope(context.tenant), { kind: 'deleted', entity: 'collective', id })
  },

  ExperienceSaved: saveExperience,

  EmbeddingSaved({ id, embedding: bytes }, context) {
    const { state, tell } = context
    const scope = context.scope()
    const row = present(readExperience(state, scope, id), 'experience of an event')
    const embedding = float32FromBytes(bytes)
    state.put(embeddingKey(scope, id), bytes)
    addStatistics(state, scope, {
      storageBytes: replaceExperience(state, scope, { ...row, version: row.version + 1 }),
    })
    putJournalRow(context, scope, { kind: 'updated', entity: 'experience', id, facets: row })
    tell({ kind: 'put', table: 'experience', scope, row, embedding })
  },

  RelationSaved(body, context) {
    const { state, address } = context
    const scope = context.scope()
    const before = readRelation(state, scope, body.id)
    const row = { ...body, address: before?.address ?? address }
    const storageBytes =
      before === undefined ? insertRelation(state, scope, row) : replaceRelation(state, scope, before, row)
    addStatistics(state, scope, { relationCount: before === undefined ? 1 : 0, storageBytes })
    putJournalRow(context, scope, { kind: 'created', entity: 'relation', id: body.id })
  },

  InsightSaved({ embedding: bytes, ...body }, context) {
    const { state, address, tell } = context
    const scope = context.scope()
    const before = readInsight(state, scope, body.id)
    const gone = before === undefined ? 0 : eraseInsight(state, scope, before)
    const embedding = float32FromBytes(bytes)
    const row = { ...body, address: before?.address ?? address }
    const storageBytes = insertInsight(state, scope, row, embedding) - gone
    addStatistics(state, scope, { insightCount: before === undefined ? 1 : 0, storageBytes })
    putJournalRow(context, scope, { kind: 'created', entity: 'insight', id: body.id, facets: insightFacets(row) })
    tell({ kind: 'put', table: 'insight', scope, id: body.id, embedding })
  },

  ActivitySaved(row, { state, scope }) {
    putActivity(state, scope(), row)
  },

  StorageOpened({ dimension }, { state, tenant, timeMs }) {
    const createdAt = readStorage(state, tenant)?.createdAt ?? timeMs
    putStorage(state, tenant, { dimension, createdAt, lastOpenedAt: timeMs })
  },

  SyncCursorSaved({ instance, sequence, index }, { state, tenant }) {
    putSyncCursor(state, tenant, instance, { sequence: sequence as Sequence, index })
  },

  SyncCursorDropped({ instance }, { state, tenant }) {
    putSyncCursor(state, tenant, instance, undefined)
  },
}

function saveExperience({ embedding: bytes, ...body }: EventBodies['ExperienceSaved'], context: ApplyContext): void {
  const { state, address, tell } = context
  const scope = context.scope()
  const { id, archived } = body
  const before = readExperience(state, scope, id)
  const row: ExperienceRow = { ...body, version: (before?.version ?? 0) + 1, address: before?.address ?? address }
  const gone = before === undefined ? 0 : eraseExperience(state, scope, before)
  const embedding = float32FromBytes(bytes)
  addStatistics(state, scope, {
    experienceCount: before === undefined ? 1 : 0,
    archivedCount: Number(archived) - Number(before?.archived ?? false),
    storageBytes: insertExperience(state, scope, row, embedding) - gone,
  })
  putJournalRow(context, scope, { kind: 'created', entity: 'experience', id, facets: row })
  tell({ kind: 'put', table: 'experience', scope, row, embedding })
}
