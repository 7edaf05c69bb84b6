/**
 * The newest verified checkpoint, as a row of the state (DESIGN K3): the log may be purged up to it, no further (K1).
 * One row, since whoever moves the horizon must see it by reading a point (ADR 0005).
 */
import type { Sequence } from '@waggle/protocol'
import { checkpointKey } from '../state/keyspace.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { encodeRow, readRow } from '../state/rows.ts'

export interface VerifiedCheckpoint {
  /** Of the record at which the state was copied. */
  readonly sequence: Sequence
  /** Of that state, as it was compared. */
  readonly digest: string
}

/** `undefined` before the first was verified. */
export const readCheckpoint = (state: StateView): VerifiedCheckpoint | undefined => {
  const row = readRow(state, checkpointKey()) as readonly [Sequence, string] | undefined
  return row === undefined ? undefined : { sequence: row[0], digest: row[1] }
}

export const putCheckpoint = (state: MutableState, { sequence, digest }: VerifiedCheckpoint): void => {
  state.put(checkpointKey(), encodeRow([sequence, digest]))
}
