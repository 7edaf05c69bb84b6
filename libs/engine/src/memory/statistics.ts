/** Counters of a collective, kept by `apply` so that reading them costs one row. */
import { statisticsKey, type Scope } from '../state/keyspace.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { encodeRow, readRow } from '../state/rows.ts'

export interface Statistics {
  readonly experienceCount: number
  readonly archivedCount: number
  readonly storageBytes: number
}

export const readStatistics = (state: StateView, scope: Scope): Statistics => {
  const [experienceCount, archivedCount, storageBytes] = (readRow(state, statisticsKey(scope)) ?? [0, 0, 0]) as number[]
  return {
    experienceCount: experienceCount as number,
    archivedCount: archivedCount as number,
    storageBytes: storageBytes as number,
  }
}

/** Adds `change` to the counters. */
export const addStatistics = (state: MutableState, scope: Scope, change: Partial<Statistics>): void => {
  const now = readStatistics(state, scope)
  state.put(
    statisticsKey(scope),
    encodeRow([
      now.experienceCount + (change.experienceCount ?? 0),
      now.archivedCount + (change.archivedCount ?? 0),
      now.storageBytes + (change.storageBytes ?? 0),
    ]),
  )
}
