/** What a shard process reads from its environment. */
import { decodeSettings, type EngineSettings } from '@waggle/cluster'
import { durabilities, limits, type Durability } from '@waggle/protocol'
import type { Credentials, Environment } from '@waggle/service-host'

export interface ShardConfig {
  /** `nats://host:port`, one or more. */
  readonly servers: readonly string[]
  /** Of the role `shard`. */
  readonly credentials?: Credentials
  /** Of the role `log`. */
  readonly logCredentials?: Credentials
  readonly node: string
  readonly folder: string
  /** Of a cluster that is created; one that exists keeps what it has. */
  readonly shards: number
  readonly replicas: number
  /** Of each state, on as many nodes; a cluster with fewer nodes has fewer. Of a cluster that is created, too. */
  readonly copies: number
  /** What an acknowledgement of a cluster that is created means. */
  readonly durability: Durability
  /** The same at every node of the cluster. */
  readonly settings: EngineSettings
}

/** Copies of a state: further ones cost disk and time, and survive no more than three servers do. */
const COPIES = { min: 1, max: 5, default: 2 }
/** Copies that JetStream keeps of a stream. */
const REPLICAS = ['1', '3', '5'] as const

/**
 * `WAGGLE_NATS_URL`, `WAGGLE_NODE` and `WAGGLE_DIR` must be there; `WAGGLE_NATS_USER`, `WAGGLE_LOG_USER` with their
 * passwords, `WAGGLE_SHARDS` (1..128, 16 if absent), `WAGGLE_REPLICAS` (of a log: 1, 3 or 5; 1 if absent),
 * `WAGGLE_COPIES` (of a state: 1..5, 2 if absent), `WAGGLE_DURABILITY` (`replicated` or `synced`; `synced` if absent),
 * `WAGGLE_DECAY` (in JSON, as a collective's `decay`) and `WAGGLE_ACTIVITY_STALE_MS` (300,000 if absent) may.
 * @throws Fault `REQUIRED_FIELD` or `INVALID_FIELD` that names the variable
 */
export const shardConfig = (environment: Environment): ShardConfig => {
  const credentials = environment.credentials('WAGGLE_NATS_USER', 'WAGGLE_NATS_PASSWORD')
  const logCredentials = environment.credentials('WAGGLE_LOG_USER', 'WAGGLE_LOG_PASSWORD')
  return {
    servers: environment.list('WAGGLE_NATS_URL'),
    ...(credentials === undefined ? {} : { credentials }),
    ...(logCredentials === undefined ? {} : { logCredentials }),
    node: environment.nodeName('WAGGLE_NODE'),
    folder: environment.text('WAGGLE_DIR'),
    shards: environment.integer('WAGGLE_SHARDS', { min: 1, max: limits.SHARDS_MAX, default: limits.SHARDS_DEFAULT }),
    replicas: Number(environment.oneOf('WAGGLE_REPLICAS', REPLICAS, '1')),
    copies: environment.integer('WAGGLE_COPIES', COPIES),
    durability: environment.oneOf('WAGGLE_DURABILITY', durabilities, 'synced'),
    settings: settingsOf(environment),
  }
}

const settingsOf = (environment: Environment): EngineSettings => {
  const stale = environment.optionalText('WAGGLE_ACTIVITY_STALE_MS')
  const range = { min: 0, max: limits.TIME_MS_MAX }
  return decodeSettings({
    decay: environment.json('WAGGLE_DECAY'),
    ...(stale === undefined ? {} : { activityStaleMs: environment.integer('WAGGLE_ACTIVITY_STALE_MS', range) }),
  })
}
