/** The process entry of a router: what it is made of. */
import { connectNode, startRouter } from '@waggle/cluster'
import { processHost, runService, type ServiceDefinition } from '@waggle/service-host'
import { routerConfig, type RouterConfig } from './config.ts'

const VERSION = '0.1.0'

const router: ServiceDefinition<RouterConfig> = {
  name: 'waggle-router',
  version: VERSION,
  config: routerConfig,
  async start({ servers, credentials, node }, { logger, clock, timers, random, ids, pid }) {
    const connecting = { servers, ...credentials, role: 'router', name: node, logger, clock, random } as const
    const connection = await connectNode(connecting)
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
