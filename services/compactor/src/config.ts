/** What a compactor reads from its environment. */
import { limits } from '@waggle/protocol'
import type { Credentials, Environment } from '@waggle/service-host'

export interface CompactorConfig {
  /** `nats://host:port`, one or more. */
  readonly servers: readonly string[]
  /** Of the role `compactor`. */
  readonly credentials?: Credentials
  /** Of a user of the system account. */
  readonly systemCredentials?: Credentials
  readonly node: string
  readonly journalKeepMs: number
}

const JOURNAL_KEEP_MS = 7 * 24 * 60 * 60 * 1_000

/**
 * `WAGGLE_NATS_URL` and `WAGGLE_NODE` must be there; `WAGGLE_NATS_USER`, `WAGGLE_SYS_USER` with their passwords, and
 * `WAGGLE_JOURNAL_KEEP_MS` (0 or more, 7 days if absent) may.
 * @throws Fault `REQUIRED_FIELD` or `INVALID_FIELD` that names the variable
 */
export const compactorConfig = (environment: Environment): CompactorConfig => {
  const credentials = environment.credentials('WAGGLE_NATS_USER', 'WAGGLE_NATS_PASSWORD')
  const systemCredentials = environment.credentials('WAGGLE_SYS_USER', 'WAGGLE_SYS_PASSWORD')
  return {
    servers: environment.list('WAGGLE_NATS_URL'),
    node: environment.nodeName('WAGGLE_NODE'),
    journalKeepMs: environment.integer('WAGGLE_JOURNAL_KEEP_MS', {
      min: 0,
      max: limits.TIME_MS_MAX,
      default: JOURNAL_KEEP_MS,
    }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(systemCredentials === undefined ? {} : { systemCredentials }),
  }
}
