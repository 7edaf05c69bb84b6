/**
 * What the credentials of each role may publish to and subscribe, as nats-server's configuration has it (DESIGN K7,
 * promise P12).
 *
 * N1  Only the role `log` may publish to a log. It answers nobody: no reply subject of a request ever reaches it.
 * N2  Whoever answers requests may publish to inboxes and to the leaders' subjects, and to nothing that stores.
 * N3  A tenant's role reaches its own subjects, operation by operation, and its own inbox.
 * N4  Operators reach `$sys`: of tenants' memories nothing but a copy of all of them, a backup.
 * N5  Whoever is part of the cluster may do what its code does, call by call: no role changes a stream or creates a
 *     consumer. Compactors alone purge logs, and of buckets none (whose streams refuse it besides): a stream's name is
 *     one token, so rights cannot tell logs from others by what they allow. Checkpoints go by the role `log`, whose
 *     states they are. It alone deletes streams, and of those of buckets and checkpoints none: a log that a restore has
 *     put another one in the place of.
 */
import { operations, type OperationName } from '../operations/table.ts'
import type { OperationClass } from '../operations/operation.ts'
import type { TenantId } from '../collective.ts'
import {
  ALARM_SUBJECTS,
  API_SUBJECTS,
  apiSubject,
  BEAT_SUBJECTS,
  CLIENT_INBOXES,
  COMMAND_SUBJECTS,
  COMPACTOR_BEAT_SUBJECTS,
  COMPACTOR_COMMAND_SUBJECTS,
  inboxPrefix,
  internalInboxPrefix,
  LIVE_SUBJECTS,
  LOG_SUBJECTS,
  NODE_BEAT_SUBJECTS,
  NODE_COMMAND_SUBJECTS,
  NODE_PULSE_SUBJECTS,
  READ_SUBJECTS,
  REPLICA_BEAT_SUBJECTS,
  REPLY_SUBJECTS,
  ROUTER_QUEUE,
  SYSTEM_TENANT,
  systemInboxPrefix,
  UPKEEP_SUBJECTS,
  type InternalRole,
} from './subjects.ts'

export interface SubjectRights {
  /** For subscribing also `<subject> <queue>`: as a member of that queue group only. */
  readonly allow: readonly string[]
  readonly deny?: readonly string[]
}

export interface Permissions {
  readonly publish: SubjectRights
  readonly subscribe: SubjectRights
}

export const tenantRoles = ['reader', 'writer', 'admin'] as const
export type TenantRole = (typeof tenantRoles)[number]

const classesOf: Record<TenantRole, readonly OperationClass[]> = {
  reader: ['read'],
  writer: ['read', 'write'],
  admin: ['read', 'write', 'admin'],
}

/** What finds the services of a cluster, and tells nothing of any tenant. */
const DISCOVERY = ['PING', 'INFO', 'STATS'].flatMap((verb) => [`$SRV.${verb}`, `$SRV.${verb}.>`])

const operationsOf = (classes: readonly OperationClass[]): readonly string[] =>
  (Object.keys(operations) as OperationName[]).filter((name) => classes.includes(operations[name].class))

/** N3. */
export const tenantPermissions = (tenant: TenantId, role: TenantRole): Permissions => ({
  publish: { allow: [...operationsOf(classesOf[role]).map((name) => apiSubject(tenant, name)), ...DISCOVERY] },
  subscribe: { allow: [`${inboxPrefix(tenant)}.>`] },
})

/**
 * The tenant's subjects whole, for connections that need none but the tenant's name to do everything: an operation that
 * does not exist gets a fault that says so, instead of the server's refusal.
 */
export const wholeTenantPermissions = (tenant: TenantId): Permissions => ({
  publish: { allow: [apiSubject(tenant, '*.*'), ...DISCOVERY] },
  subscribe: { allow: [`${inboxPrefix(tenant)}.>`] },
})

/** N4. */
export const operatorPermissions = (): Permissions => ({
  publish: { allow: [apiSubject(SYSTEM_TENANT, '*.*'), ...DISCOVERY] },
  subscribe: { allow: [`${systemInboxPrefix()}.>`] },
})

/**
 * N5. For a user of the system account: how the servers keep the logs, which a compactor reads back, and whether they
 * still do, which who looks after a server asks. The account's
 * other subjects can stop and reconfigure servers.
 */
