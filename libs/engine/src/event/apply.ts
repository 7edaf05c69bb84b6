/**
 * `apply` turns events into state. It is the same code on a leader, a follower and a rebuild.
 *
 * A1  Total: it never refuses. What it throws is a bug of ours, and at the leader it throws before anything is logged.
 * A2  Pure: it reads the state and its arguments, and writes into the state it was given.
 * A3  Frozen: the rows that a published event kind leads to never change (golden digests, `golden/`).
 */
import { present } from '@waggle/kernel'
import type { Address, CollectiveId, Generation, LogEntry, LogEvent, TenantId } from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import { keyAppliers } from '../batch-store/key-events.ts'
import { pruneAppliers } from '../batch-store/prune/prune-events.ts'
import { checkpointAppliers } from '../checkpoint/checkpoint-events.ts'
import { putIdempotencyRow } from '../command/idempotency.ts'
import type { Effect } from './effect.ts'
import { expiryAppliers } from '../expiry/expiry-events.ts'
import { holdAppliers } from '../keeping/hold-events.ts'
import { pruneJournal } from '../keeping/prune-journal.ts'
import { activityAppliers } from '../memory/activity/activity-events.ts'
import { readScope } from '../memory/collective/collective-rows.ts'
import { collectiveAppliers } from '../memory/collective/collective-events.ts'
import { experienceAppliers } from '../memory/experience/experience-events.ts'
import { insightAppliers } from '../memory/insight/insight-events.ts'
import { relationAppliers } from '../memory/relation/relation-events.ts'
import { pageAppliers } from '../page-store/page-events.ts'
import type { Scope } from '../state/keyspace.ts'
import type { MutableState } from '../state/overlay.ts'
import { storageAppliers } from '../storage-port/storage-events.ts'
import { payloadAppliers } from '../vector-store/payload-events.ts'
import { vectorAppliers } from '../vector-store/vector-events.ts'
import { cursorAppliers } from '../watch/cursor-events.ts'
import type { ApplyContext, Appliers } from './applier.ts'
import type { EventKind } from './events.ts'
import { forgetKeys } from './forget-keys.ts'

const appliers: Appliers = {
  ...collectiveAppliers,
  ...experienceAppliers,
  ...relationAppliers,
  ...insightAppliers,
  ...activityAppliers,
  ...cursorAppliers,
  ...holdAppliers,
  ...checkpointAppliers,
  ...storageAppliers,
  ...keyAppliers,
  ...pruneAppliers,
  ...vectorAppliers,
  ...payloadAppliers,
  ...pageAppliers,
  ...expiryAppliers,
  JournalPruned: pruneJournal,
  KeysForgotten: forgetKeys,
}

/** A batch of entries at its place in the log. */
export interface AppliedBatch {
  /** The sequence of the batch: of its last part. */
  readonly sequence: Address['sequence']
  readonly timeMs: number
  readonly generation: Generation
}

/**
 * Applies one entry: its events, then what its idempotency key must remember.
 * @param firstIndex how many events of the batch came before
 * @returns the index after the entry's last event
 * @throws Fault `FORMAT_UNSUPPORTED` for an event of a newer version; nothing may be applied past it
 */
export const applyEntry = (
  state: MutableState,
  entry: LogEntry,
  batch: AppliedBatch,
  firstIndex: number,
  tell: (effect: Effect) => void,
): number => {
  const { sequence, timeMs } = batch
  const scope = memoize(() => scopeOf(state, entry.tenant, entry.collective))
  entry.events.forEach((event, offset) => {
    const address = { sequence, index: firstIndex + offset }
    applyEvent(event, { state, tenant: entry.tenant, address, timeMs, scope, tell })
  })
  putIdempotencyRow(state, entry, { sequence, index: firstIndex }, timeMs)
  return firstIndex + Math.max(1, entry.events.length)
}

const applyEvent = ([kind, body]: LogEvent, context: ApplyContext): void => {
  if (!Object.hasOwn(appliers, kind))
    throw engineFault('FORMAT_UNSUPPORTED', `unknown event kind=${kind} sequence=${context.address.sequence}`, { kind })
  const apply = appliers[kind as EventKind] as (body: unknown, context: ApplyContext) => void
  apply(body, context)
}

const scopeOf = (state: MutableState, tenant: TenantId, collective: CollectiveId | undefined): Scope =>
  present(readScope(state, tenant, present(collective, 'collective of an entry')), 'collective of an event')

const memoize = <Value>(compute: () => Value): (() => Value) => {
  let known: { readonly value: Value } | undefined
  return () => (known ??= { value: compute() }).value
}
