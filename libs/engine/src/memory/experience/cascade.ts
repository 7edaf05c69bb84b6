/**
 * What goes with an experience. No relation may lead to nothing, and an insight must say that evidence of it is gone:
 * in the same batch, as events of their own, so that the journal has a row for each (P3, P6).
 *
 * It is bounded: `LINKS_PER_EXPERIENCE_MAX` in each of three directions (DESIGN K5). The decision sees what commands
 * before it have staged, so of two experiences that go together their relation goes once.
 */
import type { ExperienceId, LogEvent } from '@waggle/protocol'
import { event } from '../../event/events.ts'
import type { Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { insightsOn } from '../insight/insight-rows.ts'
import { incomingOf, outgoingOf } from '../relation/relation-rows.ts'

/** The same of several: of two that go together their relation goes once. */
export const deletionsOf = (view: StateView, scope: Scope, ids: readonly ExperienceId[]): readonly LogEvent[] => {
  const relations = new Set<unknown>()
  return ids.flatMap((id) =>
    deletionOf(view, scope, id).filter(([kind, { id: relation }]) => {
      if (kind !== 'RelationDeleted') return true
      const isFirst = !relations.has(relation)
      relations.add(relation)
      return isFirst
    }),
  )
}

/** The events of deleting an experience that is there. */
export const deletionOf = (view: StateView, scope: Scope, id: ExperienceId): readonly LogEvent[] => [
  ...[...outgoingOf(view, scope, id), ...incomingOf(view, scope, id)].map((relation) =>
    event('RelationDeleted', { id: relation }),
  ),
  ...insightsOn(view, scope, id).map((insight) => event('InsightStaled', { id: insight, source: id })),
  event('ExperienceDeleted', { id }),
]
