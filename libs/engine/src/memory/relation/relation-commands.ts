/**
 * Decisions about relations. All that a relation depends on is read by key, in the state that the decision's own group
 * has staged so far: of many that race for one triple exactly one is created.
 */
import { deriveUuid } from '@waggle/kernel'
import { checkNewRelation, fault, type NewRelation, type RelationId } from '@waggle/protocol'
import type { Deciders } from '../../command/decider.ts'
import { event } from '../../event/events.ts'
import { LINK, linksKey, type Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { knownCollective } from '../collective/collective-commands.ts'
import { checkEnd, checkRoom } from './link-checks.ts'
import { findRelation, readRelation } from './relation-rows.ts'

export const relationDeciders: Pick<Deciders, 'relation.create' | 'relation.delete'> = {
  'relation.create'({ collective, ...relation }, { view, tenant, key }) {
    checkNewRelation(relation, '')
    const { scope } = knownCollective(view, tenant, collective)
    const id = relation.id ?? deriveUuid(['relation', tenant, collective, 'create', key])
    checkPlace(view, scope, { ...relation, id }, '')
    return { events: [event('RelationCreated', { ...relation, id })], result: { id } }
  },

  'relation.delete'({ collective, id }, { view, tenant }) {
    const { scope } = knownCollective(view, tenant, collective)
    if (readRelation(view, scope, id) === undefined)
      throw fault('NOT_FOUND', `relation not found id=${id}`, { entity: 'relation', id })
    return { events: [event('RelationDeleted', { id })], result: {} }
  },
}

/**
 * Whether a relation has its place in the collective: its ends, its triple, its id, room at both ends, in this order.
 * @param prefix path of the relation inside the request
 * @throws Fault `NOT_FOUND`, `ALREADY_EXISTS`, `TOO_MANY_ITEMS`
 */
export const checkPlace = (
  view: StateView,
  scope: Scope,
  relation: NewRelation & { readonly id: RelationId },
  prefix: string,
): void => {
  const { id, source, target, type } = relation
  checkEnd(view, scope, source, `${prefix}source`)
  checkEnd(view, scope, target, `${prefix}target`)
  const existing = findRelation(view, scope, relation)
  if (existing !== undefined)
    throw fault('ALREADY_EXISTS', `there is such a relation already id=${existing} type=${type}`, {
      field: `${prefix}type`,
      entity: 'relation',
      id: existing,
    })
  if (readRelation(view, scope, id) !== undefined) throw relationTaken(id, prefix)
  checkRoom(view, linksKey(scope, LINK.outgoing, source), `${prefix}source`)
  checkRoom(view, linksKey(scope, LINK.incoming, target), `${prefix}target`)
}

export const relationTaken = (id: RelationId, prefix: string) =>
  fault('ALREADY_EXISTS', `relation id is taken id=${id}`, { field: `${prefix}id`, entity: 'relation', id })
