/**
 * What the credentials of each role may publish to and subscribe, as nats-server's configuration has it (DESIGN K7,
 * promise P12).
 *
 * N1  Only the role `log` may publish to a log. It answers nobody: no reply subject of a request ever reaches it.
 * N2  Whoever answers requests may publish to inboxes and to the leaders' subjects, and to nothing that stores.
 * N3  A tenant's role reaches its own subjects, operation by operation, and its own inbox.
 * N4  Operators reach `$sys`, and no tenant's memories.
 */
import { operations, type OperationName } from '../operations/table.ts'
import type { OperationClass } from '../operations/operation.ts'
import type { TenantId } from '../collective.ts'
import {
  ALARM_SUBJECTS,
  API_SUBJECTS,
  apiSubject,
  BEAT_SUBJECTS,
  COMMAND_SUBJECTS,
  COMPACTOR_BEAT_SUBJECTS,
  inboxPrefix,
  internalInboxPrefix,
  LOG_SUBJECTS,
  NODE_BEAT_SUBJECTS,
  REPLY_SUBJECTS,
  SYSTEM_TENANT,
  systemInboxPrefix,
  type InternalRole,
} from './subjects.ts'

export interface SubjectRights {
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

const ownInbox = (role: InternalRole): string => `${internalInboxPrefix(role)}.>`

/** N1, N2. */
export const internalPermissions: Record<InternalRole, Permissions> = {
  router: {
    publish: { allow: [COMMAND_SUBJECTS, ...REPLY_SUBJECTS] },
    subscribe: {
      allow: [
        ...[API_SUBJECTS, BEAT_SUBJECTS, NODE_BEAT_SUBJECTS, COMPACTOR_BEAT_SUBJECTS],
        ...DISCOVERY,
        ownInbox('router'),
      ],
    },
  },
  shard: {
    publish: { allow: [...REPLY_SUBJECTS, BEAT_SUBJECTS, NODE_BEAT_SUBJECTS, ALARM_SUBJECTS] },
    subscribe: {
      allow: [
        ...[COMMAND_SUBJECTS, BEAT_SUBJECTS, NODE_BEAT_SUBJECTS, ALARM_SUBJECTS],
        ...DISCOVERY,
        ownInbox('shard'),
      ],
    },
  },
  log: {
    publish: {
      allow: [LOG_SUBJECTS, '$KV.waggle.>', '$KV.waggle_leases.>', '$JS.API.>'],
      deny: ['$JS.API.STREAM.DELETE.>', '$JS.API.STREAM.PURGE.>', '$JS.API.STREAM.MSG.DELETE.>'],
    },
    subscribe: { allow: [ownInbox('log')] },
  },
  compactor: {
    publish: {
      allow: [
        ...[COMPACTOR_BEAT_SUBJECTS, COMMAND_SUBJECTS, ...REPLY_SUBJECTS],
        ...['$KV.waggle_leases.>', '$JS.API.INFO', '$JS.API.STREAM.INFO.>', '$JS.API.STREAM.NAMES'],
        ...['$JS.API.STREAM.MSG.GET.>', '$JS.API.DIRECT.GET.>'],
      ],
    },
    subscribe: {
      allow: [BEAT_SUBJECTS, NODE_BEAT_SUBJECTS, COMPACTOR_BEAT_SUBJECTS, ...DISCOVERY, ownInbox('compactor')],
    },
  },
}
