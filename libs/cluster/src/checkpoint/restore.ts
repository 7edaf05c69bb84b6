/**
 * Puts a replica's state back from a verified checkpoint.
 *
 * X1  It is restored into a draft, which takes the state's place when it is whole and its digest is the one that was
 *     verified. What is interrupted leaves a draft, which the next attempt removes.
 * X2  One that cannot be read is passed over for the one before it.
 */
import { engineFault, restoreState } from '@waggle/engine'
import { isFault, type Clock, type Logger, type Random, type Timers } from '@waggle/kernel'
import { fault, type Generation } from '@waggle/protocol'
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

/** Verified checkpoints of that generation, newest first. @throws Fault `SHARD_NOT_READY`, `DIRECTORY_UNREADABLE` */
export const verifiedCheckpoints = async (
  parts: Pick<RestoreParts, 'entries' | 'shard' | 'clock' | 'timers' | 'random'>,
  generation: Generation,
): Promise<readonly KeptCheckpoint[]> =>
  (await readManifest(parts.entries, parts, parts.shard)).filter((kept) => kept.generation === generation)

/**
 * X1, X2. The state is closed, and what it was is gone when this resolves.
 * @param candidates newest first
 * @param beforePromotion when the draft is right, and the state still where it was
 * @returns the one that was taken
 * @throws Fault `SHARD_NOT_READY` naming why each of them did not serve
 */
export const restoreReplica = async (
  parts: RestoreParts,
  candidates: readonly KeptCheckpoint[],
  beforePromotion: () => Promise<void> = () => Promise.resolve(),
): Promise<KeptCheckpoint> => {
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

const restoreDraft = async (parts: RestoreParts, { generation, sequence, digest }: KeptCheckpoint): Promise<void> => {
  const { shard, disk, shelf } = parts
  const draft = await disk.openDraft(shard)
  try {
    const pieces = shelf.get(encodeCheckpointName({ shard, generation, sequence }))
    const restored = await restoreState(draft, pieces, pacing(parts, { rate: RATE_BYTES_PER_SECOND }))
    if (restored.digest !== digest || restored.sequence !== sequence || restored.generation !== generation)
      throw engineFault('CORRUPT', `it is another one than was verified digest=${restored.digest} verified=${digest}`, {
        ...{ digest: restored.digest, verified: digest, sequence: restored.sequence },
      })
  } finally {
    await draft.close()
  }
}
