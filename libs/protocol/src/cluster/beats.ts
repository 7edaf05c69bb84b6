/** What the parts of a cluster tell one another, several times a second, and what an operator is told from it. */
import { isUuid, type FaultBody, type Uuid } from '@waggle/kernel'
import { isGeneration, type Generation, type Sequence } from '../address.ts'
import { decodeForeignMessagePack, encodeMessagePack } from '../codec/message-pack.ts'
import type { Epoch } from '../log-record.ts'
import { isMap } from '../schema/map.ts'
import { isDurability, type DurabilityChoice, type ServerFacts } from './durability.ts'

/** From a shard's leader. */
export interface ShardBeat {
  readonly kind: 'shard'
  readonly shard: number
  /** How many shards the cluster has. */
  readonly shards: number
  readonly generation: Generation
  readonly epoch: Epoch
  readonly node: string
  readonly pid: number
  /** False in the last beat of a leader that lets go: who hears it need not wait for silence. */
  readonly leading: boolean
  /** In the last beat: the node that is to lead next, which need not wait. */
  readonly successor?: string
  readonly applied: Sequence
  /** The log's own bounds. */
  readonly first: Sequence
  readonly last: Sequence
  /** Name of the log's stream. */
  readonly stream: string
  readonly streamBytes: number
  /** Each replica's hold: it needs no record below. */
  readonly holds: Readonly<Record<string, number>>
  /** The log may be purged below it: as it was logged. */
  readonly horizon?: number
  /** The newest verified checkpoint: what is logged of it. */
  readonly checkpoint?: { readonly sequence: number; readonly digest: string }
  /** Reads that this leader has answered. */
  readonly reads?: number
  /** Why writes are refused for now, such as a full stream. */
  readonly trouble?: string
  /** For each router, the number below which every request has been answered, but for those that are `open`. */
  readonly answered: Readonly<Record<string, number>>
  /**
   * For each router, numbers below `answered` that have not been answered, or never came: a bounded number. So reads
   * that wait do not keep the router from forgetting all that came after it. Absent: none.
   */
  readonly open?: Readonly<Record<string, readonly number[]>>
}

/** From a follower, as often as from a leader: a replica that reads the log and leads nothing. */
export interface ReplicaBeat {
  readonly kind: 'replica'
  readonly shard: number
  readonly shards: number
  readonly generation: Generation
  readonly node: string
  readonly pid: number
  /** Of the last barrier that it applied. */
  readonly epoch: Epoch
  readonly applied: Sequence
  /** It needs no record below: the end of its state as it is on the disk. */
  readonly hold: number
  /** Whether it takes reads: it hears the log, and is near its end. */
  readonly serving: boolean
  /** Its log is damaged: it takes reads with `consistency: any` alone. */
  readonly anyOnly?: boolean
  /** Reads that it has answered. */
  readonly reads: number
  /** As in a leader's beat, of the reads that came to this replica. */
  readonly answered: Readonly<Record<string, number>>
  readonly open?: Readonly<Record<string, readonly number[]>>
  /** The last digests that it took where the log asked for them, oldest first: a few. */
  readonly digests?: readonly { readonly sequence: number; readonly digest: string }[]
}

/** From a shard process. */
export interface NodeBeat {
  readonly kind: 'node'
  readonly node: string
  readonly pid: number
  readonly version: string
  readonly draining: boolean
  readonly leads: readonly number[]
  /** Shards of which this node has a replica, those that it leads among them. Absent: not told. */
  readonly hosts?: readonly number[]
  /** How far its clock is ahead of the servers' clocks, milliseconds; negative behind. Absent: not known. */
  readonly clockAheadMs?: number
  /** Shards that this node cannot serve, and why. */
  readonly halted: readonly { readonly shard: number; readonly fault: FaultBody }[]
}

/** From a compactor. */
export interface CompactorBeat {
  readonly kind: 'compactor'
  readonly compactor: string
  readonly pid: number
  /** One is active, the others stand by. */
  readonly active: boolean
  /** Per shard: the record below which nobody needs the log, and why nothing is purged yet. */
  readonly safePoints: Readonly<Record<number, { readonly sequence: number; readonly reason: string }>>
  /** What the servers say of themselves; empty where the compactor may not ask. */
  readonly servers: readonly ServerFacts[]
  /** What the cluster was created to promise, as soon as the compactor knows. */
  readonly durability?: DurabilityChoice
}

/** From a replica that found the log to contradict itself: the leader of that epoch must not acknowledge any more. */
export interface ShardAlarm {
  readonly kind: 'alarm'
  readonly shard: number
  readonly epoch: Epoch
  readonly node: string
  readonly fault: FaultBody
}

