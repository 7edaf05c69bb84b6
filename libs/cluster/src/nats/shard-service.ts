/** A shard node on its connections to NATS and its folder: how its process is composed. */
import { GraphHost } from '@waggle/engine'
import { levelDisk } from '../disk/level-disk.ts'
import { LOG_BYTES_MAX_DEFAULT } from '../log/stream-config.ts'
import { runShardNode, type ShardNode, type ShardNodeParts } from '../node/shard-node.ts'
import { leaveWhenCutOff } from './cut-off.ts'
import { jetStreamAccess } from './jetstream-access.ts'
import { connectionCheck } from '../readiness-check.ts'
import { registerService } from './micro-service.ts'
import { objectShelf } from './object-shelf.ts'
import type { NatsConnection } from '@nats-io/transport-node'

export interface ShardNodeOptions extends Omit<ShardNodeParts, 'access' | 'connection' | 'disk' | 'shelf'> {
  /** Takes requests and beats; it stays open. */
  readonly connection: NatsConnection
  /** Reads and appends logs; it stays open. */
  readonly logConnection: NatsConnection
  readonly folder: string
  /** Room of all checkpoints, bytes, which the servers set aside; default: twice that of all logs. */
  readonly checkpointBytesMax?: number
}

/** Two checkpoints of each shard are kept, and one is being written. */
const STATES_OF_LOGS = 2

/** @throws Fault as `runShardNode` */
export const startShardNode = async (options: ShardNodeOptions): Promise<ShardNode> => {
  const { connection, logConnection, folder, shards, clock, random, ids, logger, node, pid, version } = options
  const access = await jetStreamAccess(logConnection)
  const bytesMax =
    options.checkpointBytesMax ?? STATES_OF_LOGS * shards * (options.logBytesMax ?? LOG_BYTES_MAX_DEFAULT)
  const graphs = new GraphHost(logger)
  const cancelLook = leaveWhenCutOff({ ...options, access, requests: { connection, node, ids } })
  const running = await runShardNode({
    ...options,
    access,
    disk: levelDisk({ folder, shards, graphs, clock, random }),
    shelf: objectShelf({ ...options, access, bytesMax }),
  }).catch((error: unknown) => {
    cancelLook()
    throw error
  })
  await registerService(connection, {
    name: 'waggle-shard',
    version,
    description: 'Leads shards and answers their requests',
    metadata: { node, pid: String(pid) },
  }).catch((error: unknown) => {
    logger.warn('not registered as a micro service', { reason: String(error) })
  })
  return {
    checks: () => [
      connectionCheck('nats', connection),
      connectionCheck('nats.log', logConnection),
      ...running.checks(),
    ],
    async drain() {
      await running.drain()
      cancelLook()
      await graphs.close()
    },
  }
}
