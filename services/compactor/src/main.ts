/** The compactor's process. */
import { startCompactorNode } from '@waggle/cluster'
import { processHost, runService } from '@waggle/service-host'
import { compactorConfig } from './config.ts'

const VERSION = '0.1.0'

await runService(
  {
    name: 'waggle-compactor',
    version: VERSION,
    config: compactorConfig,
    start: (config, parts) => startCompactorNode({ ...config, ...parts, version: VERSION }),
  },
  processHost(process),
)