export type ClusterMessage = ShardBeat | ReplicaBeat | NodeBeat | CompactorBeat | ShardAlarm

export const encodeClusterMessage = (message: ClusterMessage): Uint8Array => encodeMessagePack(message)

/** The message of that kind, or `undefined` for bytes that are none: they come from the network. */
export const decodeClusterMessage = <Kind extends ClusterMessage['kind']>(
  kind: Kind,
  bytes: Uint8Array,
): Extract<ClusterMessage, { readonly kind: Kind }> | undefined => {
  const decoded = decodeForeignMessagePack(bytes)
  if ('defect' in decoded || !isMap(decoded.value) || decoded.value.kind !== kind) return undefined
  return checks[kind](decoded.value) ? (decoded.value as never) : undefined
}

type Check = (message: Readonly<Record<string, unknown>>) => boolean

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isText = (value: unknown): boolean => typeof value === 'string'
const isEpoch = (value: unknown): boolean => isMap(value) && isCount(value.sequence) && isUuid(value.id)
const isFaultBody = (value: unknown): boolean => isMap(value) && isText(value.code) && isText(value.message)
const isCounts = (value: unknown): boolean => isMap(value) && Object.values(value).every(isCount)

const isCountList = (value: unknown): boolean => Array.isArray(value) && value.every(isCount)
const isCountLists = (value: unknown): boolean => isMap(value) && Object.values(value).every(isCountList)
const isDigest = (value: unknown): boolean => isMap(value) && isCount(value.sequence) && isText(value.digest)
const isAbsentOr = (is: (value: unknown) => boolean, value: unknown): boolean => value === undefined || is(value)

const isServerFacts = (server: unknown): boolean =>
  isMap(server) &&
  [server.name, server.version].every(isText) &&
  [server.storeBytes, server.storeBytesMax, server.syncInterval ?? 0].every(isCount) &&
  typeof (server.syncAlways ?? false) === 'boolean'

const checks: Record<ClusterMessage['kind'], Check> = {
  shard: ({ shard, shards, generation, epoch, node, pid, leading, applied, first, last, ...rest }) =>
    [shard, shards, pid, applied, first, last, rest.streamBytes].every(isCount) &&
    (shard as number) < (shards as number) &&
    isGeneration(generation) &&
    isEpoch(epoch) &&
    [node, rest.stream].every(isText) &&
    typeof leading === 'boolean' &&
    isCounts(rest.holds) &&
    isCounts(rest.answered) &&
    [rest.horizon, rest.reads].every((count) => isAbsentOr(isCount, count)) &&
    isAbsentOr(isText, rest.successor) &&
    isAbsentOr(isDigest, rest.checkpoint) &&
    isAbsentOr(isCountLists, rest.open),
  replica: ({ shard, shards, generation, epoch, node, pid, applied, ...rest }) =>
    [shard, shards, pid, applied, rest.hold, rest.reads].every(isCount) &&
    (shard as number) < (shards as number) &&
    isGeneration(generation) &&
    isEpoch(epoch) &&
    isText(node) &&
    [rest.serving, rest.anyOnly ?? false].every((flag) => typeof flag === 'boolean') &&
    isCounts(rest.answered) &&
    isAbsentOr(isCountLists, rest.open) &&
    isAbsentOr((list) => Array.isArray(list) && list.every(isDigest), rest.digests),
  node: ({ node, pid, version, draining, leads, hosts, clockAheadMs, halted }) =>
    [node, version].every(isText) &&
    isCount(pid) &&
    typeof draining === 'boolean' &&
    Array.isArray(leads) &&
    leads.every(isCount) &&
    isAbsentOr(isCountList, hosts) &&
    isAbsentOr(Number.isSafeInteger, clockAheadMs) &&
    Array.isArray(halted) &&
    halted.every((entry: unknown) => isMap(entry) && isCount(entry.shard) && isFaultBody(entry.fault)),
  compactor: ({ compactor, pid, active, safePoints, servers, durability }) =>
    isText(compactor) &&
    isCount(pid) &&
    typeof active === 'boolean' &&
    isMap(safePoints) &&
    Object.values(safePoints).every((point) => isMap(point) && isCount(point.sequence) && isText(point.reason)) &&
    Array.isArray(servers) &&
    servers.every(isServerFacts) &&
    isAbsentOr((choice) => isMap(choice) && isDurability(choice.durability) && isCount(choice.replicas), durability),
  alarm: ({ shard, epoch, node, fault }) => isCount(shard) && isEpoch(epoch) && isText(node) && isFaultBody(fault),
}

/** A name that a router gives itself, under which leaders account for it. */
export type RouterId = Uuid
