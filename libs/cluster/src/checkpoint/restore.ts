/**
 * Puts a replica's state back from a verified checkpoint.
 *
 * X1  It is restored into a draft, which takes the state's place when it is whole and its digest is the one that was
 *     verified. What is interrupted leaves a draft, which the next attempt removes.
 * X2  One that cannot be read is passed over for the one before it.
 * X3  A life of the log that another one went before begins with a checkpoint of that one, its origin (DESIGN K4). The
 *     digest is that of the bytes as they came; then the state takes the new generation.
 */
import { engineFault, restoreState, type NewLife, type RestoredState } from '@waggle/engine'
import { isFault, type Clock, type Logger, type Random, type Timers } from '@waggle/kernel'
import { fault, type Sequence } from '@waggle/protocol'
import type { ShardLog } from '../directory/shard-entry.ts'
import type { NodeDisk } from '../disk/node-disk.ts'
import type { Bucket } from '../nats/jetstream-bucket.ts'
import { encodeCheckpointName } from './checkpoint-name.ts'
import { readManifest, type KeptCheckpoint } from './checkpoint-manifest.ts'
import type { CheckpointShelf } from './checkpoint-shelf.ts'
import { pacing } from './pacing.ts'

export interface RestoreParts {
  readonly shard: number
  readonly disk: NodeDisk
  readonly shelf: CheckpointShelf
  /** The directory. */
  readonly entries: Bucket
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

/** Nobody waits behind a replica that has no state: quicker than copies that are made beside work. */
const RATE_BYTES_PER_SECOND = 256 * 1024 ** 2

/** One that a state can be restored from. */
export interface Candidate extends KeptCheckpoint {
  /** Of an origin: the sequence that its bytes have (X3); then `sequence` goes before the first of the generation. */
  readonly source?: Sequence
}

/** Verified checkpoints of that log, newest first. @throws Fault `SHARD_NOT_READY`, `DIRECTORY_UNREADABLE` */
export const verifiedCheckpoints = async (
  parts: Pick<RestoreParts, 'entries' | 'shard' | 'clock' | 'timers' | 'random'>,
  { generation, origin, firstSequence }: Pick<ShardLog, 'generation' | 'origin' | 'firstSequence'>,
): Promise<readonly Candidate[]> => {
  const kept = (await readManifest(parts.entries, parts, parts.shard)).filter((each) => each.generation === generation)
  if (origin === undefined) return kept
  const { sequence: source, digest, bytes } = origin
  const sequence = (firstSequence - 1) as Sequence
  return [...kept, { generation, sequence, digest, bytes, source, node: RESTORED, atMs: 0 }]
}

/** Stands for the node that wrote an origin: an operator brought it. */
const RESTORED = 'restore'

/** Whether what came is what was verified (X1), and what it becomes (X3). @throws Fault `CORRUPT` */
export const judgeRestored = (candidate: Candidate, restored: RestoredState): NewLife | undefined => {
  const { generation, sequence, digest, source } = candidate
  const isRight =
    restored.digest === digest &&
    restored.sequence === (source ?? sequence) &&
    (source !== undefined || restored.generation === generation)
  if (!isRight)
    throw engineFault('CORRUPT', `it is another one than was verified digest=${restored.digest} verified=${digest}`, {
      ...{ digest: restored.digest, verified: digest, sequence: restored.sequence },
    })
  return source === undefined ? undefined : { generation, applied: sequence }
}

/**
 * X1, X2. The state is closed, and what it was is gone when this resolves.
 * @param candidates newest first
 * @param beforePromotion when the draft is right, and the state still where it was
 * @returns the one that was taken
 * @throws Fault `SHARD_NOT_READY` naming why each of them did not serve
 */
export const restoreReplica = async (
  parts: RestoreParts,
  candidates: readonly Candidate[],
  beforePromotion: () => Promise<void> = () => Promise.resolve(),
): Promise<Candidate> => {
  const { shard, disk, logger, clock } = parts
  const reasons: string[] = []
  for (const candidate of candidates) {
    const { sequence, bytes, node } = candidate
    const beganMs = clock.monotonicMs()
    try {
      await restoreDraft(parts, candidate)
      await beforePromotion()
      await disk.promoteDraft(shard)
      const tookMs = Math.round(clock.monotonicMs() - beganMs)
      logger.warn('state was restored from a checkpoint', { shard, sequence, bytes, writtenBy: node, tookMs })
      return candidate
    } catch (error) {
      if (!isFault(error) || !['CORRUPT', 'NOT_FOUND', 'FORMAT_UNSUPPORTED'].includes(error.code)) throw error
      logger.error('checkpoint cannot be used', { shard, sequence, reason: error.message })
      reasons.push(`${sequence}: ${error.message}`)
    }
  }
  throw fault(
    'SHARD_NOT_READY',
    `no checkpoint of the shard can be used shard=${shard} reasons=${reasons.join('; ')}`,
    {
      shard,
      reasons,
    },
  )
}

const restoreDraft = async (parts: RestoreParts, candidate: Candidate): Promise<void> => {
  const { shard, disk, shelf } = parts
  const { generation, sequence } = candidate
  const draft = await disk.openDraft(shard)
  try {
    await restoreState(draft, shelf.get(encodeCheckpointName({ shard, generation, sequence })), {
      pace: pacing(parts, { rate: RATE_BYTES_PER_SECOND }),
      judge: (restored) => judgeRestored(candidate, restored),
    })
  } finally {
    await draft.close()
  }
}
