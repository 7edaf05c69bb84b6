/** Finds the rows that the labels of a file still stand for (G5). */
import { formatUuid, type Timers } from '@waggle/kernel'
import type { GraphRecord } from './graph-file.ts'
import { checkOf } from './graph-keeper.ts'
import type { GraphLabels } from './graph-labels.ts'
import type { FlatTier } from './graph-measure.ts'

/** Labels of one turn of the event loop: half a millisecond. */
const LABELS_A_TURN = 256

export interface MatchParts {
  readonly flat: FlatTier
  readonly dimension: number
  readonly timers: Timers
  /** Whether the index is no longer kept. */
  readonly isStopped: () => boolean
  /** Takes labels that stand for nothing any more. */
  readonly died: (labels: readonly number[]) => void
}

/**
 * A label stands for the row of its id, if that is still there with the very same vector.
 * @param labels without any yet; what changes meanwhile it is told by others
 */
export const matchLabels = async (
  labels: GraphLabels,
  { ids, checks, dead }: GraphRecord,
  { flat, dimension, timers, isStopped, died }: MatchParts,
): Promise<void> => {
  const alreadyDead = new Set(dead)
  const vector = new Float32Array(dimension)
  const isSame = (row: number, check: number): boolean => {
    flat.readVector(row, vector)
    return checkOf(vector) === check
  }
  for (let start = 0; start < checks.length && !isStopped(); start += LABELS_A_TURN) {
    const newlyDead: number[] = []
    for (let label = start; label < Math.min(start + LABELS_A_TURN, checks.length); label += 1) {
      const row = alreadyDead.has(label) ? undefined : flat.rowOf(formatUuid(ids.subarray(16 * label)))
      if (row !== undefined && labels.waiting.has(row) && isSame(row, checks[label] as number)) labels.adopt(row)
      else if (!alreadyDead.has(labels.skip())) newlyDead.push(label)
    }
    died(newlyDead)
    await timers.yield()
  }
}
