/** Counters of a collective, kept by `apply` so that reading them costs one row. */
import { statisticsKey, type Scope } from '../../state/keyspace.ts'
import type { MutableState, StateView } from '../../state/overlay.ts'
import { encodeRow, readRow } from '../../state/rows.ts'

export interface Statistics {
  readonly experienceCount: number
  readonly archivedCount: number
  readonly storageBytes: number
  readonly relationCount: number
  readonly insightCount: number
}

const NAMES = ['experienceCount', 'archivedCount', 'storageBytes', 'relationCount', 'insightCount'] as const

export const readStatistics = (state: StateView, scope: Scope): Statistics => {
  const counts = (readRow(state, statisticsKey(scope)) ?? []) as readonly number[]
  return Object.fromEntries(NAMES.map((name, index) => [name, counts[index] ?? 0])) as unknown as Statistics
}

/** Adds `change` to the counters. */
export const addStatistics = (state: MutableState, scope: Scope, change: Partial<Statistics>): void => {
  const now = readStatistics(state, scope)
  state.put(statisticsKey(scope), encodeRow(NAMES.map((name) => now[name] + (change[name] ?? 0))))
}