export const systemPermissions = (): Permissions => ({
  publish: { allow: ['$SYS.REQ.SERVER.PING.JSZ', '$SYS.REQ.SERVER.*.HEALTHZ'] },
  subscribe: { allow: ['_INBOX.>'] },
})

const ownInbox = (role: InternalRole): string => `${internalInboxPrefix(role)}.>`

/** What of JetStream's API the directory, the leases and the logs need: to create, to look and to read. */
const LOG_API = [
  ...['INFO', 'STREAM.NAMES', 'STREAM.INFO.*', 'STREAM.CREATE.*', 'STREAM.LEADER.STEPDOWN.*'],
  ...['STREAM.MSG.GET.*', 'DIRECT.GET.*', 'STREAM.DELETE.*'],
].map((call) => `$JS.API.${call}`)

/** Checkpoints are written, read and, once there are newer ones, removed by those whose states they are. */
const CHECKPOINT_PURGE = '$JS.API.STREAM.PURGE.OBJ_waggle_checkpoints'
const CHECKPOINTS = [
  ...['$KV.waggle.checkpoint.*', '$O.waggle_checkpoints.C.*', '$O.waggle_checkpoints.M.*'],
  CHECKPOINT_PURGE,
]

const BUCKETS = ['KV_waggle', 'KV_waggle_leases']

const LOG_DENIED = [...BUCKETS, 'OBJ_waggle_checkpoints'].map((stream) => `$JS.API.STREAM.DELETE.${stream}`)

/** A compactor reads the directory and the leases, and no log; it sees how long streams are, and purges logs. */
const COMPACTOR_API = [
  ...BUCKETS.map((stream) => `STREAM.MSG.GET.${stream}`),
  ...['STREAM.INFO.*', 'STREAM.PURGE.*'],
].map((call) => `$JS.API.${call}`)
const COMPACTOR_DENIED = [...BUCKETS.map((stream) => `$JS.API.STREAM.PURGE.${stream}`), CHECKPOINT_PURGE]

/** N1, N2, N5. */
export const internalPermissions: Record<InternalRole, Permissions> = {
  router: {
    publish: {
      allow: [
        ...[COMMAND_SUBJECTS, READ_SUBJECTS, NODE_COMMAND_SUBJECTS, COMPACTOR_COMMAND_SUBJECTS],
        ...CLIENT_INBOXES,
      ],
    },
    subscribe: {
      allow: [
        `${API_SUBJECTS} ${ROUTER_QUEUE}`,
        ...[BEAT_SUBJECTS, REPLICA_BEAT_SUBJECTS, NODE_BEAT_SUBJECTS, COMPACTOR_BEAT_SUBJECTS],
        ...DISCOVERY,
        ownInbox('router'),
      ],
    },
  },
  shard: {
    publish: {
      allow: [...REPLY_SUBJECTS, BEAT_SUBJECTS, REPLICA_BEAT_SUBJECTS, NODE_BEAT_SUBJECTS, ALARM_SUBJECTS],
    },
    subscribe: {
      allow: [
        ...[COMMAND_SUBJECTS, READ_SUBJECTS, UPKEEP_SUBJECTS, NODE_COMMAND_SUBJECTS],
        ...[BEAT_SUBJECTS, REPLICA_BEAT_SUBJECTS, NODE_BEAT_SUBJECTS, ALARM_SUBJECTS, NODE_PULSE_SUBJECTS],
        ...DISCOVERY,
      ],
    },
  },
  log: {
    publish: {
      allow: [
        ...[LOG_SUBJECTS, '$KV.waggle.cluster', '$KV.waggle.shard.*', '$KV.waggle_leases.shard.*'],
        NODE_PULSE_SUBJECTS,
        ...CHECKPOINTS,
        ...LOG_API,
      ],
      deny: LOG_DENIED,
    },
    subscribe: { allow: [LIVE_SUBJECTS, ownInbox('log')] },
  },
  compactor: {
    publish: {
      allow: [
        ...[COMPACTOR_BEAT_SUBJECTS, UPKEEP_SUBJECTS, ...CLIENT_INBOXES],
        ...['$KV.waggle_leases.compactor', ...COMPACTOR_API],
      ],
      deny: COMPACTOR_DENIED,
    },
    subscribe: {
      allow: [
        ...[BEAT_SUBJECTS, REPLICA_BEAT_SUBJECTS, NODE_BEAT_SUBJECTS, COMPACTOR_COMMAND_SUBJECTS],
        ...DISCOVERY,
        ownInbox('compactor'),
      ],
    },
  },
}
