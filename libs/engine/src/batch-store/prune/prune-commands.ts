/**
 * Decisions about prunes of keys.
 *
 * P1  A prune is one decision, and what it leads to are many, each bounded (DESIGN K5): the leader's background work
 *     names the keys that go, with the write that each was listed of. One that was written since stays.
 * P2  A step of a prune that has ended, or whose collective is gone, changes nothing, and says so.
 */
import { assert, deriveUuid, type Uuid } from '@waggle/kernel'
import { fault, limits, type Address, type LogEvent } from '@waggle/protocol'
import type { DecideContext, Decider, Deciders, Decision } from '../../command/decider.ts'
import { event } from '../../event/events.ts'
import { knownCollective } from '../../memory/collective/collective-commands.ts'
import { compareAddresses } from '../../state/address-order.ts'
import { tombstoneKey, type Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { readKey } from '../key-rows.ts'
import { checkPolicies } from './prune-policies.ts'
import { jobsUnderWay, readJobs } from './prune-rows.ts'

/** K5: keys that one step takes: about a millisecond of `apply`. */
export const PRUNED_KEYS_MAX = 256
/** Prunes take a while: whoever finds too many under way need not ask at once. */
const BUSY_RETRY_AFTER_MS = 1_000

export interface PruneCommands {
  /** A step of a prune. The result says how many keys went, and whether the prune is under way. */
  'maintenance.pruneKeys': {
    readonly scope: Scope
    readonly job: Uuid
    /** Keys, each with the write that it was listed of; at most `PRUNED_KEYS_MAX`. */
    readonly keys: readonly (readonly [key: Uint8Array, address: Address])[]
    /** Whether the job ends with them. */
    readonly isEnd: boolean
  }
}

export interface PruneStep {
  readonly pruned: number
  /** P2. */
  readonly isUnderWay: boolean
}

type PruneDeciders = Pick<Deciders, 'keys.prune' | 'keys.setRetention'> & {
  readonly [Name in keyof PruneCommands]: Decider<PruneCommands[Name], PruneStep>
}

export const pruneDeciders: PruneDeciders = {
  'keys.prune'({ collective, policies: asked }, { view, tenant, key }) {
    const policies = checkPolicies(asked)
    const { scope } = knownCollective(view, tenant, collective)
    const job = deriveUuid(['prune', tenant, collective, key])
    // An idempotency key that was forgotten may come again while its job is still remembered.
    if (isKnown(view, scope, job)) return { events: [], result: { job } }
    const limit = limits.PRUNE_JOBS_MAX
    if (jobsUnderWay(view, scope).filter(({ kind }) => kind === 'prune').length >= limit)
      throw fault(
        'BUSY',
        `too many prunes are under way limit=${limit}`,
        { field: 'policies', limit },
        { retryAfterMs: BUSY_RETRY_AFTER_MS },
      )
    return { events: [event('PruneBegun', { job, policies })], result: { job } }
  },

  'keys.setRetention'({ collective, rule }, { view, tenant, key }) {
    const { scope } = knownCollective(view, tenant, collective)
    const job = deriveUuid(['retention', tenant, collective, key])
    if (isKnown(view, scope, job)) return { events: [], result: { job } }
    return { events: [event('RetentionSet', { job, ...(rule === undefined ? {} : { rule }) })], result: { job } }
  },

  'maintenance.pruneKeys'(
    { scope, job, keys: listed, isEnd }: PruneCommands['maintenance.pruneKeys'],
    { view }: DecideContext,
  ): Decision<PruneStep> {
    assert(listed.length <= PRUNED_KEYS_MAX, 'a step of a prune is bounded')
    // P2.
    if (!isPruning(view, scope, job)) return { events: [], result: { pruned: 0, isUnderWay: false } }
    const keys: Uint8Array[] = []
    let bytes = 0
    for (const [key, address] of listed) {
      const row = readKey(view, scope, key)
      // P1.
      if (row === undefined || compareAddresses(row.address, address) !== 0) continue
      keys.push(key)
      bytes += key.length + row.value.length
    }
    const events: LogEvent[] = []
    if (keys.length > 0) events.push(event('KeysPruned', { ...scope.incarnation, job, keys, bytes }))
    if (isEnd) events.push(event('PruneEnded', { ...scope.incarnation, job }))
    return { events, result: { pruned: keys.length, isUnderWay: !isEnd } }
  },
}

const isKnown = (view: StateView, scope: Scope, job: Uuid): boolean =>
  readJobs(view, scope).some(({ id }) => id === job)

/** Whether a job is under way in a collective that is there. */
export const isPruning = (view: StateView, scope: Scope, job: Uuid): boolean =>
  view.get(tombstoneKey(scope)) === undefined && jobsUnderWay(view, scope).some(({ id }) => id === job)
