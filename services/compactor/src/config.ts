/** What a compactor reads from its environment. */
import type { NodeCredentials } from '@waggle/cluster'
import { limits, requiredField } from '@waggle/protocol'
import type { Environment } from '@waggle/service-host'

export interface CompactorConfig {
  /** `nats://host:port`, one or more. */
  readonly servers: readonly string[]
  readonly credentials?: NodeCredentials
  readonly systemCredentials?: NodeCredentials
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
  const credentials = credentialsOf(environment, 'WAGGLE_NATS_USER', 'WAGGLE_NATS_PASSWORD')
  const systemCredentials = credentialsOf(environment, 'WAGGLE_SYS_USER', 'WAGGLE_SYS_PASSWORD')
  return {
    servers: environment.list('WAGGLE_NATS_URL'),
    node: environment.text('WAGGLE_NODE', { pattern: /^[A-Za-z0-9_-]{1,64}$/, expected: '1-64 of A-Z a-z 0-9 _ -' }),
    journalKeepMs: environment.integer('WAGGLE_JOURNAL_KEEP_MS', {
      min: 0,
      max: limits.TIME_MS_MAX,
      default: JOURNAL_KEEP_MS,
    }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(systemCredentials === undefined ? {} : { systemCredentials }),
  }
}

/** A user without a password, or the other way round, is a mistake. */
const credentialsOf = (environment: Environment, userName: string, passwordName: string) => {
  const [user, password] = [environment.optionalText(userName), environment.optionalText(passwordName)]
  if (user === undefined && password === undefined) return undefined
  if (user === undefined) throw requiredField(userName)
  if (password === undefined) throw requiredField(passwordName)
  return { user, password }
}
