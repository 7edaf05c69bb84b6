/**
 * Where a replica stands in its log. The row is written in the same batch as what the records did, so state and
 * position never disagree.
 */
import type { Uuid } from '@waggle/kernel'
import { GENESIS_TIP, type Epoch, type Generation, type Sequence, type Tip } from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import { positionKey } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'
import { encodeRow, readRow } from '../state/rows.ts'

/** Version of the key layout and the rows; another one is refused, never guessed at. */
const STATE_FORMAT = 1

/** A batch of which some parts came and the last one did not yet. */
export interface PendingBatch {
  readonly batchId: Uuid
  /** Parts that came. */
  readonly parts: number
}

export interface Position {
  readonly generation: Generation
  /** The last record that was judged. */
  readonly applied: Sequence
  /** The last record that took effect. */
  readonly tip: Tip
  readonly epoch: Epoch
  /** Time of the last record, epoch milliseconds. */
  readonly timeMs: number
  /** The `applied/` rows reach from here to `applied` without a gap (K2). */
  readonly runFrom: Sequence
  readonly pending?: PendingBatch
}

export const initialPosition = (generation: Generation): Position => ({
  generation,
  applied: 0 as Sequence,
  tip: GENESIS_TIP,
  epoch: { sequence: 0 as Sequence, id: '00000000-0000-0000-0000-000000000000' as Uuid },
  timeMs: 0,
  runFrom: 1 as Sequence,
})

export const encodePosition = (position: Position): Uint8Array =>
  encodeRow([
    STATE_FORMAT,
    position.generation,
    position.applied,
    position.tip.sequence,
    position.tip.hash,
    position.epoch.sequence,
    position.epoch.id,
    position.timeMs,
    position.runFrom,
    position.pending?.batchId ?? null,
    position.pending?.parts ?? 0,
  ])

/** The stored position, or `undefined` in a store that is new. @throws Fault `FORMAT_UNSUPPORTED` */
export const readPosition = (state: StateView): Position | undefined => {
  const row = readRow(state, positionKey())
  if (row === undefined) return undefined
  const [format, generation, applied, tipSequence, hash, epochSequence, epochId, timeMs, runFrom, batchId, parts] = row
  if (format !== STATE_FORMAT)
    throw engineFault('FORMAT_UNSUPPORTED', `state has another format format=${String(format)} known=${STATE_FORMAT}`, {
      known: STATE_FORMAT,
    })
  return {
    generation: generation as Generation,
    applied: applied as Sequence,
    tip: { sequence: tipSequence as Sequence, hash: Uint8Array.from(hash as Uint8Array) },
    epoch: { sequence: epochSequence as Sequence, id: epochId as Uuid },
    timeMs: timeMs as number,
    runFrom: runFrom as Sequence,
    ...(batchId === null ? {} : { pending: { batchId: batchId as Uuid, parts: parts as number } }),
  }
}
