/**
 * Decisions about vectors.
 *
 * V1  A batch is checked whole before anything of it is written: dimension, then components.
 * V2  Deleting what is not there is no change and no fault.
 * V3  A flush changes nothing, and is answered like a write: behind all that was asked for before it.
 */
import {
  checkDimension,
  checkFinite,
  float32Bytes,
  type CollectiveId,
  type LogEvent,
  type Uint64Text,
} from '@waggle/protocol'
import type { DecideContext, Deciders, Decision } from '../command/decider.ts'
import { event } from '../event/events.ts'
import { expirySets } from '../expiry/expiry-decisions.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { knownPoints, readDurability, vectorTable } from './point-rows.ts'

type VectorDeciders = Pick<Deciders, 'vectors.store' | 'vectors.delete' | 'vectors.flush' | 'vectors.configure'>

export const vectorDeciders: VectorDeciders = {
  'vectors.store'({ collective: id, items, ttlMs }, { view, tenant, timeMs }) {
    const { dimension } = knownCollective(view, tenant, id).collective
    // V1
    items.forEach(({ vector }, index) => {
      checkDimension(vector, dimension, `items[${index}].vector`)
    })
    items.forEach(({ vector }, index) => {
      checkFinite(vector, `items[${index}].vector`)
    })
    const vectors = items.map(({ id: point, vector }) => [point, float32Bytes(vector)] as const)
    const stored = some(items, event('VectorsStored', { items: vectors }))
    const expiring = pointLifetimes(id, 'vector', items, { ttlMs, timeMs })
    return { events: [...stored, ...expiring], result: { count: items.length } }
  },

  /** V2. */
  'vectors.delete'({ collective, ids }, { view, tenant, timeMs }) {
    const { scope } = knownCollective(view, tenant, collective)
    const known = knownPoints(view, scope, vectorTable, { ids, atMs: timeMs })
    return { events: some(known, event('VectorsDeleted', { ids: known })), result: {} }
  },

  'vectors.flush': ({ collective }, context) => barrier(collective, context),

  /** What was configured is told back; every mode is as durable as the store is. */
  'vectors.configure'({ collective, durability }, { view, tenant }) {
    const { scope } = knownCollective(view, tenant, collective)
    const isSo = readDurability(view, scope) === durability
    return { events: isSo ? [] : [event('VectorsConfigured', { durability })], result: {} }
  },
}

/** Of what was stored together, each id once. */
export const pointLifetimes = (
  collective: CollectiveId,
  table: 'vector' | 'payload',
  items: readonly { readonly id: Uint64Text }[],
  { ttlMs, timeMs }: { readonly ttlMs: number | undefined; readonly timeMs: number },
): readonly LogEvent[] =>
  expirySets(
    collective,
    table,
    [...new Set(items.map(({ id }) => id))].map((id) => [id, ttlMs] as const),
    timeMs,
  )

/** V3. */
export const barrier = (collective: CollectiveId, { view, tenant }: DecideContext): Decision<object> => {
  knownCollective(view, tenant, collective)
  return { events: [], result: {} }
}

/** The event of a list, where there is something in it. */
export const some = (items: readonly unknown[], happened: LogEvent): readonly LogEvent[] =>
  items.length === 0 ? [] : [happened]
