/**
 * All that an agent needs before it sets out.
 *
 * C1  Everything is of one moment: no relation leads to what is not there, no insight knows of what is not.
 * C2  Conditions and weights are of the experiences alone; relations and insights come as they are.
 * C3  Insights are found by meaning: words alone bring none.
 */
import { present, utf8Size } from '@waggle/kernel'
import { checkSearch, type Experience, type Relation, type RelationId } from '@waggle/protocol'
import { activeAgents } from '../memory/activity/activity-queries.ts'
import { recentExperiences } from '../memory/experience/experience-queries.ts'
import { liveRelations } from '../memory/relation/live-relations.ts'
import { incomingOf, outgoingOf, readRelation, relationOf } from '../memory/relation/relation-rows.ts'
import type { Queries } from '../query/querier.ts'
import { ReplyRoom } from '../query/reply-room.ts'
import { nearestInsights } from './insight-search.ts'
import { atNewestMoment, type Moment } from './moment.ts'
import { Recall } from './recall.ts'

export const contextQueries: Pick<Queries, 'context.get'> = {
  async 'context.get'(wanted, context) {
    const { collective: id, embedding, maxSimilar: k, include, filter = {} } = wanted
    checkSearch(wanted, k)
    const { settings, candidates, nowMs } = context
    const when = { settings, candidates, nowMs: wanted.now ?? nowMs, atMs: nowMs }
    const recall = new Recall({ ...wanted, k }, when)
    // C3
    const insightsNear = wanted.includeInsights ? embedding : undefined
    const found = await atNewestMoment(
      {
        ...{ collective: id, embedding },
        tables: [...recall.tables, ...(insightsNear === undefined ? [] : (['insight'] as const))],
        prepare: async (indexes, collective) => recall.prepare(indexes, collective),
      },
      context,
      (moment, indexes) => {
        const place = { state: moment.state, scope: moment.scope, collective: id }
        // C1. Begun first: while the store reads them, vectors are compared.
        const lists = Promise.all([
          recentExperiences(place, { limit: wanted.maxRecent, filter, include }, when.atMs),
          wanted.includeActiveAgents ? activeAgents({ ...place, ...when }) : [],
        ])
        // Should the search fail, nobody waits for them.
        lists.catch(() => undefined)
        const similar = recall.run(indexes, moment)
        const insights =
          insightsNear === undefined
            ? []
            : nearestInsights(indexes.insight, moment, { embedding: insightsNear, k, include }, when.atMs)
        return { moment, lists, similar, insights }
      },
    )
    const { similar, moment } = found
    const [recent, active] = await found.lists
    const experiences = [...similar.map(({ experience }) => experience), ...recent]
    return {
      similar,
      recent,
      insights: found.insights.map(({ insight }) => insight),
      relations: wanted.includeRelations ? relationsOf(experiences, moment, when.atMs) : [],
      activeAgents: active,
    }
  },
}

/** What a relation takes in a reply beside its metadata: its names, four ids, a number and a time. */
const RELATION_BYTES = 250

/**
 * Those that leave or end at the experiences, each once, in the order in which they are met: of each experience those
 * that leave it first.
 * @throws Fault `RESULT_TOO_LARGE` (K8)
 */
const relationsOf = (
  experiences: readonly Experience[],
  { state, scope, collective }: Moment,
  atMs: number,
): readonly Relation[] => {
  const isLive = liveRelations(state, scope, atMs)
  const relations = new Map<RelationId, Relation>()
  const room = new ReplyRoom()
  for (const id of new Set(experiences.map((experience) => experience.id)))
    for (const relationId of [...outgoingOf(state, scope, id), ...incomingOf(state, scope, id)]) {
      if (relations.has(relationId)) continue
      const row = present(readRelation(state, scope, relationId), 'relation of an experience')
      if (!isLive(row)) continue
      room.take(RELATION_BYTES + utf8Size(row.metadata ?? ''))
      relations.set(relationId, relationOf(collective.id, row))
    }
  return [...relations.values()]
}
