/** The process entry of a shard process: what it is made of. */
import { connectNode, startShardNode } from '@waggle/cluster'
import { credentialsOf, processHost, runService, type ServiceDefinition } from '@waggle/service-host'
import { shardOptions } from './options.ts'

const VERSION = '0.1.0'

const shard: ServiceDefinition<typeof shardOptions> = {
  name: 'waggle-shard',
  version: VERSION,
  options: shardOptions,
  async start({ nats, node, dir, cluster, engine, index }, parts) {
    const name = `waggle-shard ${node}`
    const [role, log] = [credentialsOf(nats.user, nats.password), credentialsOf(nats.logUser, nats.logPassword)]
    const common = { ...parts, servers: nats.url, tls: nats.tls }
    const connection = await connectNode({ ...common, ...role, role: 'shard', name })
    const logConnection = await connectNode({ ...common, ...log, role: 'log', label: 'log', name: `${name} log` })
    const running = await startShardNode({
      ...parts,
      ...cluster,
      ...{ connection, logConnection, node, folder: dir, settings: engine, version: VERSION },
      indexBytesMax: index.bytesMax,
    })
    return {
      checks: () => running.checks(),
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
