import { fault } from '@waggle/protocol'
import type { Reading } from '../query/applied-state.ts'

/** Exoware's advice to a caller whose sequence is not there yet. */
const RETRY_AFTER_MS = 1_000

/**
 * The sequence that a read of keys speaks of: what the state has reached before it.
 * @throws Fault `CONSISTENCY_NOT_READY` where that is below what the caller asks for (Exoware A.5)
 */
export const reachedSequence = ({ sequence }: Reading, minSequence: number | undefined): number => {
  if (minSequence !== undefined && minSequence > sequence)
    throw fault(
      'CONSISTENCY_NOT_READY',
      `state has not reached the sequence required=${minSequence} current=${sequence}`,
      { field: 'minSequence', required: minSequence, current: sequence },
      { retryAfterMs: RETRY_AFTER_MS },
    )
  return sequence
}
