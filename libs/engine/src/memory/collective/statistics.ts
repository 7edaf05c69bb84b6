/** Counters of a collective, kept by `apply` so that reading them costs one row. */
import { statisticsKey, type Scope } from '../../state/keyspace.ts'
import type { MutableState, StateView } from '../../state/overlay.ts'
import { decodeRow, encodeRow } from '../../state/rows.ts'

export interface Statistics {
  readonly experienceCount: number
  readonly archivedCount: number
  readonly storageBytes: number
  readonly relationCount: number
  readonly insightCount: number
}

const NAMES = ['experienceCount', 'archivedCount', 'storageBytes', 'relationCount', 'insightCount'] as const

/** The row that was written last, and what it says: the next write of the collective adds to it. */
let lastRow: Uint8Array | undefined
let lastCounts: readonly number[] = []

const readCounts = (state: StateView, key: Uint8Array): readonly number[] => {
  const bytes = state.get(key)
  if (bytes === undefined) return []
  return bytes === lastRow ? lastCounts : (decodeRow(bytes) as readonly number[])
}

export const readStatistics = (state: StateView, scope: Scope): Statistics => {
  const counts = readCounts(state, statisticsKey(scope))
  return Object.fromEntries(NAMES.map((name, index) => [name, counts[index] ?? 0])) as unknown as Statistics
}

/** Adds `change` to the counters. */
export const addStatistics = (state: MutableState, scope: Scope, change: Partial<Statistics>): void => {
  const key = statisticsKey(scope)
  const before = readCounts(state, key)
  const counts = NAMES.map((name, index) => (before[index] ?? 0) + (change[name] ?? 0))
  const bytes = encodeRow(counts)
  state.put(key, bytes)
  lastRow = bytes
  lastCounts = counts
}
