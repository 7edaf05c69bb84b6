/**
 * Restores a state from a checkpoint's bytes into an empty store.
 *
 * E1  The position comes last, with a sync, when every row is there and the digest is right: a store in which restoring
 *     was interrupted has none, and nobody takes it for a state.
 * E2  Rows are written in bounded batches, with a rest in between.
 * E3  The run of applied records begins, and ends, with the record of the checkpoint: opening finds it without a gap
 *     (DESIGN K2), and the log is followed from there.
 * E4  A state may begin another life of its log (DESIGN K4): what it was is verified first, then the position takes the
 *     new generation, and the sequence before that generation's first. Records in between there are none.
 */
import { assert } from '@waggle/kernel'
import type { Generation, Sequence } from '@waggle/protocol'
import { encodePosition, type Position } from '../recovery/position.ts'
import { appliedKey, positionKey } from '../state/keyspace.ts'
import { encodeRow } from '../state/rows.ts'
import type { KeyValueStore, StoreChange } from '../store/key-value-store.ts'
import { DumpReader } from './dump-reader.ts'
import type { Pace } from './state-frames.ts'

/** What was restored, as the checkpoint has it. */
export interface RestoredState {
  readonly generation: Generation
  readonly sequence: Sequence
  readonly digest: string
}

/** E4. */
export interface NewLife {
  readonly generation: Generation
  /** The state counts as having applied everything up to here; not below the checkpoint's own sequence. */
  readonly applied: Sequence
}

/** E2: some 3 ms of work for rows of 1.5 KB and for rows of 60 bytes (measured). */
const BATCH_BYTES = 256 * 1024
const BATCH_ROWS = 512

const NO_HASH = new Uint8Array(32)

export interface RestoreOptions {
  readonly pace: Pace
  /**
   * Called when all rows are written and the digest is right; what it throws leaves no state (E1). What it returns is
   * the life that the state begins (E4); absent, or `undefined`: it goes on in its own.
   */
  readonly judge?: (restored: RestoredState) => NewLife | undefined
}

/**
 * @param store empty; of no use when this throws
 * @throws Fault `CORRUPT`, `FORMAT_UNSUPPORTED`; what `pieces` and `judge` throw
 */
export const restoreState = async (
  store: KeyValueStore,
  pieces: AsyncIterable<Uint8Array>,
  { pace, judge }: RestoreOptions,
): Promise<RestoredState> => {
  const reader = new DumpReader()
  let batch: StoreChange[] = []
  let batchBytes = 0
  const write = async (): Promise<void> => {
    await store.write(batch, { sync: false })
    batch = []
    batchBytes = 0
  }
  for await (const piece of pieces) {
    for (const { key, value } of reader.take(piece)) {
      batch.push({ key, value })
      batchBytes += key.length + value.length
      // E2.
      if (batchBytes >= BATCH_BYTES || batch.length >= BATCH_ROWS) await write()
    }
    await pace(piece.length)
  }
  const { position, digest } = reader.finish()
  await write()
  const restored = { generation: position.generation, sequence: position.applied, digest }
  const newLife = judge?.(restored)
  await writePosition(store, newLife === undefined ? position : reborn(position, newLife))
  return restored
}

/** E4. */
const reborn = (position: Position, { generation, applied }: NewLife): Position => {
  assert(applied >= position.applied, 'a new generation begins above what the state has')
  return { ...position, generation, applied }
}

/** E1, E3. */
const writePosition = async (store: KeyValueStore, position: Position): Promise<void> => {
  const { applied, tip } = position
  const hash = tip.sequence === applied ? tip.hash : NO_HASH
  await store.write(
    [
      { key: appliedKey(applied), value: encodeRow([hash, 0]) },
      { key: positionKey(), value: encodePosition({ ...position, runFrom: applied }) },
    ],
    { sync: true },
  )
}
