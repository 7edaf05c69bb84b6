/** The process entry of a shard process: what it is made of. */
import { connectNode, startShardNode } from '@waggle/cluster'
import { processHost, runService, type ServiceDefinition } from '@waggle/service-host'
import { shardConfig, type ShardConfig } from './config.ts'

const VERSION = '0.1.0'

const shard: ServiceDefinition<ShardConfig> = {
  name: 'waggle-shard',
  version: VERSION,
  config: shardConfig,
  // An append under way is resolved first, which may take as long as its lease.
  drainMsMax: 20_000,
  async start({ servers, credentials, logCredentials, node, folder, settings, ...cluster }, parts) {
    const name = `waggle-shard ${node}`
    const connection = await connectNode({ ...parts, servers, ...credentials, role: 'shard', name })
    const logConnection = await connectNode({ ...parts, servers, ...logCredentials, role: 'log', name: `${name} log` })
    const running = await startShardNode({
      ...parts,
      ...cluster,
      ...{ connection, logConnection, node, folder, settings, version: VERSION },
    })
    return {
      async drain() {
        await running.drain()
        await connection.drain()
        await logConnection.close()
      },
      ended: Promise.race([connection.closed(), logConnection.closed()]),
    }
  },
}

await runService(shard, processHost(process))
