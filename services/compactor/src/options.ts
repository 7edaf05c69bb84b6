/** The options of a compactor. */
import { limits } from '@waggle/protocol'
import { commonOptions, integerOption, textOption } from '@waggle/service-host'

const JOURNAL_KEEP_MS = 7 * 24 * 60 * 60 * 1_000

const common = commonOptions({ drainMs: 10_000 })

export const compactorOptions = {
  ...common,
  nats: {
    ...common.nats,
    sysUser: textOption({
      about: 'user of the system account, by whom the servers are asked how they keep the logs',
      needs: 'nats.sysPassword',
    }),
    sysPassword: textOption({ about: 'password of nats.sysUser', isSecret: true, needs: 'nats.sysUser' }),
  },
  journal: {
    keepMs: integerOption({
      about: 'how long the history of changes is kept for watchers, cursors and readers of batches',
      ...{ min: 0, max: limits.TIME_MS_MAX, default: JOURNAL_KEEP_MS, unit: 'ms' },
    }),
  },
} as const
