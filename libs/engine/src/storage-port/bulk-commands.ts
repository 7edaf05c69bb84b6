/**
 * Decisions of the storage port that remove many records of a collective: one step of a deletion that may be larger
 * than one batch should be (DESIGN K5). Whoever asks names the next records; a step takes as many as it may.
 */
import type { CollectiveId, ExperienceId, InsightId, LogEvent } from '@waggle/protocol'
import type { DecideContext, Decision } from '../command/decider.ts'
import { event } from '../event/events.ts'
import { readActivity } from '../memory/activity/activity-rows.ts'
import { deletionOf } from '../memory/experience/cascade.ts'
import { readCollective } from '../memory/collective/collective-rows.ts'
import { isExperience } from '../memory/experience/experience-rows.ts'
import { readInsightHead } from '../memory/insight/insight-rows.ts'

/**
 * Events of a step and sources of the insights that go, and what the last record brings along: some milliseconds of
 * `apply`.
 */
const STEP_SIZE = 1_024

export interface BulkStep {
  /** Records that this step removed; others had gone before. */
  readonly count: number
  /** How many of those that were named it has looked at: the next step goes on behind them. */
  readonly seen: number
}

export const bulkDeciders = {
  'storage.deleteExperiences'(
    { collective, ids }: { readonly collective: CollectiveId; readonly ids: readonly ExperienceId[] },
    { view, tenant }: DecideContext,
  ): Decision<BulkStep> {
    const scope = readCollective(view, tenant, collective)?.scope
    const relations = new Set<unknown>()
    return stepOver(ids, (id) => {
      if (scope === undefined || !isExperience(view, scope, id)) return []
      // A relation between two that go goes once.
      return deletionOf(view, scope, id).filter(([kind, { id: relation }]) => {
        if (kind !== 'RelationDeleted') return true
        const isFirst = !relations.has(relation)
        relations.add(relation)
        return isFirst
      })
    })
  },

  'storage.deleteInsights'(
    { collective, ids }: { readonly collective: CollectiveId; readonly ids: readonly InsightId[] },
    { view, tenant }: DecideContext,
  ): Decision<BulkStep> {
    const scope = readCollective(view, tenant, collective)?.scope
    const headOf = (id: InsightId) => scope && readInsightHead(view, scope, id)
    return stepOver(
      ids,
      (id) => (headOf(id) === undefined ? [] : [event('InsightDeleted', { id })]),
      // Each of its sources has a link to it.
      (id) => headOf(id)?.sources.length ?? 0,
    )
  },

  'storage.deleteActivities'(
    { collective, ids: agents }: { readonly collective: CollectiveId; readonly ids: readonly string[] },
    { view, tenant }: DecideContext,
  ): Decision<BulkStep> {
    const scope = readCollective(view, tenant, collective)?.scope
    return stepOver(agents, (agent) =>
      scope === undefined || readActivity(view, scope, agent) === undefined ? [] : [event('ActivityEnded', { agent })],
    )
  },
}

/**
 * @param eventsOf the events that remove a record; none where it is gone
 * @param linksOf what its removal takes beside its events
 */
const stepOver = <Id>(
  ids: readonly Id[],
  eventsOf: (id: Id) => readonly LogEvent[],
  linksOf: (id: Id) => number = () => 0,
): Decision<BulkStep> => {
  const events: LogEvent[] = []
  let [count, seen, links] = [0, 0, 0]
  for (const id of ids) {
    if (events.length + links >= STEP_SIZE) break
    const removing = eventsOf(id)
    events.push(...removing)
    links += linksOf(id)
    count += removing.length > 0 ? 1 : 0
    seen += 1
  }
  return { events, result: { count, seen } }
}
