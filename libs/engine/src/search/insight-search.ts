/** Search for insights by meaning: all of a collective's, without conditions. */
import { present, type Uuid } from '@waggle/kernel'
import { checkVector, type InsightHit } from '@waggle/protocol'
import type { VectorIndex } from '../index/vector-index.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { shownInsight } from '../memory/insight/insight-queries.ts'
import { insightsAsOf } from '../memory/insight/live-insights.ts'
import { readInsight, type InsightRow } from '../memory/insight/insight-rows.ts'
import type { Queries } from '../query/querier.ts'
import { atNewestMoment, type Moment } from './moment.ts'

export const insightSearchQueries: Pick<Queries, 'insight.search'> = {
  async 'insight.search'({ collective, ...wanted }, context) {
    const { embedding, k } = wanted
    if (k === 0) {
      const known = knownCollective(context.reading.state, context.tenant, collective)
      checkVector(embedding, known.collective.dimension, 'embedding')
      return { results: [] }
    }
    return atNewestMoment({ collective, embedding, tables: ['insight'] }, context, (moment, { insight }) => ({
      results: nearestInsights(insight, moment, wanted, context.nowMs),
    }))
  },
}

interface InsightRecall {
  readonly embedding: Float32Array
  readonly k: number
  readonly include: readonly 'embedding'[]
}

/** The k nearest, nearest first. */
export const nearestInsights = (
  index: VectorIndex,
  { state, scope, collective }: Moment,
  { embedding, k, include }: InsightRecall,
  atMs: number,
): readonly InsightHit[] => {
  const rows = new Map<Uuid, InsightRow>()
  const asOf = insightsAsOf(state, scope, atMs)
  const accept = (id: Uuid): boolean => {
    const row = asOf(present(readInsight(state, scope, id), 'insight of the index'))
    if (row !== undefined) rows.set(id, row)
    return row !== undefined
  }
  return index.search({ embedding, k, accept }).map(({ id, similarity }) => {
    const row = rows.get(id) as InsightRow
    return { insight: shownInsight(state, scope, collective.id, row, include.length > 0), similarity }
  })
}
