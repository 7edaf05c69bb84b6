/**
 * Decisions about relations. All that a relation depends on is read by key, in the state that the decision's own group
 * has staged so far: of many that race for one triple exactly one is created.
 */
import { deriveUuid } from '@waggle/kernel'
import { checkNewRelation, fault, type LogEvent, type NewRelation, type RelationId } from '@waggle/protocol'
import type { Deciders } from '../../command/decider.ts'
import { event } from '../../event/events.ts'
import { expirySets } from '../../expiry/expiry-decisions.ts'
import { isExpired } from '../../expiry/is-expired.ts'
import { LINK, linksKey } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { knownCollective } from '../collective/collective-commands.ts'
import { checkEnd, makeRoom, type When } from './link-checks.ts'
import { liveRelations } from './live-relations.ts'
import { findRelation, readRelation } from './relation-rows.ts'

export const relationDeciders: Pick<Deciders, 'relation.create' | 'relation.delete'> = {
  'relation.create'({ collective, ttlMs, ...relation }, { view, tenant, timeMs, key }) {
    checkNewRelation(relation, '')
    const { scope } = knownCollective(view, tenant, collective)
    const id = relation.id ?? deriveUuid(['relation', tenant, collective, 'create', key])
    const gone = checkPlace(view, { scope, atMs: timeMs }, { ...relation, id }, '')
    return {
      events: [
        ...gone,
        event('RelationCreated', { ...relation, id }),
        ...expirySets(collective, 'relation', [[id, ttlMs]], timeMs),
      ],
      result: { id },
    }
  },

  'relation.delete'({ collective, id }, { view, tenant, timeMs }) {
    const { scope } = knownCollective(view, tenant, collective)
    const row = readRelation(view, scope, id)
    if (row === undefined || !liveRelations(view, scope, timeMs)(row))
      throw fault('NOT_FOUND', `relation not found id=${id}`, { entity: 'relation', id })
    return { events: [event('RelationDeleted', { id })], result: {} }
  },
}

/**
 * Whether a relation has its place in the collective: its ends, its triple, its id, room at both ends, in this order.
 * @param prefix path of the relation inside the request
 * @returns the events that remove relations which have expired and stand in its place: bounded as links are
 * @throws Fault `NOT_FOUND`, `ALREADY_EXISTS`, `TOO_MANY_ITEMS`
 */
export const checkPlace = (
  view: StateView,
  when: When,
  relation: NewRelation & { readonly id: RelationId },
  prefix: string,
): readonly LogEvent[] => {
  const { scope, atMs } = when
  const { id, source, target, type } = relation
  checkEnd(view, when, source, `${prefix}source`)
  checkEnd(view, when, target, `${prefix}target`)
  const existing = findRelation(view, scope, relation)
  const gone = new Set<RelationId>()
  const hasExpired = (other: RelationId): boolean => isExpired(readRelation(view, scope, other)?.expiresAt, atMs)
  if (existing !== undefined && hasExpired(existing)) gone.add(existing)
  else if (existing !== undefined)
    throw fault('ALREADY_EXISTS', `there is such a relation already id=${existing} type=${type}`, {
      field: `${prefix}type`,
      entity: 'relation',
      id: existing,
    })
  if (hasExpired(id)) gone.add(id)
  else if (readRelation(view, scope, id) !== undefined) throw relationTaken(id, prefix)
  for (const [link, end, field] of [
    [LINK.outgoing, source, `${prefix}source`],
    [LINK.incoming, target, `${prefix}target`],
  ] as const)
    for (const other of makeRoom(view, linksKey(scope, link, end), field, hasExpired)) gone.add(other)
  return [...gone].map((other) => event('RelationDeleted', { id: other }))
}

export const relationTaken = (id: RelationId, prefix: string) =>
  fault('ALREADY_EXISTS', `relation id is taken id=${id}`, { field: `${prefix}id`, entity: 'relation', id })
