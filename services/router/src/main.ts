/** The process entry of a router: what it is made of. */
import { connectNode, startRouter } from '@waggle/cluster'
import { credentialsOf, processHost, runService, type ServiceDefinition } from '@waggle/service-host'
import { routerOptions } from './options.ts'

const VERSION = '0.1.0'

const router: ServiceDefinition<typeof routerOptions> = {
  name: 'waggle-router',
  version: VERSION,
  options: routerOptions,
  async start({ nats, node }, { logger, tracer, clock, timers, random, ids, pid }) {
    const connection = await connectNode({
      ...{ servers: nats.url, tls: nats.tls, ...credentialsOf(nats.user, nats.password), role: 'router', name: node },
      ...{ logger, clock, random },
    })
    const running = await startRouter({ connection, node, version: VERSION, pid, clock, timers, ids, logger, tracer })
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
