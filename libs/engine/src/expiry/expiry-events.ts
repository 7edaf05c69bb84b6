/** What it does to the state that records are given a lifetime, or lose it. */
import { present, type Uuid } from '@waggle/kernel'
import type { Uint64Text } from '@waggle/protocol'
import { setKeyExpiry } from '../batch-store/key-writes.ts'
import type { ApplyContext, Appliers } from '../event/applier.ts'
import type { EventBodies } from '../event/events.ts'
import { addStatistics } from '../memory/collective/statistics.ts'
import { readExperience, replaceExperience, type ExperienceRow } from '../memory/experience/experience-rows.ts'
import { putInsightHead, readInsightHead } from '../memory/insight/insight-rows.ts'
import { putRelation, readRelation } from '../memory/relation/relation-rows.ts'
import { putMemoryPlace, readMemoryPlace } from '../page-store/page-rows.ts'
import type { Scope } from '../state/keyspace.ts'
import type { MutableState } from '../state/overlay.ts'
import { payloadTable, setPointExpiry, vectorTable } from '../vector-store/point-rows.ts'
import { moveExpiries, type ExpiryMove } from './expiry-rows.ts'
import type { Expiring } from './is-expired.ts'

type Body = EventBodies['ExpirySet']

export const expiryAppliers: Pick<Appliers, 'ExpirySet'> = {
  ExpirySet(body, context) {
    const scope = context.scope()
    set(body, context)
    if (body.expiresAt !== undefined) context.tell({ kind: 'expiry', scope, expiresAt: body.expiresAt })
  },
}

const set = (body: Body, context: ApplyContext): void => {
  const { state } = context
  const scope = context.scope()
  if (body.table === 'key') setKeyExpiry(context, body.ids, body.expiresAt, body.collective)
  else if (body.table === 'vector') setPointExpiry(state, scope, vectorTable, body)
  else if (body.table === 'payload') setPointExpiry(state, scope, payloadTable, body)
  else setRecords(context, scope, body)
}

/** How the record of an id is read, and put with another lifetime. */
interface Kept<Row extends Expiring> {
  readonly read: (state: MutableState, scope: Scope, id: Uuid) => Row | undefined
  /** Returns by how many bytes it grew. */
  readonly put: (state: MutableState, scope: Scope, row: Row, id: Uuid) => number
}

const kept = <Row extends Expiring>(one: Kept<Row>): Kept<Expiring> => one as unknown as Kept<Expiring>

const records = {
  experience: kept({ read: readExperience, put: replaceExperience }),
  relation: kept({ read: readRelation, put: putRelation }),
  insight: kept({ read: readInsightHead, put: putInsightHead }),
  memory: kept({
    read: readMemoryPlace,
    put: (state, scope, place, id) => {
      putMemoryPlace(state, scope, id, place)
      return 0
    },
  }),
}

const setRecords = (
  { state, tell }: ApplyContext,
  scope: Scope,
  { table, ids, expiresAt, collective }: Exclude<Body, { readonly ids: readonly (Uint8Array | Uint64Text)[] }>,
): void => {
  const { read, put } = records[table]
  const moves: ExpiryMove<typeof table>[] = []
  let storageBytes = 0
  for (const id of ids) {
    const { expiresAt: before, ...row } = present(read(state, scope, id), 'record of an event')
    moves.push({ id, before, after: expiresAt })
    const after = { ...row, ...(expiresAt === undefined ? {} : { expiresAt }) }
    storageBytes += put(state, scope, after, id)
    if (table === 'experience') tell({ kind: 'row', table, scope, row: after as ExperienceRow })
  }
  moveExpiries(state, scope, table, moves, collective)
  if (storageBytes !== 0) addStatistics(state, scope, { storageBytes })
}
