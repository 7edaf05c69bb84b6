/** Decisions about insights. */
import { deriveUuid } from '@waggle/kernel'
import {
  checkNewInsight,
  checkVector,
  fault,
  float32Bytes,
  requiredField,
  type ExperienceId,
  type InsightId,
  type NewInsight,
} from '@waggle/protocol'
import type { Deciders } from '../../command/decider.ts'
import { event } from '../../event/events.ts'
import { LINK, linksKey } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { knownCollective } from '../collective/collective-commands.ts'
import type { StoredCollective } from '../collective/collective-rows.ts'
import { readInsightHead } from './insight-rows.ts'
import { checkEnd, checkRoom } from '../relation/link-checks.ts'

export const insightDeciders: Pick<Deciders, 'insight.store' | 'insight.delete'> = {
  'insight.store'({ collective, ...insight }, { view, tenant, key }) {
    checkNewInsight(insight, '')
    const stored = knownCollective(view, tenant, collective)
    const id = insight.id ?? deriveUuid(['insight', tenant, collective, 'store', key])
    const embedding = checkEvidence(view, stored, { ...insight, id, lostSources: [] }, '')
    return { events: [event('InsightStored', { ...insight, id, embedding })], result: { id } }
  },

  'insight.delete'({ collective, id }, { view, tenant }) {
    const { scope } = knownCollective(view, tenant, collective)
    if (readInsightHead(view, scope, id) === undefined)
      throw fault('NOT_FOUND', `insight not found id=${id}`, { entity: 'insight', id })
    return { events: [event('InsightDeleted', { id })], result: {} }
  },
}

/**
 * Whether an insight has its place in the collective: each source that is not lost, the embedding, its id, room at each
 * source, in this order.
 * @param prefix path of the insight inside the request
 * @returns the embedding as an event carries it
 * @throws Fault `NOT_FOUND`, `REQUIRED_FIELD`, `DIMENSION_MISMATCH`, `INVALID_FIELD`, `ALREADY_EXISTS`,
 *   `TOO_MANY_ITEMS`
 */
export const checkEvidence = (
  view: StateView,
  { collective, scope }: StoredCollective,
  insight: NewInsight & { readonly id: InsightId; readonly lostSources: readonly ExperienceId[] },
  prefix: string,
): Uint8Array => {
  const { id, sources, embedding } = insight
  const lost = new Set(insight.lostSources)
  const kept = [...sources.entries()].filter(([, source]) => !lost.has(source))
  const fieldOf = (index: number): string => `${prefix}sources[${index}]`
  for (const [index, source] of kept) checkEnd(view, scope, source, fieldOf(index))
  if (embedding === undefined) throw requiredField(`${prefix}embedding`)
  checkVector(embedding, collective.dimension, `${prefix}embedding`)
  if (readInsightHead(view, scope, id) !== undefined) throw insightTaken(id, prefix)
  for (const [index, source] of kept) checkRoom(view, linksKey(scope, LINK.evidence, source), fieldOf(index))
  return float32Bytes(embedding)
}

export const insightTaken = (id: InsightId, prefix: string) =>
  fault('ALREADY_EXISTS', `insight id is taken id=${id}`, { field: `${prefix}id`, entity: 'insight', id })
