/** The process entry of a router: what it reads from its environment, and what it is made of. */
import { connectNode, startRouter } from '@waggle/cluster'
import { processHost, runService, type ServiceDefinition } from '@waggle/service-host'

const VERSION = '0.1.0'

interface RouterConfig {
  readonly servers: readonly string[]
  readonly user?: string
  readonly password?: string
  readonly node: string
}

const router: ServiceDefinition<RouterConfig> = {
  name: 'waggle-router',
  version: VERSION,
  config(environment) {
    const user = environment.optionalText('WAGGLE_NATS_USER')
    const password = environment.optionalText('WAGGLE_NATS_PASSWORD')
    return {
      servers: environment.list('WAGGLE_NATS_URL'),
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      node: environment.nodeName('WAGGLE_NODE'),
    }
  },
  async start({ node, ...connecting }, { logger, clock, timers, random, ids, pid }) {
    const connection = await connectNode({ ...connecting, role: 'router', name: node, logger, clock, random })
    const running = await startRouter({ connection, node, version: VERSION, pid, clock, timers, ids, logger })
    logger.info('router takes requests', { node, server: connection.getServer() })
    return {
      ended: running.ended,
      async drain() {
        await running.drain()
        await connection.drain()
      },
    }
  },
}

await runService(router, processHost(process))
