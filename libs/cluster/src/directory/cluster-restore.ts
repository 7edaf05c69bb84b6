/**
 * A restore of all shards, as entries of the directory (DESIGN K4). The entry `cluster` is its arbiter.
 *
 * R1  Frozen: the entry says so. Whoever comes to lead a shard reads it after its barrier and before it serves, so no
 *     leader of a later term than the freezing serves anything. What it finds it writes into the shard's entry: where
 *     its log ends, and whether any tenant has anything there. Nothing can be added to that.
 * R2  Committed: one write of that entry names, for every shard, the checkpoint and the life of the log that begins
 *     behind it. It needs the proof of every shard, for this restore, that it is empty. So all shards go on from
 *     what was restored, or none.
 * R3  What follows is done by whoever opens a shard, as often as it takes: the shard's entry takes the new generation
 *     by compare-and-set, the stream of the old one goes, the new one is created. Nobody serves the old one (R1).
 * R4  Lifted: the entry is as it was before; the leaders go on. What was committed cannot be lifted.
 */
import { pause } from '@waggle/kernel'
import { fault, type Generation } from '@waggle/protocol'
import type { Bucket } from '../nats/jetstream-bucket.ts'
import { jittered, repeatedly, type Waiting } from '../nats/jetstream-retry.ts'
import {
  CLUSTER_KEY,
  decodeClusterEntry,
  encodeClusterEntry,
  type ClusterEntry,
  type RestoredShard,
} from './cluster-entry.ts'
import {
  decodeShardEntry,
  encodeShardEntry,
  newShardEntry,
  shardKey,
  type ShardEntry,
  type ShardLog,
  type ShardProof,
} from './shard-entry.ts'

export interface RestoreDirectory extends Waiting {
  readonly entries: Bucket
}

const PATIENCE_MS = 10_000
const CONFLICT_DELAY_MS = 50
const ATTEMPTS = 20

/** What a replica that would lead is told: to serve; that it is frozen; that its log is not the shard's any more. */
export type Standing = { readonly generation: Generation } & (
  { readonly kind: 'open' } | { readonly kind: 'frozen'; readonly id: string } | { readonly kind: 'moved' }
)

/**
 * R1.
 * @param generation that of the log that is followed; absent where none is known
 * @throws Fault `SHARD_NOT_READY`, `DIRECTORY_UNREADABLE`
 */
export const standingOf = async (
  directory: RestoreDirectory,
  followed: { readonly shard: number; readonly generation: Generation | undefined },
): Promise<Standing> => {
  // In this order: an entry of a shard is never behind what was read of the cluster before.
  const { restore } = (await readCluster(directory)).entry
  const entry = (await readShard(directory, followed.shard)).entry
  const { generation } = entry
  if (generation !== followed.generation) return { kind: 'moved', generation }
  if (restore?.state === 'frozen') return { kind: 'frozen', id: restore.id, generation }
  // R3: the shard's entry does not have it yet.
  const isBehind = restore !== undefined && entry.restore !== restore.id
  return { kind: isBehind ? 'moved' : 'open', generation }
}

/** R1. @throws Fault as `standingOf`; `RESTORE_REFUSED` where the log is not the shard's any more */
export const proveShard = async (
  directory: RestoreDirectory,
  { shard, generation }: Pick<ShardLog, 'shard' | 'generation'>,
  proof: ShardProof,
): Promise<void> => {
  await changing(directory, shardKey(shard), async () => {
    const { entry, revision } = await readShard(directory, shard)
    if (entry.generation !== generation) throw conflict('the shard has another log now', { shard })
    return { revision, value: encodeShardEntry({ ...entry, proof }), result: undefined }
  })
}

/** The cluster's entry as it is now. @throws Fault as `standingOf` */
export const clusterNow = async (directory: RestoreDirectory): Promise<ClusterEntry> =>
  (await readCluster(directory)).entry

/** The entries of all shards, in their order. @throws Fault as `standingOf` */
export const shardEntries = async (directory: RestoreDirectory): Promise<readonly ShardEntry[]> => {
  const { shards } = await clusterNow(directory)
  return Promise.all(Array.from({ length: shards }, async (_, shard) => (await readShard(directory, shard)).entry))
}

