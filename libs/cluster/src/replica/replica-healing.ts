/**
 * What becomes of a replica that cannot go on from the state that it has: pure judgements over where it stands, what
 * the log still has, and which checkpoints are verified.
 *
 * H1  A state that the log no longer reaches, or that is so far behind that reading would take longer, is restored from
 *     the newest verified checkpoint.
 * H2  A state of another generation may hold what its own stream has lost (K4). It gives way only to a checkpoint that
 *     is known to be beyond it, and is set aside, never deleted.
 * H3  Records that cannot be read are passed over by a checkpoint at or beyond them (L2).
 * H4  Where nothing serves, it is said what would.
 */
import type { LogBounds, Position } from '@waggle/engine'
import type { Fault } from '@waggle/kernel'
import { fault } from '@waggle/protocol'
import type { Candidate } from '../checkpoint/restore.ts'
import type { ShardLog } from '../directory/shard-entry.ts'

export type Ailment =
  | { readonly kind: 'foreign'; readonly position: Position }
  | { readonly kind: 'pruned'; readonly applied: number; readonly first: number }
  | { readonly kind: 'behind'; readonly applied: number; readonly last: number }
  | { readonly kind: 'unreadable'; readonly from: number; readonly to: number }

export type Cure =
  | { readonly kind: 'goOn' }
  /** Newest first. */
  | { readonly kind: 'restore'; readonly candidates: readonly Candidate[]; readonly setAside: boolean }
  | { readonly kind: 'refuse'; readonly fault: Fault }

/** Records. Reading as many takes some 20 s. */
export const FAR_BEHIND_RECORDS = 100_000

/** @param position absent in a state that is new */
export const ailmentOf = (
  position: Position | undefined,
  shardLog: Pick<ShardLog, 'generation'>,
  { first, last }: LogBounds,
): Ailment | undefined => {
  if (position !== undefined && position.generation !== shardLog.generation) return { kind: 'foreign', position }
  const applied = position?.applied ?? 0
  if (first > applied + 1) return { kind: 'pruned', applied, first }
  return last - applied > FAR_BEHIND_RECORDS ? { kind: 'behind', applied, last } : undefined
}

/** @param kept verified checkpoints of the log's generation, newest first */
export const cureOf = (ailment: Ailment, shardLog: ShardLog, kept: readonly Candidate[]): Cure => {
  const from = (sequence: number): readonly Candidate[] => kept.filter((each) => each.sequence >= sequence)
  switch (ailment.kind) {
    case 'foreign':
      return cureOfForeign(ailment.position, shardLog, kept)
    case 'pruned':
      return restoring(from(Math.max(ailment.first - 1, 1)), () => noCheckpoint(shardLog, ailment, kept))
    case 'behind': {
      const candidates = from(ailment.applied + FAR_BEHIND_RECORDS / 2)
      return candidates.length === 0 ? { kind: 'goOn' } : { kind: 'restore', candidates, setAside: false }
    }
    case 'unreadable':
      return restoring(from(ailment.to), () =>
        fault('LOG_DAMAGED', `records of the log cannot be read, and no checkpoint is beyond them ${said(ailment)}`, {
          ...{ from: ailment.from, to: ailment.to, newestCheckpoint: kept[0]?.sequence ?? 0 },
        }),
      )
  }
}

/** H2. */
const cureOfForeign = (position: Position, shardLog: ShardLog, kept: readonly Candidate[]): Cure => {
  const { applied, generation } = position
  const newestCheckpoint = kept[0]?.sequence ?? 0
  const stream = shardLog.generation
  const isFollowedBy = shardLog.firstSequence > applied
  const candidates = kept.filter(({ sequence }) => isFollowedBy || sequence >= applied)
  if (candidates.length > 0) return { kind: 'restore', candidates, setAside: true }
  return {
    kind: 'refuse',
    fault: fault(
      'STREAM_BEHIND',
      `the state follows another stream, and no verified checkpoint of this one is beyond it ` +
        `generation=${generation} applied=${applied} stream=${stream} newestCheckpoint=${newestCheckpoint}`,
      { generation, applied, stream, newestCheckpoint },
    ),
  }
}

const restoring = (candidates: readonly Candidate[], refusal: () => Fault): Cure =>
  candidates.length > 0 ? { kind: 'restore', candidates, setAside: false } : { kind: 'refuse', fault: refusal() }

/** H4. Time may heal it: the next checkpoint does. */
const noCheckpoint = (
  { shard }: ShardLog,
  { applied, first }: { readonly applied: number; readonly first: number },
  kept: readonly Candidate[],
): Fault =>
  fault(
    'SHARD_NOT_READY',
    `the log begins behind this replica and no verified checkpoint reaches it: ` +
      `it needs one at or beyond ${first - 1} ` +
      `shard=${shard} applied=${applied} first=${first} newestCheckpoint=${kept[0]?.sequence ?? 0}`,
    { shard, applied, first, newestCheckpoint: kept[0]?.sequence ?? 0 },
  )

const said = ({ from, to }: { readonly from: number; readonly to: number }): string => `from=${from} to=${to}`
