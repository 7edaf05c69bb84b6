/** The compactor's process. */
import { startCompactorNode } from '@waggle/cluster'
import { credentialsOf, processHost, runService } from '@waggle/service-host'
import { compactorOptions } from './options.ts'

const VERSION = '0.1.0'

await runService(
  {
    name: 'waggle-compactor',
    version: VERSION,
    options: compactorOptions,
    start({ nats, node, journal }, parts) {
      const credentials = credentialsOf(nats.user, nats.password)
      const systemCredentials = credentialsOf(nats.sysUser, nats.sysPassword)
      return startCompactorNode({
        ...parts,
        ...{ servers: nats.url, tls: nats.tls, node, journalKeepMs: journal.keepMs, version: VERSION },
        ...(credentials === undefined ? {} : { credentials }),
        ...(systemCredentials === undefined ? {} : { systemCredentials }),
      })
    },
  },
  processHost(process),
)
