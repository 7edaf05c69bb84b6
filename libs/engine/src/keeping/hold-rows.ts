/**
 * What the log must keep, as rows of the state (DESIGN K1): each replica's hold, and the log's horizon. All holds are
 * one row, since whoever moves the horizon must see them all by reading points (ADR 0005).
 */
import type { Sequence } from '@waggle/protocol'
import { holdsKey, logHorizonKey } from '../state/keyspace.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { encodeRow, readRow } from '../state/rows.ts'

/** For each registered replica the lowest record that it needs. */
export const readHolds = (state: StateView): Readonly<Record<string, Sequence>> =>
  Object.fromEntries((readRow(state, holdsKey()) ?? []) as readonly (readonly [string, Sequence])[])

/** Replicas in the order of their names' code units, so that the row does not depend on who came first. */
export const putHolds = (state: MutableState, holds: Readonly<Record<string, number>>): void => {
  const rows = Object.entries(holds).sort(([left], [right]) => (left < right ? -1 : 1))
  state.put(holdsKey(), encodeRow(rows))
}

/** The lowest record that the log must keep: everything below may be purged. 1 until it moves. */
export const readLogHorizon = (state: StateView): Sequence => (readRow(state, logHorizonKey())?.[0] ?? 1) as Sequence

export const putLogHorizon = (state: MutableState, sequence: number): void => {
  state.put(logHorizonKey(), encodeRow([sequence]))
}
