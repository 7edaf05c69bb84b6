/** Reads of insights by id and in their order. */
import type { CollectiveId, Insight } from '@waggle/protocol'
import { engineFault } from '../../errors.ts'
import { mayExpire } from '../../expiry/expiry-rows.ts'
import { isExpired } from '../../expiry/is-expired.ts'
import type { Queries } from '../../query/querier.ts'
import { insightOrderKey, insightOrderPrefix, type Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { knownCollective } from '../collective/collective-commands.ts'
import { insightsAsOf } from './live-insights.ts'
import { insightOf, readInsight, readInsightEmbedding, type InsightRow } from './insight-rows.ts'
import { pageOf, type OrderTable } from '../pages.ts'

export const insightQueries: Pick<Queries, 'insight.get' | 'insight.list'> = {
  'insight.get'({ collective, id }, { reading: { state }, tenant, nowMs }) {
    const { scope } = knownCollective(state, tenant, collective)
    const row = insightsAsOf(state, scope, nowMs)(readInsight(state, scope, id))
    return row === undefined ? {} : { insight: shownInsight(state, scope, collective, row, true) }
  },

  async 'insight.list'({ collective, include, ...page }, { reading: { state }, tenant, generation, nowMs }) {
    const { scope } = knownCollective(state, tenant, collective)
    const asOf = insightsAsOf(state, scope, nowMs)
    const matches = (row: InsightRow): boolean => !isExpired(row.expiresAt, nowMs)
    return pageOf(insightOrder, { state, scope, collective, generation }, page, {
      ...(mayExpire(state, scope, 'insight') ? { matches } : {}),
      shown: (row) => shownInsight(state, scope, collective, asOf(row) ?? row, include.length > 0),
    })
  },
}

/** The order in which a collective's insights came. */
const insightOrder: OrderTable<InsightRow> = {
  entity: 'insight',
  prefix: insightOrderPrefix,
  key: insightOrderKey,
  read: readInsight,
}

/** What a caller sees of a row, with a copy of its embedding where it is asked for. */
export const shownInsight = (
  state: StateView,
  scope: Scope,
  collective: CollectiveId,
  row: InsightRow,
  withEmbedding: boolean,
): Insight => {
  if (!withEmbedding) return insightOf(collective, row)
  const embedding = readInsightEmbedding(state, scope, row.id)
  if (embedding === undefined)
    throw engineFault('CORRUPT', `embedding of an insight is missing id=${row.id}`, {
      ...{ entity: 'insight', id: row.id, part: 'embedding' },
    })
  return insightOf(collective, row, embedding)
}
