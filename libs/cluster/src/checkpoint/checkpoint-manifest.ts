/**
 * The entries `checkpoint.<n>` of the directory: the newest two verified checkpoints of each shard, newest first. Text,
 * for operators read it too. Safety does not rest on it: whoever restores one checks every byte, and follows the log
 * from there.
 */
import { utf8 } from '@waggle/kernel'
import { isGeneration, type Generation, type Sequence } from '@waggle/protocol'
import { decodeEntry, isCount, unreadable } from '../directory/cluster-entry.ts'
import type { Bucket } from '../nats/jetstream-bucket.ts'
import { repeatedly, type Waiting } from '../nats/jetstream-retry.ts'

const FORMAT = 1
/** How many are kept: should one not be readable, there is the one before. */
export const CHECKPOINTS_KEPT = 2
const PATIENCE_MS = 10_000
const ATTEMPTS = 5

export interface KeptCheckpoint {
  readonly generation: Generation
  readonly sequence: Sequence
  readonly digest: string
  readonly bytes: number
  /** Which node wrote it. */
  readonly node: string
  readonly atMs: number
}

const checkpointKey = (shard: number): string => `checkpoint.${shard}`

const encodeManifest = (kept: readonly KeptCheckpoint[]): Uint8Array =>
  utf8(JSON.stringify({ format: FORMAT, checkpoints: kept }))

/** @throws Fault `DIRECTORY_UNREADABLE` */
const decodeManifest = (shard: number, value: Uint8Array | undefined): readonly KeptCheckpoint[] => {
  if (value === undefined) return []
  const key = checkpointKey(shard)
  const { format, checkpoints } = decodeEntry(key, value)
  if (format !== FORMAT || !Array.isArray(checkpoints) || !checkpoints.every(isKept)) throw unreadable(key, value)
  return checkpoints
}

const isKept = (value: unknown): value is KeptCheckpoint => {
  if (typeof value !== 'object' || value === null) return false
  const { generation, sequence, digest, bytes, node, atMs } = value as Partial<Record<keyof KeptCheckpoint, unknown>>
  return (
    isGeneration(generation) &&
    [sequence, bytes, atMs].every(isCount) &&
    [digest, node].every((text) => typeof text === 'string')
  )
}

/** @throws Fault `SHARD_NOT_READY`, `DIRECTORY_UNREADABLE` */
export const readManifest = async (
  entries: Bucket,
  waiting: Waiting,
  shard: number,
): Promise<readonly KeptCheckpoint[]> => (await readEntry(entries, waiting, shard)).kept

/**
 * Puts a checkpoint in front; those that are not kept any more are no longer named.
 * @returns what is kept now
 * @throws Fault as `readManifest`, and when others write all the time
 */
export const keepCheckpoint = async (
  entries: Bucket,
  waiting: Waiting,
  { shard, checkpoint }: { readonly shard: number; readonly checkpoint: KeptCheckpoint },
): Promise<readonly KeptCheckpoint[]> => {
  for (let attempt = 1; ; attempt += 1) {
    const { kept, revision } = await readEntry(entries, waiting, shard)
    // A leader that is no longer one may come late. Sequences of another life of the log say nothing about this one's:
    // what this one calls verified must be found here, for its log is purged up to there (K1).
    const { generation, sequence } = checkpoint
    if (kept.some((each) => each.generation === generation && each.sequence >= sequence)) return kept
    const next = [checkpoint, ...kept].slice(0, CHECKPOINTS_KEPT)
    const written = await entries.write(checkpointKey(shard), encodeManifest(next), revision)
    if (written.kind === 'written') return next
    if (attempt === ATTEMPTS)
      throw written.kind === 'unknown'
        ? written.error
        : new Error(`entry is written by others key=${checkpointKey(shard)}`)
  }
}

const readEntry = async (entries: Bucket, waiting: Waiting, shard: number) => {
  const key = checkpointKey(shard)
  const entry = await repeatedly(waiting, { patienceMs: PATIENCE_MS, what: `entry ${key}` }, () => entries.read(key))
  return { kept: decodeManifest(shard, entry?.value), revision: entry?.revision ?? 0 }
}
