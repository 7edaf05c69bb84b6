/** Decisions about payloads; they keep the rules of `vector-commands.ts`. */
import type { Deciders } from '../command/decider.ts'
import { event } from '../event/events.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { knownPoints, payloadTable } from './point-rows.ts'
import { barrier, pointLifetimes, some } from './vector-commands.ts'

export const payloadDeciders: Pick<Deciders, 'payloads.store' | 'payloads.delete' | 'payloads.flush'> = {
  'payloads.store'({ collective, items, ttlMs }, { view, tenant, timeMs }) {
    knownCollective(view, tenant, collective)
    const expiring = pointLifetimes(collective, 'payload', items, { ttlMs, timeMs })
    return {
      events: [...some(items, event('PayloadsStored', { items })), ...expiring],
      result: { count: items.length },
    }
  },

  'payloads.delete'({ collective, ids }, { view, tenant, timeMs }) {
    const { scope } = knownCollective(view, tenant, collective)
    const known = knownPoints(view, scope, payloadTable, { ids, atMs: timeMs })
    return { events: some(known, event('PayloadsDeleted', { ids: known })), result: {} }
  },

  'payloads.flush': ({ collective }, context) => barrier(collective, context),
}
