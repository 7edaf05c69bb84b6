/**
 * Every subject of a cluster, in one place.
 *
 * ```
 * waggle.v1.<tenant>.<noun>.<verb>   requests; `$sys` stands where the tenant does for operators
 * _INBOX.>                           replies to tenant `default`
 * waggle.inbox.<tenant>.>            replies to every other tenant
 * waggle.internal.<role>.>           replies between the parts of a cluster
 * shard.<n>.<epoch>.cmd              a leader of that epoch takes requests, which only routers may send
 * shard.<n>.<epoch>.upkeep           it takes what the cluster asks on its own account, which only compactors may send
 * shard.<n>.beat                     a leader lives, and what it has answered
 * shard.<n>.alarm                    a replica found the log diverged
 * node.<id>.beat                     a shard process lives, and what it cannot serve
 * node.<id>.pulse                    its connection to the logs reaches its connection that takes requests
 * compactor.<id>.beat                a compactor lives, and up to where logs may be pruned
 * wal.<n>                            the log
 * ```
 *
 * The two kinds of inboxes share no first token, so that neither a permission for one nor a reply subject can reach the
 * other: a connection without credentials may listen to the whole of `_INBOX.>`, and meets its own tenant only (K7).
 */
import type { TenantId } from '../collective.ts'
import { DEFAULT_TENANT, decodeTenant } from '../tenant.ts'

const API = 'waggle.v1'
/** What stands in the place of the tenant in the subjects of operators' operations. */
export const SYSTEM_TENANT = '$sys' as TenantId

export const API_SUBJECTS = `${API}.*.*.*`
/** Routers share the requests as this queue group, and may listen to them in no other way. */
export const ROUTER_QUEUE = 'waggle-router'

/** @param operation `<noun>.<verb>` */
export const apiSubject = (tenant: TenantId, operation: string): string => `${API}.${tenant}.${operation}`

export interface ApiAddress {
  /** `SYSTEM_TENANT` for an operator's operation. */
  readonly tenant: TenantId
  readonly operation: string
}

/** Reads the subject of a request. @throws Fault `INVALID_FIELD` for the tenant */
export const parseApiSubject = (subject: string): ApiAddress => {
  const [, , tenant = '', noun = '', verb = ''] = subject.split('.')
  return {
    tenant: tenant === SYSTEM_TENANT ? SYSTEM_TENANT : decodeTenant(tenant),
    operation: `${noun}.${verb}`,
  }
}

const TENANT_INBOXES = 'waggle.inbox'
const ORDINARY_INBOX = '_INBOX'
const INTERNAL_INBOXES = 'waggle.internal'

/** Where clients are answered, of every tenant. */
export const CLIENT_INBOXES = [`${ORDINARY_INBOX}.>`, `${TENANT_INBOXES}.>`] as const

/**
 * Where a leader answers. The inbox of the log's connection is not among these: an answer there could pass for the
 * server's word that a record was stored.
 */
export const REPLY_SUBJECTS = [
  ...CLIENT_INBOXES,
  ...['router', 'compactor'].map((role) => `${INTERNAL_INBOXES}.${role}.>`),
] as const

/** What a client of that tenant gives its connection as `inboxPrefix`. */
export const inboxPrefix = (tenant: TenantId): string =>
  tenant === DEFAULT_TENANT ? ORDINARY_INBOX : `${TENANT_INBOXES}.${tenant}`

/** The same for the operators. */
export const systemInboxPrefix = (): string => `${TENANT_INBOXES}.${SYSTEM_TENANT}`

/** The roles that a cluster's own connections have. */
export const internalRoles = ['router', 'shard', 'log', 'compactor'] as const
export type InternalRole = (typeof internalRoles)[number]

export const internalInboxPrefix = (role: InternalRole): string => `${INTERNAL_INBOXES}.${role}`

/**
 * A reply subject is repeated in the line of every message that passes the request on, and a server ends the connection
 * that sends a line of more than 4,096 bytes: a client's own line may be that long, a router's must not become longer.
 */
const REPLY_SUBJECT_LENGTH_MAX = 512

const isInbox = (reply: string, prefix: string): boolean =>
  reply.startsWith(`${prefix}.`) && reply.length <= REPLY_SUBJECT_LENGTH_MAX && isLiteral(reply)

/** Tokens of visible ASCII, none of them empty, and no wildcards. */
const isLiteral = (subject: string): boolean => /^[!-~]+$/.test(subject) && !/[*>]|\.\.|\.$/.test(subject)

/**
 * Whether a request of that tenant may be answered at `reply`: elsewhere it would speak to another tenant, or to us.
 */
export const isOwnInbox = (tenant: TenantId, reply: string): boolean =>
  isInbox(reply, tenant === SYSTEM_TENANT ? systemInboxPrefix() : inboxPrefix(tenant))

/** Whether `reply` is some client's inbox: all that can be asked where a subject names no tenant (discovery). */
export const isClientInbox = (reply: string): boolean =>
  [ORDINARY_INBOX, TENANT_INBOXES].some((prefix) => isInbox(reply, prefix))

/** Whether `reply` is an inbox of connections of that role. */
export const isInternalInbox = (role: InternalRole, reply: string): boolean => isInbox(reply, internalInboxPrefix(role))

/** @param epoch sequence of the leader's barrier */
export const commandSubject = (shard: number, epoch: number): string => `shard.${shard}.${epoch}.cmd`
export const COMMAND_SUBJECTS = 'shard.*.*.cmd'

/** @param epoch sequence of the leader's barrier */
export const upkeepSubject = (shard: number, epoch: number): string => `shard.${shard}.${epoch}.upkeep`
export const UPKEEP_SUBJECTS = 'shard.*.*.upkeep'

export const beatSubject = (shard: number): string => `shard.${shard}.beat`
export const BEAT_SUBJECTS = 'shard.*.beat'

/** Reads for one replica, follower or leader: it answers from what it has applied. */
export const readSubject = (shard: number, node: string): string => `shard.${shard}.read.${node}`
export const READ_SUBJECTS = 'shard.*.read.*'

export const replicaBeatSubject = (shard: number, node: string): string => `shard.${shard}.replica.${node}`
export const REPLICA_BEAT_SUBJECTS = 'shard.*.replica.*'

export const alarmSubject = (shard: number): string => `shard.${shard}.alarm`
export const ALARM_SUBJECTS = 'shard.*.alarm'

export const nodeBeatSubject = (node: string): string => `node.${node}.beat`
export const NODE_BEAT_SUBJECTS = 'node.*.beat'

/** What a node's two connections say to each other. */
export const nodePulseSubject = (node: string): string => `node.${node}.pulse`
export const NODE_PULSE_SUBJECTS = 'node.*.pulse'

/** What operators ask of one node. */
export const nodeCommandSubject = (node: string): string => `node.${node}.cmd`
export const NODE_COMMAND_SUBJECTS = 'node.*.cmd'

export const compactorBeatSubject = (compactor: string): string => `compactor.${compactor}.beat`
export const COMPACTOR_BEAT_SUBJECTS = 'compactor.*.beat'

/** What operators ask of one compactor. */
export const compactorCommandSubject = (compactor: string): string => `compactor.${compactor}.cmd`
export const COMPACTOR_COMMAND_SUBJECTS = 'compactor.*.cmd'

export const logSubject = (shard: number): string => `wal.${shard}`
export const LOG_SUBJECTS = 'wal.*'

/** Where the servers repeat what a log stores, for those who follow it: nobody else can publish there. */
export const liveSubject = (shard: number): string => `live.${shard}`
export const LIVE_SUBJECTS = 'live.*'
