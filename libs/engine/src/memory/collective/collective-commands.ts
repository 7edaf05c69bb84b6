/** Decisions about collectives. */
import { utf8Size } from '@waggle/kernel'
import {
  checkDecay,
  collectiveIdOfKey,
  collectiveIdsOfName,
  fault,
  invalidField,
  limits,
  requiredField,
  type Collective,
  type CollectiveId,
  type RequestOf,
  type TenantId,
} from '@waggle/protocol'
import type { DecideContext, Deciders, Decision } from '../../command/decider.ts'
import { event } from '../../event/events.ts'
import type { StateView } from '../../state/overlay.ts'
import { readStorage } from '../../storage-port/storage-rows.ts'
import { readCollective, readCollectiveIds, type StoredCollective } from './collective-rows.ts'
import { recallCollective } from './remembered-collectives.ts'

type NewCollective = RequestOf<'collective.getOrCreate'>

type CollectiveDeciders = Pick<
  Deciders,
  'collective.create' | 'collective.getOrCreate' | 'collective.update' | 'collective.delete'
>

export const collectiveDeciders: CollectiveDeciders = {
  'collective.create'({ id, ...fields }, context) {
    checkName(fields.name)
    return create(id ?? collectiveIdOfKey(context.tenant, context.key), fields, context)
  },

  'collective.getOrCreate'(fields, context) {
    const { view, tenant } = context
    checkName(fields.name)
    const existing = collectiveOfName(view, tenant, fields.name)
    if (existing === undefined) {
      const { events, result } = create(freeIdOfName(fields.name, context), fields, context)
      return { events, result: { ...result, created: true } }
    }
    const { collective } = existing
    if (collective.dimension !== fields.dimension)
      throw fault(
        'DIMENSION_MISMATCH',
        `collective has another dimension expected=${collective.dimension} got=${fields.dimension}`,
        { field: 'dimension', expected: collective.dimension, got: fields.dimension },
      )
    return { events: [], result: { collective, created: false } }
  },

  'collective.update'({ collective: id, ...changed }, { view, tenant, timeMs }) {
    if (changed.name !== undefined) checkName(changed.name)
    if (changed.decay !== undefined) checkDecay(changed.decay)
    const { collective } = knownCollective(view, tenant, id)
    if (Object.keys(changed).length === 0) return { events: [], result: { collective } }
    if (changed.name !== undefined && changed.name !== collective.name) checkRoom(view, tenant, changed.name)
    return {
      events: [event('CollectiveUpdated', { id, ...changed })],
      result: { collective: { ...collective, ...changed, updatedAt: timeMs } },
    }
  },

  /** Where the tenant's storage port was ever opened, its change log must tell what happened, whoever did it. */
  'collective.delete'({ collective: id }, { view, tenant }) {
    knownCollective(view, tenant, id)
    const told = readStorage(view, tenant) === undefined ? [] : [event('CollectiveDeletionTold', { id })]
    return { events: [event('CollectiveDeleted', { id }), ...told], result: {} }
  },
}

const create = (
  id: CollectiveId,
  fields: NewCollective,
  { view, tenant, timeMs }: DecideContext,
): Decision<{ readonly collective: Collective }> => {
  if (readCollective(view, tenant, id) !== undefined)
    throw fault('ALREADY_EXISTS', `collective id is taken id=${id}`, { field: 'id', entity: 'collective', id })
  checkRoom(view, tenant, fields.name)
  const body = { id, ...fields }
  return {
    events: [event('CollectiveCreated', body)],
    result: { collective: { ...body, createdAt: timeMs, updatedAt: timeMs } },
  }
}

/** One row of the state lists the collectives of a name. */
export const checkRoom = (view: StateView, tenant: TenantId, name: string): void => {
  const limit = limits.COLLECTIVES_PER_NAME_MAX
  if (readCollectiveIds(view, tenant, name).length >= limit)
    throw fault('TOO_MANY_OF_NAME', `too many collectives of that name limit=${limit}`, { field: 'name', limit })
}

/** The first id of the name that no collective has: one that was renamed keeps its id. */
const freeIdOfName = (name: string, { view, tenant, isOfThisShard }: DecideContext): CollectiveId => {
  for (const id of collectiveIdsOfName(tenant, name, isOfThisShard))
    if (readCollective(view, tenant, id) === undefined) return id
  throw fault('TOO_MANY_OF_NAME', 'too many collectives had that name', { field: 'name' })
}

/** PulseDB's order: empty, only white space, too long. */
export const checkName = (name: string): void => {
  if (name.length === 0) throw requiredField('name')
  if (name.trim().length === 0) throw invalidField('name', 'not only white space')
  const size = utf8Size(name)
  const limit = limits.COLLECTIVE_NAME_BYTES_MAX
  if (size > limit) throw invalidField('name', `at most ${limit} bytes`, { size, limit })
}

/** @throws Fault `NOT_FOUND` */
export const knownCollective = (view: StateView, tenant: TenantId, id: CollectiveId): StoredCollective => {
  const stored = recallCollective(view, tenant, id)
  if (stored === undefined) throw fault('NOT_FOUND', `collective not found id=${id}`, { entity: 'collective', id })
  return stored
}

/** The collective of that name, if there is one. @throws Fault `AMBIGUOUS_NAME` when there are several */
export const collectiveOfName = (view: StateView, tenant: TenantId, name: string): StoredCollective | undefined => {
  const ids = readCollectiveIds(view, tenant, name)
  if (ids.length > 1)
    throw fault('AMBIGUOUS_NAME', `several collectives carry that name count=${ids.length}`, {
      field: 'name',
      count: ids.length,
      ids: ids.slice(0, 10),
    })
  const [id] = ids
  return id === undefined ? undefined : readCollective(view, tenant, id)
}