/** R1. A frozen restore gives way to a newer one: whoever began it is gone, or finds out when it commits. */
export const freeze = async (directory: RestoreDirectory, id: string): Promise<ClusterEntry> =>
  changing(directory, CLUSTER_KEY, async () => {
    const { entry, revision } = await readCluster(directory)
    if (entry.restore?.id === id) return { result: entry }
    const next: ClusterEntry = { ...entry, restore: { id, state: 'frozen' } }
    return { revision, value: encodeClusterEntry(next), result: next }
  })

/** R2. @throws Fault as `standingOf`; `RESTORE_REFUSED` saying what is missing */
export const commitRestore = async (
  directory: RestoreDirectory,
  id: string,
  shards: readonly RestoredShard[],
): Promise<ClusterEntry> =>
  changing(directory, CLUSTER_KEY, async () => {
    const { entry, revision } = await readCluster(directory)
    const { restore } = entry
    if (restore?.id !== id) throw conflict('the cluster is not frozen for this restore', { restore: id })
    if (restore.state === 'committed') return { result: entry }
    if (shards.length !== entry.shards)
      throw conflict('the cluster has another number of shards', { shards: entry.shards, given: shards.length })
    for (const [shard, { proof }] of (await shardEntries(directory)).entries()) {
      if (proof?.restore !== id) throw conflict('a shard has not proven that it is empty', { shard })
      if (!proof.isEmpty) throw conflict('a shard is not empty', { shard })
      const { firstSequence, sequence } = shards[shard] as RestoredShard
      if (firstSequence <= Math.max(proof.last, sequence))
        throw conflict('a shard would begin below where its log ends', { shard, firstSequence, last: proof.last })
    }
    const next: ClusterEntry = { ...entry, restore: { id, state: 'committed', shards } }
    return { revision, value: encodeClusterEntry(next), result: next }
  })

/** R4. Does nothing where that restore is not there. @throws Fault as `standingOf`; `RESTORE_REFUSED` */
export const liftRestore = async (directory: RestoreDirectory, id: string): Promise<void> =>
  changing(directory, CLUSTER_KEY, async () => {
    const { entry, revision } = await readCluster(directory)
    const { restore, ...rest } = entry
    if (restore?.id !== id) return { result: undefined }
    if (restore.state === 'committed') throw conflict('that restore is committed', { restore: id })
    return { revision, value: encodeClusterEntry(rest), result: undefined }
  })

/** R3: what the entry of a shard has to become, where a restore was committed that it does not have. */
export const restoredEntry = (shard: number, entry: ShardEntry, { restore }: ClusterEntry): ShardEntry | undefined => {
  if (restore?.state !== 'committed' || entry.restore === restore.id) return undefined
  const { generation, firstSequence, sequence, digest, bytes } = restore.shards[shard] as RestoredShard
  return {
    ...newShardEntry(shard, generation, firstSequence),
    origin: { sequence: sequence, digest, bytes },
    restore: restore.id,
    replaces: entry.stream,
  }
}

type Change<Result> =
  | { readonly result: Result; readonly revision?: undefined }
  | { readonly revision: number; readonly value: Uint8Array; readonly result: Result }

/** Compare-and-set, decided anew where somebody else was quicker or nobody knows. */
const changing = async <Result>(
  directory: RestoreDirectory,
  key: string,
  decide: () => Promise<Change<Result>>,
): Promise<Result> => {
  const { entries, timers, random } = directory
  for (let attempt = 1; ; attempt += 1) {
    const change = await decide()
    if (change.revision === undefined) return change.result
    const written = await entries.write(key, change.value, change.revision)
    if (written.kind === 'written') return change.result
    if (attempt === ATTEMPTS)
      throw fault('SHARD_NOT_READY', `entry of the directory cannot be written key=${key}`, { key })
    await pause(timers, jittered(random, CONFLICT_DELAY_MS))
  }
}

const readCluster = async (directory: RestoreDirectory) => {
  const found = await read(directory, CLUSTER_KEY)
  return { entry: decodeClusterEntry(found?.value), revision: found?.revision ?? 0 }
}

const readShard = async (directory: RestoreDirectory, shard: number) => {
  const found = await read(directory, shardKey(shard))
  return { entry: decodeShardEntry(shard, found?.value), revision: found?.revision ?? 0 }
}

const read = (directory: RestoreDirectory, key: string) =>
  repeatedly(directory, { patienceMs: PATIENCE_MS, what: `entry ${key}` }, () => directory.entries.read(key))

const conflict = (reason: string, details: Readonly<Record<string, string | number>>) =>
  fault(
    'RESTORE_REFUSED',
    `${reason} ${Object.entries(details)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
    details,
  )
