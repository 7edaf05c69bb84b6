/** What agents do in a collective, as rows of the state: one an agent. */
import type { Activity, CollectiveId } from '@waggle/protocol'
import { activityKey, activityPrefix, type Scope } from '../../state/keyspace.ts'
import type { MutableState, StateView } from '../../state/overlay.ts'
import { decodeRow, encodeRow } from '../../state/rows.ts'
import type { StoreReader } from '../../store/key-value-store.ts'
import { prefixRange } from '../../store/prefix-range.ts'

export type ActivityRow = Omit<Activity, 'collective'>

const decodeActivity = (agent: string, bytes: Uint8Array): ActivityRow => {
  const [task, summary, startedAt, lastHeartbeat] = decodeRow(bytes)
  return {
    agent,
    ...(task === null ? {} : { task: task as string }),
    ...(summary === null ? {} : { summary: summary as string }),
    startedAt: startedAt as number,
    lastHeartbeat: lastHeartbeat as number,
  }
}

export const readActivity = (state: StateView, scope: Scope, agent: string): ActivityRow | undefined => {
  const bytes = state.get(activityKey(scope, agent))
  return bytes === undefined ? undefined : decodeActivity(agent, bytes)
}

export const putActivity = (state: MutableState, scope: Scope, row: ActivityRow): void => {
  const { agent, task, summary, startedAt, lastHeartbeat } = row
  state.put(activityKey(scope, agent), encodeRow([task ?? null, summary ?? null, startedAt, lastHeartbeat]))
}

export const eraseActivity = (state: MutableState, scope: Scope, agent: string): void => {
  state.delete(activityKey(scope, agent))
}

/** In the order of the agents' bytes. */
export async function* scanActivities(state: StoreReader, scope: Scope): AsyncGenerator<ActivityRow> {
  const prefix = activityPrefix(scope)
  for await (const [key, bytes] of state.scan(prefixRange(prefix)))
    yield decodeActivity(Buffer.from(key.subarray(prefix.length)).toString('utf8'), bytes)
}

/** What a caller sees of a row. */
export const activityOf = (collective: CollectiveId, row: ActivityRow): Activity => ({ ...row, collective })
