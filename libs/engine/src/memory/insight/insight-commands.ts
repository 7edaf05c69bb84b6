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
  type LogEvent,
  type NewInsight,
} from '@waggle/protocol'
import type { Deciders } from '../../command/decider.ts'
import { event } from '../../event/events.ts'
import { expirySets } from '../../expiry/expiry-decisions.ts'
import { isExpired, unexpired } from '../../expiry/is-expired.ts'
import { LINK, linksKey } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { knownCollective } from '../collective/collective-commands.ts'
import type { StoredCollective } from '../collective/collective-rows.ts'
import { readInsightHead } from './insight-rows.ts'
import { checkEnd, makeRoom } from '../relation/link-checks.ts'

export const insightDeciders: Pick<Deciders, 'insight.store' | 'insight.delete'> = {
  'insight.store'({ collective, ttlMs, ...insight }, { view, tenant, timeMs, key }) {
    checkNewInsight(insight, '')
    const stored = knownCollective(view, tenant, collective)
    const id = insight.id ?? deriveUuid(['insight', tenant, collective, 'store', key])
    const { embedding, gone } = checkEvidence(view, { stored, atMs: timeMs }, { ...insight, id, lostSources: [] }, '')
    return {
      events: [
        ...gone,
        event('InsightStored', { ...insight, id, embedding }),
        ...expirySets(collective, 'insight', [[id, ttlMs]], timeMs),
      ],
      result: { id },
    }
  },

  'insight.delete'({ collective, id }, { view, tenant, timeMs }) {
    const { scope } = knownCollective(view, tenant, collective)
    if (unexpired(readInsightHead(view, scope, id), timeMs) === undefined)
      throw fault('NOT_FOUND', `insight not found id=${id}`, { entity: 'insight', id })
    return { events: [event('InsightDeleted', { id })], result: {} }
  },
}

/** Where and when an insight is to be: what has expired by then is not there. */
interface Then {
  readonly stored: StoredCollective
  readonly atMs: number
}

/**
 * Whether an insight has its place in the collective: each source that is not lost, the embedding, its id, room at each
 * source, in this order.
 * @param prefix path of the insight inside the request
 * @returns the embedding as an event carries it, and the events that remove insights which have expired in its place
 * @throws Fault `NOT_FOUND`, `REQUIRED_FIELD`, `DIMENSION_MISMATCH`, `INVALID_FIELD`, `ALREADY_EXISTS`,
 *   `TOO_MANY_ITEMS`
 */
export const checkEvidence = (
  view: StateView,
  { stored: { collective, scope }, atMs }: Then,
  insight: NewInsight & { readonly id: InsightId; readonly lostSources: readonly ExperienceId[] },
  prefix: string,
): { readonly embedding: Uint8Array; readonly gone: readonly LogEvent[] } => {
  const { id, sources, embedding } = insight
  const lost = new Set(insight.lostSources)
  const kept = [...sources.entries()].filter(([, source]) => !lost.has(source))
  const fieldOf = (index: number): string => `${prefix}sources[${index}]`
  for (const [index, source] of kept) checkEnd(view, { scope, atMs }, source, fieldOf(index))
  if (embedding === undefined) throw requiredField(`${prefix}embedding`)
  checkVector(embedding, collective.dimension, `${prefix}embedding`)
  const hasExpired = (other: InsightId): boolean => isExpired(readInsightHead(view, scope, other)?.expiresAt, atMs)
  const gone = new Set<InsightId>()
  if (hasExpired(id)) gone.add(id)
  else if (readInsightHead(view, scope, id) !== undefined) throw insightTaken(id, prefix)
  for (const [index, source] of kept)
    for (const other of makeRoom(view, linksKey(scope, LINK.evidence, source), fieldOf(index), hasExpired))
      gone.add(other)
  return {
    embedding: float32Bytes(embedding),
    gone: [...gone].map((other) => event('InsightDeleted', { id: other })),
  }
}

export const insightTaken = (id: InsightId, prefix: string) =>
  fault('ALREADY_EXISTS', `insight id is taken id=${id}`, { field: `${prefix}id`, entity: 'insight', id })
