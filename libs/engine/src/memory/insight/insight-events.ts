/** What the events of insights do to the state. */
import { present } from '@waggle/kernel'
import { float32FromBytes, type InsightId } from '@waggle/protocol'
import type { ApplyContext, Appliers } from '../../event/applier.ts'
import type { StoredInsight } from '../../event/events.ts'
import {
  eraseInsight,
  insertInsight,
  insightFacets,
  loseSource,
  readInsightHead,
  type InsightHead,
  type InsightRow,
} from './insight-rows.ts'
import { putJournalRow } from '../journal.ts'
import { addStatistics } from '../collective/statistics.ts'

type InsightAppliers = Pick<Appliers, 'InsightStored' | 'InsightRestored' | 'InsightDeleted' | 'InsightStaled'>

export const insightAppliers: InsightAppliers = {
  InsightStored(body, context) {
    const { timeMs } = context
    insert(context, body, { createdAt: timeMs, updatedAt: timeMs, lostSources: [] })
  },

  InsightRestored(body, context) {
    const { createdAt, updatedAt, lostSources } = body
    insert(context, body, { createdAt, updatedAt, lostSources })
  },

  InsightDeleted({ id }, context) {
    const { state, tell } = context
    const scope = context.scope()
    const row = stored(context, id)
    const bytes = eraseInsight(state, scope, row)
    addStatistics(state, scope, { insightCount: -1, storageBytes: -bytes })
    putJournalRow(context, scope, { kind: 'deleted', entity: 'insight', id, facets: insightFacets(row) })
    tell({ kind: 'remove', table: 'insight', scope, id })
  },

  InsightStaled({ id, source }, context) {
    const { state, timeMs } = context
    const scope = context.scope()
    const row = stored(context, id)
    addStatistics(state, scope, { storageBytes: loseSource(state, scope, row, { source, timeMs }) })
    putJournalRow(context, scope, { kind: 'updated', entity: 'insight', id, facets: insightFacets(row) })
  },
}

const insert = (
  context: ApplyContext,
  body: StoredInsight,
  fields: Pick<InsightRow, 'createdAt' | 'updatedAt' | 'lostSources'>,
): void => {
  const { state, address, tell } = context
  const scope = context.scope()
  const { id, content, sources, type, confidence, domain } = body
  const embedding = float32FromBytes(body.embedding)
  const row: InsightRow = { id, content, sources, type, confidence, domain, ...fields, address }
  const storageBytes = insertInsight(state, scope, row, embedding)
  addStatistics(state, scope, { insightCount: 1, storageBytes })
  putJournalRow(context, scope, { kind: 'created', entity: 'insight', id, facets: insightFacets(row) })
  tell({ kind: 'put', table: 'insight', scope, id, embedding })
}

const stored = ({ state, scope }: ApplyContext, id: InsightId): InsightHead =>
  present(readInsightHead(state, scope(), id), 'insight of an event')
