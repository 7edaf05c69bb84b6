/**
 * What every record writes beside what its events do: the position, its row of the `applied/` run, and the pieces of a
 * batch that comes in parts. A leader, a follower and a rebuild all take this one step.
 */
import { sizeOfChanges } from '../store/change-size.ts'
import type { EncodedRecord, Sequence } from '@waggle/protocol'
import { pieceKey, positionKey } from '../state/keyspace.ts'
import type { Overlay } from '../state/overlay.ts'
import type { AppliedRun } from './applied-run.ts'
import { encodePosition, type PendingBatch, type Position } from './position.ts'

/** True for the record that ends its batch, which is when the batch takes effect. */
export const endsBatch = ({ record: { part } }: EncodedRecord): boolean => part.index === part.count - 1

/** Stages the step from `position` over `encoded`, an effective record; returns the position after it. */
export const advance = (state: Overlay, position: Position, encoded: EncodedRecord, run: AppliedRun): Position => {
  const { record, hash, bytes } = encoded
  const pending = stagePieces(state, position.pending, encoded)
  const size = bytes.length + sizeOfChanges(state.changes())
  const runFrom = run.extend(state, { sequence: record.position, bytes: size, hash })
  const next: Position = {
    generation: position.generation,
    applied: record.position,
    tip: { sequence: record.position, hash },
    epoch: record.epoch,
    timeMs: record.timeMs,
    runFrom,
    ...(pending === undefined ? {} : { pending }),
  }
  state.put(positionKey(), encodePosition(next))
  return next
}

/** The row of a skipped record whose bytes are lost. */
const NO_HASH = new Uint8Array(32)

/** Stages the step over a record that does not count: position and run move, nothing else does. */
export const advanceOverSkipped = (
  state: Overlay,
  position: Position,
  sequence: Sequence,
  hash: Uint8Array | undefined,
  run: AppliedRun,
): Position => {
  const runFrom = run.extend(state, { sequence, bytes: sizeOfChanges(state.changes()), hash: hash ?? NO_HASH })
  const next: Position = { ...position, applied: sequence, runFrom }
  state.put(positionKey(), encodePosition(next))
  return next
}

/** Keeps a piece until its batch is complete; any other batch voids the pieces of one that was left incomplete. */
const stagePieces = (
  state: Overlay,
  pending: PendingBatch | undefined,
  encoded: EncodedRecord,
): PendingBatch | undefined => {
  const { batchId, part, payload } = encoded.record
  const ends = endsBatch(encoded)
  if (pending !== undefined && (ends || pending.batchId !== batchId))
    for (let index = 0; index < pending.parts; index += 1) state.delete(pieceKey(pending.batchId, index))
  if (ends) return undefined
  state.put(pieceKey(batchId, part.index), payload)
  return { batchId, parts: part.index + 1 }
}

/** The whole payload of the batch that `encoded` ends, or `undefined` when an earlier piece is not there. */
export const wholePayload = (
  state: Overlay,
  pending: PendingBatch | undefined,
  { record: { batchId, part, payload } }: EncodedRecord,
): Uint8Array | undefined => {
  if (part.count === 1) return payload
  if (pending?.batchId !== batchId || pending.parts !== part.count - 1) return undefined
  const pieces: Uint8Array[] = []
  for (let index = 0; index < pending.parts; index += 1) {
    const piece = state.get(pieceKey(batchId, index))
    if (piece === undefined) return undefined
    pieces.push(piece)
  }
  return Buffer.concat([...pieces, payload])
}
