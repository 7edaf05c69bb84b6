/** The decision that prunes the journal of keys by a step; `batch-pruning.ts` has its rules. */
import { assert, type Uuid } from '@waggle/kernel'
import type { DecideContext, Decider, Decision } from '../../command/decider.ts'
import { event } from '../../event/events.ts'
import { tombstoneKey, type Scope } from '../../state/keyspace.ts'
import { prunableRows, type FirstRows } from './batch-pruning.ts'
import { isPruning } from './prune-commands.ts'
import { jobsUnderWay } from './prune-rows.ts'

/** K5: rows that one step removes: about a millisecond of `apply`. */
export const PRUNED_ROWS_MAX = 256

export interface BatchCommands {
  /** Prunes one step of the journal of keys. The result says how many rows went. */
  'maintenance.pruneBatches': FirstRows & {
    readonly scope: Scope
    /** A policy, which has batches go below `cutOff`; absent: the rule. */
    readonly policy?: { readonly job: Uuid; readonly cutOff: number }
  }
}

type BatchDeciders = {
  readonly [Name in keyof BatchCommands]: Decider<BatchCommands[Name], { readonly pruned: number }>
}

export const batchPruneDeciders: BatchDeciders = {
  'maintenance.pruneBatches'(
    { scope, policy, ...first }: BatchCommands['maintenance.pruneBatches'],
    { view }: DecideContext,
  ): Decision<{ readonly pruned: number }> {
    assert(first.addresses.length <= PRUNED_ROWS_MAX, 'a step of pruning is bounded')
    const nothing = { events: [], result: { pruned: 0 } }
    // Rows were listed some time ago: the collective may be gone since, and then they are the sweep's.
    if (view.get(tombstoneKey(scope)) !== undefined) return nothing
    if (policy !== undefined && !isPruning(view, scope, policy.job)) return nothing
    const { rows, batches } = prunableRows(view, scope, first, policy?.cutOff)
    if (rows === 0) return nothing
    const job = policy?.job ?? jobsUnderWay(view, scope).find(({ kind }) => kind === 'retention')?.id
    const pruned = event('BatchesPruned', {
      ...scope.incarnation,
      addresses: first.addresses.slice(0, rows).map(({ sequence, index }) => [sequence, index] as const),
      batches,
      ...(job === undefined ? {} : { job }),
    })
    return { events: [pruned], result: { pruned: rows } }
  },
}
