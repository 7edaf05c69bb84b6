/** The entry `cluster` of the directory: what is fixed when a cluster is created. Text, for operators read it too. */
import { utf8 } from '@waggle/kernel'
import {
  isDurability,
  isGeneration,
  isMap,
  limits,
  type Durability,
  type Generation,
  type Sequence,
} from '@waggle/protocol'
import { clusterFault } from '../errors.ts'

export const CLUSTER_KEY = 'cluster'
const FORMAT = 1

export interface ClusterEntry {
  readonly shards: number
  /** Copies of each log. */
  readonly replicas: number
  /** Copies of each state. */
  readonly copies: number
  readonly durability: Durability
  readonly createdAtMs: number
  /** A restore that is under way, or the last one that there was (`cluster-restore.ts`). */
  readonly restore?: ClusterRestore
}

/** What a shard goes on from: a checkpoint on the shelf, and the life of its log that begins behind it. */
export interface RestoredShard {
  readonly generation: Generation
  readonly firstSequence: Sequence
  /** Of the checkpoint, as its bytes have it. */
  readonly sequence: Sequence
  readonly digest: string
  readonly bytes: number
}

export type ClusterRestore =
  | { readonly id: string; readonly state: 'frozen' }
  /** `shards`: all of them, in their order. */
  | { readonly id: string; readonly state: 'committed'; readonly shards: readonly RestoredShard[] }

export const encodeClusterEntry = (entry: ClusterEntry): Uint8Array =>
  utf8(JSON.stringify({ format: FORMAT, ...entry }))

/** @throws Fault `DIRECTORY_UNREADABLE` */
export const decodeClusterEntry = (value: Uint8Array | undefined): ClusterEntry => {
  const { format, shards, replicas, copies, durability, createdAtMs, restore } = decodeEntry(CLUSTER_KEY, value)
  const isSound =
    format === FORMAT &&
    isCount(shards) &&
    shards >= 1 &&
    shards <= limits.SHARDS_MAX &&
    isCount(replicas) &&
    replicas >= 1 &&
    isCount(copies) &&
    copies >= 1 &&
    isDurability(durability) &&
    isCount(createdAtMs) &&
    (restore === undefined || isRestore(restore, shards))
  if (!isSound) throw unreadable(CLUSTER_KEY, value)
  return { shards, replicas, copies, durability, createdAtMs, ...(restore === undefined ? {} : { restore }) }
}

const isRestore = (value: unknown, count: number): value is ClusterRestore => {
  if (!isMap(value) || typeof value.id !== 'string') return false
  if (value.state === 'frozen') return true
  const { shards } = value
  return (
    value.state === 'committed' && Array.isArray(shards) && shards.length === count && shards.every(isRestoredShard)
  )
}

const isRestoredShard = (value: unknown): boolean =>
  isMap(value) &&
  isGeneration(value.generation) &&
  [value.firstSequence, value.sequence, value.bytes].every(isCount) &&
  (value.firstSequence as number) > (value.sequence as number) &&
  typeof value.digest === 'string'

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** A map of whatever is in an entry; a deleted entry is as unreadable as a damaged one. */
export const decodeEntry = (key: string, value: Uint8Array | undefined): Readonly<Record<string, unknown>> => {
  let decoded: unknown
  try {
    decoded = JSON.parse(Buffer.from(value ?? []).toString())
  } catch {
    throw unreadable(key, value)
  }
  if (typeof decoded !== 'object' || decoded === null) throw unreadable(key, value)
  return decoded as Readonly<Record<string, unknown>>
}

export const unreadable = (key: string, value: Uint8Array | undefined) =>
  clusterFault('DIRECTORY_UNREADABLE', `entry of the directory cannot be read key=${key}`, {
    key,
    value: value === undefined ? null : Buffer.from(value).toString().slice(0, 200),
  })
