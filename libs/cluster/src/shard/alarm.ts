/** Tells the other replicas of a shard that its log contradicts what was applied here (DESIGN L2). */
import type { Fault } from '@waggle/kernel'
import { alarmSubject, encodeClusterMessage, type ShardAlarm } from '@waggle/protocol'
import type { Bus } from '../nats/bus.ts'
import type { Replica } from '../replica/replica.ts'

interface AlarmParts {
  readonly shard: number
  readonly node: string
  readonly connection: Bus
}

export const raiseAlarm = (
  { shard, node, connection }: AlarmParts,
  replica: Pick<Replica, 'engine'> | undefined,
  found: Fault,
): void => {
  // A client that is closed throws, and the process is about to end.
  if (replica === undefined || connection.isClosed()) return
  const { epoch } = replica.engine.position
  const alarm: ShardAlarm = { kind: 'alarm', shard, node, epoch, fault: found.toJSON() }
  connection.publish(alarmSubject(shard), encodeClusterMessage(alarm))
}
