/** Decisions of the storage port about relations, insights and activities. */
import {
  checkActivity,
  checkNewInsight,
  checkNewRelation,
  type Activity,
  type CollectiveId,
  type ExperienceId,
} from '@waggle/protocol'
import type { DecideContext, Decision } from '../command/decider.ts'
import { event } from '../event/events.ts'
import { readActivity } from '../memory/activity/activity-rows.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { readCollective } from '../memory/collective/collective-rows.ts'
import { isExperience } from '../memory/experience/experience-rows.ts'
import { checkEvidence } from '../memory/insight/insight-commands.ts'
import { eraseInsight, readInsight } from '../memory/insight/insight-rows.ts'
import { checkPlace } from '../memory/relation/relation-commands.ts'
import { eraseRelation, incomingOf, outgoingOf, readRelation } from '../memory/relation/relation-rows.ts'
import type { DerivedInsight, ExperienceRelation } from './storage-records.ts'
import { Overlay } from '../state/overlay.ts'
import { absent, type Found, type OfCollective } from './record-commands.ts'

export const linkDeciders = {
  /** Judged as if it came anew to a collective that has never had it. */
  'storage.saveRelation'(
    { collective, relation }: { readonly collective: CollectiveId; readonly relation: ExperienceRelation },
    { view, tenant }: DecideContext,
  ): Decision<object> {
    checkNewRelation(relation, '')
    const { scope } = knownCollective(view, tenant, collective)
    const without = new Overlay(view)
    const before = readRelation(view, scope, relation.id)
    if (before !== undefined) eraseRelation(without, scope, before)
    checkPlace(without, { scope, atMs: 0 }, relation, '')
    return { events: [event('RelationSaved', relation)], result: {} }
  },

  'storage.deleteRelation'({ collective, id }: OfCollective, { view, tenant }: DecideContext): Decision<Found> {
    const stored = readCollective(view, tenant, collective)
    if (stored === undefined || readRelation(view, stored.scope, id) === undefined) return absent
    return { events: [event('RelationDeleted', { id })], result: { found: true } }
  },

  /** Bounded by how many relations one experience may have. */
  'storage.deleteRelations'(
    { collective, id }: OfCollective,
    { view, tenant }: DecideContext,
  ): Decision<{ readonly count: number }> {
    const stored = readCollective(view, tenant, collective)
    if (stored === undefined) return { events: [], result: { count: 0 } }
    const ids = [...outgoingOf(view, stored.scope, id), ...incomingOf(view, stored.scope, id)]
    return { events: ids.map((relation) => event('RelationDeleted', { id: relation })), result: { count: ids.length } }
  },

  /** A source that is not there is one that the insight has lost. */
  'storage.saveInsight'({ collective, ...insight }: DerivedInsight, { view, tenant }: DecideContext): Decision<object> {
    checkNewInsight(insight, '')
    const stored = knownCollective(view, tenant, collective)
    const { scope } = stored
    const without = new Overlay(view)
    const before = readInsight(view, scope, insight.id)
    if (before !== undefined) eraseInsight(without, scope, before)
    const missing = new Set(insight.sources.filter((source) => !isExperience(view, scope, source)))
    const lostBefore = (before?.lostSources ?? []).filter((source) => missing.has(source))
    const lostSources: readonly ExperienceId[] = [...new Set([...lostBefore, ...missing])]
    const { embedding } = checkEvidence(without, { stored, atMs: 0 }, { ...insight, lostSources }, '')
    return { events: [event('InsightSaved', { ...insight, embedding, lostSources })], result: {} }
  },

  'storage.deleteInsight'({ collective, id }: OfCollective, { view, tenant }: DecideContext): Decision<Found> {
    const stored = readCollective(view, tenant, collective)
    if (stored === undefined || readInsight(view, stored.scope, id) === undefined) return absent
    return { events: [event('InsightDeleted', { id })], result: { found: true } }
  },

  'storage.saveActivity'({ collective, ...activity }: Activity, { view, tenant }: DecideContext): Decision<object> {
    checkActivity(activity)
    knownCollective(view, tenant, collective)
    return { events: [event('ActivitySaved', activity)], result: {} }
  },

  'storage.deleteActivity'(
    { collective, agent }: { readonly collective: CollectiveId; readonly agent: string },
    { view, tenant }: DecideContext,
  ): Decision<Found> {
    const stored = readCollective(view, tenant, collective)
    if (stored === undefined || readActivity(view, stored.scope, agent) === undefined) return absent
    return { events: [event('ActivityEnded', { agent })], result: { found: true } }
  },
}
