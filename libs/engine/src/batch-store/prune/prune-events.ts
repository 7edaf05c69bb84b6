/** What the events of prunes do to the state. */
import type { Address, Sequence, TenantId } from '@waggle/protocol'
import type { Appliers } from '../../event/applier.ts'
import { mayExpire, moveExpiries } from '../../expiry/expiry-rows.ts'
import { JOURNAL_STORE, journalKey, keyKey, type Scope } from '../../state/keyspace.ts'
import type { MutableState } from '../../state/overlay.ts'
import { encodeKeyJournalRow } from '../key-journal.ts'
import { putKeyStore, readKey, readKeyStore } from '../key-rows.ts'
import { addJob, countJob, endJobs, markPruneRow, putPolicies, unmarkPruneRow } from './prune-rows.ts'
import { putPrunedBatch } from './pruned-batches.ts'
import { putRetention } from './retention-rows.ts'

type PruneAppliers = Pick<Appliers, 'RetentionSet' | 'PruneBegun' | 'KeysPruned' | 'PruneEnded' | 'BatchesPruned'>

export const pruneAppliers: PruneAppliers = {
  RetentionSet({ job, rule }, { state, address, scope: scopeOf, tell }) {
    const scope = scopeOf()
    putRetention(state, scope, rule)
    // A rule takes the place of the one before, also where that has not been applied whole yet.
    endJobs(state, scope, ({ kind }) => kind === 'retention')
    addJob(state, scope, { id: job, kind: 'retention', isDone: rule === undefined, address, keys: 0, batches: 0 })
    tell({ kind: 'upkeep', scope })
  },

  PruneBegun({ job, policies }, { state, address, scope: scopeOf, tell }) {
    const scope = scopeOf()
    putPolicies(state, scope, job, policies)
    addJob(state, scope, { id: job, kind: 'prune', isDone: false, address, keys: 0, batches: 0 })
    tell({ kind: 'upkeep', scope })
  },

  KeysPruned({ job, keys, bytes, ...incarnation }, { state, tenant, address, timeMs, tell }) {
    const scope = scopeAt(tenant, incarnation)
    if (mayExpire(state, scope, 'key')) forgetExpiries(state, scope, keys)
    for (const key of keys) state.delete(keyKey(scope, key))
    state.put(
      journalKey(scope, JOURNAL_STORE.keys, address),
      encodeKeyJournalRow({ timeMs, entries: [], deleted: keys }),
    )
    markPruneRow(state, scope, address)
    const store = readKeyStore(state, scope)
    putKeyStore(state, scope, { ...store, keyCount: store.keyCount - keys.length, bytes: store.bytes - bytes })
    countJob(state, scope, job, { keys: keys.length })
    tell({ kind: 'journal', journal: 'keys', scope })
    tell({ kind: 'upkeep', scope })
  },

  PruneEnded({ job, ...incarnation }, { state, tenant }) {
    endJobs(state, scopeAt(tenant, incarnation), ({ id }) => id === job)
  },

  BatchesPruned({ addresses, batches, job, ...incarnation }, { state, tenant }) {
    const scope = scopeAt(tenant, incarnation)
    for (const [sequence, index] of addresses) {
      const address: Address = { sequence: sequence as Sequence, index }
      state.delete(journalKey(scope, JOURNAL_STORE.keys, address))
      unmarkPruneRow(state, scope, address)
    }
    const [last = 0] = addresses.at(-1) ?? []
    putPrunedBatch(state, scope, last)
    const store = readKeyStore(state, scope)
    putKeyStore(state, scope, { ...store, batchCount: store.batchCount - batches })
    if (job !== undefined) countJob(state, scope, job, { batches })
  },
}

const forgetExpiries = (state: MutableState, scope: Scope, keys: readonly Uint8Array[]): void => {
  const expiries = keys.map((id) => ({ id, before: readKey(state, scope, id)?.expiresAt }))
  moveExpiries(state, scope, 'key', expiries)
}

const scopeAt = (
  tenant: TenantId,
  { sequence, index }: { readonly sequence: number; readonly index: number },
): Scope => ({ tenant, incarnation: { sequence: sequence as Sequence, index } })
