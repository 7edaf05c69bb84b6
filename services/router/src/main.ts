/** The process entry of a router: what it is made of. */
import { connectNode, startRouter } from '@waggle/cluster'
import { credentialsOf, processHost, runService, type ServiceDefinition } from '@waggle/service-host'
import { routerOptions } from './options.ts'

const VERSION = '0.1.0'

const router: ServiceDefinition<typeof routerOptions> = {
  name: 'waggle-router',
  version: VERSION,
  options: routerOptions,
  async start({ nats, node, quota: { tenants, ...everybody } }, parts) {
    const { logger } = parts
    const connection = await connectNode({
      ...{ ...parts, servers: nats.url, tls: nats.tls, ...credentialsOf(nats.user, nats.password), role: 'router' },
      name: node,
    })
    const quotas = { everybody, tenants }
    const running = await startRouter({ ...parts, connection, node, version: VERSION, quotas })
    logger.info('router takes requests', { node, server: connection.getServer() })
    return {
      checks: () => running.checks(),
      ended: running.ended,
      async drain() {
        await running.drain()
        await connection.drain()
      },
    }
  },
}

await runService(router, processHost(process))
