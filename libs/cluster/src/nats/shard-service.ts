/** A shard node on its connections to NATS and its folder: how its process is composed. */
import { levelDisk } from '../disk/level-disk.ts'
import { runShardNode, type ShardNode, type ShardNodeParts } from '../shard/shard-node.ts'
import { jetStreamAccess } from './jetstream-access.ts'
import { registerService } from './micro-service.ts'
import { objectShelf } from './object-shelf.ts'
import type { NatsConnection } from '@nats-io/transport-node'

export interface ShardNodeOptions extends Omit<ShardNodeParts, 'access' | 'connection' | 'disk' | 'shelf'> {
  /** Takes requests and beats; it stays open. */
  readonly connection: NatsConnection
  /** Reads and appends logs; it stays open. */
  readonly logConnection: NatsConnection
  readonly folder: string
}

/** @throws Fault as `runShardNode` */
export const startShardNode = async (options: ShardNodeOptions): Promise<ShardNode> => {
  const { connection, logConnection, folder, shards, clock, random, logger, node, pid, version } = options
  const running = await runShardNode({
    ...options,
    access: await jetStreamAccess(logConnection),
    disk: levelDisk({ folder, shards, clock, random }),
    shelf: objectShelf(),
  })
  await registerService(connection, {
    name: 'waggle-shard',
    version,
    description: 'Leads shards and answers their requests',
    metadata: { node, pid: String(pid) },
  }).catch((error: unknown) => {
    logger.warn('not registered as a micro service', { reason: String(error) })
  })
  return running
}
