/**
 * The decision that removes what has expired, by a step of the leader's sweep.
 *
 * S1  What was listed goes if it still expires then, and then has come by the record's time: what was renewed, written
 *     anew or removed meanwhile stays as it is.
 * S2  Each goes as when a client deletes it, with all that hangs on it, so watchers see it in the same way. Keys go
 *     together, and are no batch of a client's.
 * S3  A step is bounded (DESIGN K5): it takes what it may of what was listed, and says how far it has come.
 */
import type { CollectiveId, LogEvent, Uint64Text } from '@waggle/protocol'
import { readKey } from '../batch-store/key-rows.ts'
import type { DecideContext, Decider, Decision } from '../command/decider.ts'
import { Rehearsal } from '../command/rehearsal.ts'
import { event } from '../event/events.ts'
import { readCollective } from '../memory/collective/collective-rows.ts'
import { deletionOf } from '../memory/experience/cascade.ts'
import { readExperience } from '../memory/experience/experience-rows.ts'
import { readInsightHead } from '../memory/insight/insight-rows.ts'
import { readRelation } from '../memory/relation/relation-rows.ts'
import { PageDraft } from '../page-store/page-draft.ts'
import { readMemoryPlace } from '../page-store/page-rows.ts'
import { compareAddresses } from '../state/address-order.ts'
import type { Scope } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'
import { pointExpiry } from '../vector-store/point-lifetimes.ts'
import { payloadTable, vectorTable } from '../vector-store/point-rows.ts'
import type { ExpiryRow } from './expiry-rows.ts'
import { isExpired } from './is-expired.ts'

export interface ExpiryCommands {
  'maintenance.expire': {
    readonly collective: CollectiveId
    /** Its life: what was listed is of no other. */
    readonly scope: Scope
    readonly rows: readonly ExpiryRow[]
  }
}

export interface ExpiryStep {
  readonly removed: number
  /** How many of those that were listed it has looked at. */
  readonly seen: number
}

/** S3: events, and rows that they write, of a step: some milliseconds of `apply`. */
const STEP_EVENTS = 1_024
const STEP_WRITES = 8_192

export const expiryDeciders: { readonly [Name in keyof ExpiryCommands]: Decider<ExpiryCommands[Name], ExpiryStep> } = {
  'maintenance.expire'({ collective, scope, rows }, context): Decision<ExpiryStep> {
    const stored = readCollective(context.view, context.tenant, collective)
    if (stored === undefined || compareAddresses(stored.scope.incarnation, scope.incarnation) !== 0)
      return { events: [], result: { removed: 0, seen: rows.length } }
    return new Step(context, collective, scope).over(rows)
  },
}

class Step {
  readonly #scope: Scope
  readonly #timeMs: number
  readonly #rehearsal: Rehearsal
  readonly #keys: Uint8Array[] = []
  readonly #vectors: Uint64Text[] = []
  readonly #payloads: Uint64Text[] = []

  constructor(context: DecideContext, collective: CollectiveId, scope: Scope) {
    this.#scope = scope
    this.#timeMs = context.timeMs
    this.#rehearsal = new Rehearsal(context, collective, 'maintenance.expire')
  }

  over(rows: readonly ExpiryRow[]): Decision<ExpiryStep> {
    let [removed, seen] = [0, 0]
    for (const row of rows) {
      const { view } = this.#rehearsal
      if (this.#rehearsal.events.length >= STEP_EVENTS || view.writes >= STEP_WRITES) break
      seen += 1
      // S1.
      if (!isExpired(row.expiresAt, this.#timeMs) || expiryNow(view, this.#scope, row) !== row.expiresAt) continue
      const events = this.#removal(row)
      if (events.length > 0) this.#rehearsal.take(events)
      removed += 1
    }
    return { events: [...this.#rehearsal.events, ...this.#together()], result: { removed, seen } }
  }

  /** S2. */
  #removal(row: ExpiryRow): readonly LogEvent[] {
    const { view } = this.#rehearsal
    if (isOf(row, 'experience')) return deletionOf(view, this.#scope, row.id)
    if (isOf(row, 'relation')) return [event('RelationDeleted', { id: row.id })]
    if (isOf(row, 'insight')) return [event('InsightDeleted', { id: row.id })]
    if (isOf(row, 'key')) this.#keys.push(row.id)
    if (isOf(row, 'vector')) this.#vectors.push(row.id)
    if (isOf(row, 'payload')) this.#payloads.push(row.id)
    return isOf(row, 'memory') ? this.#forget(row) : []
  }

  #forget({ id }: ExpiryRow<'memory'>): readonly LogEvent[] {
    const draft = new PageDraft(this.#rehearsal.view, this.#scope)
    const place = draft.placeOf(id)
    if (place !== undefined) draft.forget(id, place)
    return draft.events()
  }

  #together(): readonly LogEvent[] {
    return [
      ...(this.#keys.length === 0 ? [] : [event('KeysExpired', { keys: this.#keys })]),
      ...(this.#vectors.length === 0 ? [] : [event('VectorsDeleted', { ids: this.#vectors })]),
      ...(this.#payloads.length === 0 ? [] : [event('PayloadsDeleted', { ids: this.#payloads })]),
    ]
  }
}

const isOf = <Table extends ExpiryRow['table']>(row: ExpiryRow, table: Table): row is ExpiryRow<Table> =>
  row.table === table

/** When a record that was listed expires by now; `undefined`: never, or it is gone. */
const expiryNow = (view: StateView, scope: Scope, row: ExpiryRow): number | undefined => {
  if (isOf(row, 'experience')) return readExperience(view, scope, row.id)?.expiresAt
  if (isOf(row, 'relation')) return readRelation(view, scope, row.id)?.expiresAt
  if (isOf(row, 'insight')) return readInsightHead(view, scope, row.id)?.expiresAt
  if (isOf(row, 'key')) return readKey(view, scope, row.id)?.expiresAt
  if (isOf(row, 'memory')) return readMemoryPlace(view, scope, row.id)?.expiresAt
  const table = isOf(row, 'vector') ? vectorTable : payloadTable
  const bytes = view.get(table.key(scope, row.id as Uint64Text))
  return bytes === undefined ? undefined : pointExpiry(table, bytes)
}
