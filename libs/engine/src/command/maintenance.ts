/** Decisions of the engine itself: bounded steps of reclaiming what is no longer reachable (DESIGN K5, F6). */
import { readRow } from '../state/rows.ts'
import { event } from '../event/events.ts'
import { keyCutOffKey, tombstoneKey, type Scope } from '../state/keyspace.ts'
import type { DecideContext, Decision } from './decider.ts'

export interface MaintenanceCommands {
  /** Changes nothing: its answer says that this term still leads (DESIGN L6). */
  'maintenance.confirm': object
  /** Reclaims rows of a deleted collective; `last` when none is left behind them. */
  'maintenance.sweep': { readonly scope: Scope; readonly keys: readonly Uint8Array[]; readonly last: boolean }
  /** Forgets idempotency keys up to the cut-off; `keys` are rows by age. */
  'maintenance.forgetKeys': { readonly cutOffMs: number; readonly keys: readonly Uint8Array[] }
}

const nothing: Decision<object> = { events: [], result: {} }

export const maintenanceDeciders = {
  'maintenance.confirm': (): Decision<object> => nothing,

  'maintenance.sweep'(
    { scope, keys, last }: MaintenanceCommands['maintenance.sweep'],
    { view }: DecideContext,
  ): Decision<object> {
    if (view.get(tombstoneKey(scope)) === undefined) return nothing
    return { events: [event('CollectiveSwept', { ...scope.incarnation, keys, last })], result: {} }
  },

  'maintenance.forgetKeys'(
    { cutOffMs, keys }: MaintenanceCommands['maintenance.forgetKeys'],
    { view }: DecideContext,
  ): Decision<object> {
    const before = (readRow(view, keyCutOffKey())?.[0] ?? -1) as number
    if (keys.length === 0 && cutOffMs <= before) return nothing
    return { events: [event('KeysForgotten', { cutOffMs: Math.max(before, cutOffMs), keys })], result: {} }
  },
}
