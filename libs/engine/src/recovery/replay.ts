/**
 * Replay: takes the records of a log that the state does not have yet. A log that one process writes has no fenced
 * leaders in it, so every record must follow from its predecessor; one that does not is damage, never skipped.
 */
import { equalBytes } from '@waggle/kernel'
import { decodeEntries, decodeRecord, type EncodedRecord, type Sequence } from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import { applyEntry } from '../event/apply.ts'
import type { BatchLog, StoredRecord } from '../log/batch-log.ts'
import { Overlay } from '../state/overlay.ts'
import type { KeyValueStore } from '../store/key-value-store.ts'
import { advance, endsBatch, wholePayload } from './advance.ts'
import type { AppliedRun } from './applied-run.ts'
import type { Position } from './position.ts'

/**
 * Brings the store to the end of the log; returns the position there.
 * @throws Fault `CORRUPT` when the log does not reach down to the state, or a record does not follow
 */
export const replay = async (
  log: BatchLog,
  store: KeyValueStore,
  start: Position,
  run: AppliedRun,
): Promise<Position> => {
  const { first, last } = await log.bounds()
  if (last < start.applied)
    throw engineFault('CORRUPT', `log ends before the state last=${last} applied=${start.applied}`, {
      last,
      applied: start.applied,
    })
  if (first > start.applied + 1)
    throw engineFault('CORRUPT', `log begins behind the state first=${first} applied=${start.applied}`, {
      from: start.applied + 1,
      to: first - 1,
    })
  let position = start
  for await (const stored of log.read((start.applied + 1) as Sequence))
    position = await replayRecord(store, position, effective(stored, position), run)
  if (position.applied !== last)
    throw engineFault('CORRUPT', `records are missing from the log from=${position.applied + 1} to=${last}`, {
      from: position.applied + 1,
      to: last,
    })
  return position
}

/** The record, when it is intact and follows from the position. */
const effective = ({ sequence, bytes = new Uint8Array() }: StoredRecord, position: Position): EncodedRecord => {
  const decoded = decodeRecord(bytes)
  if ('defect' in decoded) {
    const code = decoded.defect === 'format' ? 'FORMAT_UNSUPPORTED' : 'CORRUPT'
    throw engineFault(code, `record cannot be read sequence=${sequence} defect=${decoded.defect}`, { sequence })
  }
  const { generation, previous, epoch } = decoded.record
  const follows =
    generation === position.generation &&
    sequence === position.applied + 1 &&
    decoded.record.position === sequence &&
    previous.sequence === position.tip.sequence &&
    equalBytes(previous.hash, position.tip.hash) &&
    (epoch.sequence === sequence || epoch.id === position.epoch.id)
  if (!follows)
    throw engineFault('CORRUPT', `record does not follow its predecessor sequence=${sequence}`, { sequence })
  return decoded
}

const replayRecord = async (
  store: KeyValueStore,
  position: Position,
  encoded: EncodedRecord,
  run: AppliedRun,
): Promise<Position> => {
  const state = new Overlay(store)
  if (endsBatch(encoded)) applyBatch(state, position, encoded)
  const next = advance(state, position, encoded, run)
  await store.write(state.changes(), { sync: false })
  return next
}

const applyBatch = (state: Overlay, position: Position, encoded: EncodedRecord): void => {
  const { position: sequence, timeMs } = encoded.record
  const payload = wholePayload(state, position.pending, encoded)
  if (payload === undefined) throw engineFault('CORRUPT', `batch misses a part sequence=${sequence}`, { sequence })
  let index = 0
  for (const entry of decodeEntries(payload))
    index = applyEntry(state, entry, { sequence, timeMs, generation: position.generation }, index, () => undefined)
}
