/** The process entry: the only file that reads the environment and listens to signals. */
import process from 'node:process'
import { connectNode, startShardNode } from '@waggle/cluster'
import { limits } from '@waggle/protocol'
import { processHost, runService, type Environment } from '@waggle/service-host'

const VERSION = '0.1.0'
const NODE = { pattern: /^[A-Za-z0-9_-]{1,64}$/, expected: '1..64 of A-Z a-z 0-9 _ -' }
/** Copies that JetStream keeps of a stream. */
const REPLICAS = ['1', '3', '5'] as const

const config = (environment: Environment) => ({
  servers: environment.list('WAGGLE_NATS_URL'),
  api: credentials(environment, 'WAGGLE_NATS'),
  log: credentials(environment, 'WAGGLE_LOG'),
  node: environment.text('WAGGLE_NODE', NODE),
  folder: environment.text('WAGGLE_DIR'),
  shards: environment.integer('WAGGLE_SHARDS', { min: 1, max: limits.SHARDS_MAX, default: limits.SHARDS_DEFAULT }),
  replicas: Number(environment.oneOf('WAGGLE_REPLICAS', REPLICAS, '1')),
})

const credentials = (environment: Environment, prefix: string) => {
  const user = environment.optionalText(`${prefix}_USER`)
  const password = environment.optionalText(`${prefix}_PASSWORD`)
  return { ...(user === undefined ? {} : { user }), ...(password === undefined ? {} : { password }) }
}

process.exitCode = await runService(
  {
    name: 'waggle-shard',
    version: VERSION,
    config,
    // An append under way is resolved first, which may take as long as its lease.
    drainMsMax: 20_000,
    async start({ servers, api, log, node, folder, shards, replicas }, parts) {
      const common = { ...parts, servers }
      const connection = await connectNode({ ...common, ...api, role: 'shard', name: `waggle-shard ${node}` })
      const logConnection = await connectNode({ ...common, ...log, role: 'log', name: `waggle-shard ${node} log` })
      const running = await startShardNode({
        ...parts,
        ...{ connection, logConnection, node, folder, shards, replicas, version: VERSION },
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
  },
  processHost(process),
)
