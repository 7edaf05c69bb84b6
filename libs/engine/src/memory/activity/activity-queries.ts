/** Reads of activities. */
import { utf8Size } from '@waggle/kernel'
import type { Activity, CollectiveId } from '@waggle/protocol'
import type { Queries, QueryContext } from '../../query/querier.ts'
import { ReplyRoom } from '../../query/reply-room.ts'
import type { Scope } from '../../state/keyspace.ts'
import type { StoreReader } from '../../store/key-value-store.ts'
import { activityOf, scanActivities } from './activity-rows.ts'
import { knownCollective } from '../collective/collective-commands.ts'

export const activityQueries: Pick<Queries, 'activity.active'> = {
  async 'activity.active'({ collective, now }, { reading: { state }, tenant, settings, nowMs }) {
    const { scope } = knownCollective(state, tenant, collective)
    return { items: await activeAgents({ state, scope, collective, nowMs: now ?? nowMs, settings }) }
  },
}

interface ActiveAgentsQuery extends Pick<QueryContext, 'nowMs' | 'settings'> {
  readonly state: StoreReader
  readonly scope: Scope
  readonly collective: CollectiveId
}

/**
 * Who gave a sign of life lately enough: newest heartbeat first, ties by the bytes of the agent.
 * @throws Fault `RESULT_TOO_LARGE` (K8): a list that leaves some out would say that they are gone
 */
export const activeAgents = async (query: ActiveAgentsQuery): Promise<readonly Activity[]> => {
  const { state, scope, collective, nowMs, settings } = query
  const active: Activity[] = []
  const room = new ReplyRoom()
  for await (const row of scanActivities(state, scope)) {
    if (row.lastHeartbeat < nowMs - settings.activityStaleMs) continue
    const activity = activityOf(collective, row)
    room.take(utf8Size(JSON.stringify(activity)))
    active.push(activity)
  }
  return active.sort((left, right) => right.lastHeartbeat - left.lastHeartbeat)
}
