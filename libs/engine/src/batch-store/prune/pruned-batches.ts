/**
 * How far the journal of keys was pruned: a number of batches, for a batch goes whole. Of one that is larger than a
 * step some rows may be there a little longer; it counts as gone from the first on.
 */
import { endOfBatch, type Sequence } from '@waggle/protocol'
import { putJournalHorizon, readLastPruned } from '../../memory/journal.ts'
import { JOURNAL_STORE, journalHorizonKey, type Scope } from '../../state/keyspace.ts'
import type { MutableState, StateView } from '../../state/overlay.ts'

/** The sequence up to which batches are gone; one before the collective's own where none was pruned. */
export const readPrunedBatch = (state: StateView, scope: Scope): number =>
  wasPruned(state, scope) ? readLastPruned(state, scope, JOURNAL_STORE.keys).sequence : scope.incarnation.sequence - 1

export const wasPruned = (state: StateView, scope: Scope): boolean =>
  state.get(journalHorizonKey(scope, JOURNAL_STORE.keys)) !== undefined

/** Moves the end of what was pruned to a batch; it never goes back. */
export const putPrunedBatch = (state: MutableState, scope: Scope, sequence: number): void => {
  const last = Math.max(sequence, readPrunedBatch(state, scope))
  putJournalHorizon(state, scope, JOURNAL_STORE.keys, {
    horizon: { sequence: (last + 1) as Sequence, index: 0 },
    lastPruned: endOfBatch(last as Sequence),
  })
}

/** Whether a batch is gone; what was before the first one of the collective never was. */
export const isPruned = (state: StateView, scope: Scope, sequence: number): boolean =>
  wasPruned(state, scope) && sequence <= readPrunedBatch(state, scope)
