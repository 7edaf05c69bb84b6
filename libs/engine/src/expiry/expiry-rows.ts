/**
 * What expires, as rows of the state: per collective a table in the order in which it does, and one row that counts it.
 *
 * X1  A record that expires has `expiresAt` in its own row and one row of the table; both come and go together, so
 *     whoever sweeps finds all that is due, and nothing else.
 * X2  Where nothing of a collective expires there is no row that counts, and whoever reads looks at nothing further.
 */
import { uuidBytes, type Uuid } from '@waggle/kernel'
import type { CollectiveId, Uint64Text } from '@waggle/protocol'
import { expiringKey, expiryEnd, expiryKey, expiryPrefix, idOfKey, uint64OfKey, type Scope } from '../state/keyspace.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { encodeRow, readRow } from '../state/rows.ts'
import type { KeyRange, StoreReader } from '../store/key-value-store.ts'

/** What may expire. Their order is their numbers in keys and rows: never changed. */
export const expiringTables = ['experience', 'relation', 'insight', 'key', 'vector', 'payload', 'memory'] as const
export type ExpiringTable = (typeof expiringTables)[number]

/** The id of a record: of a key the key itself. */
export type ExpiringId<Table extends ExpiringTable = ExpiringTable> = Table extends 'key'
  ? Uint8Array
  : Table extends 'vector' | 'payload'
    ? Uint64Text
    : Uuid

const UINT64_BYTES = 8

const idBytes = (table: ExpiringTable, id: ExpiringId): Uint8Array => {
  if (typeof id !== 'string') return id
  if (table !== 'vector' && table !== 'payload') return uuidBytes(id as Uuid)
  const bytes = Buffer.allocUnsafe(UINT64_BYTES)
  bytes.writeBigUInt64BE(BigInt(id))
  return bytes
}

/** How many records of each table expire, and whose they are. */
export interface ExpiringCounts {
  readonly collective: CollectiveId
  readonly counts: readonly number[]
}

/** X2. */
export const readExpiring = (state: StateView, scope: Scope): ExpiringCounts | undefined => {
  const row = readRow(state, expiringKey(scope)) as readonly [CollectiveId, ...number[]] | undefined
  if (row === undefined) return undefined
  const [collective, ...counts] = row
  return { collective, counts }
}

/** Whether any record of a table expires at some time. */
export const mayExpire = (state: StateView, scope: Scope, table: ExpiringTable): boolean =>
  (readExpiring(state, scope)?.counts[expiringTables.indexOf(table)] ?? 0) > 0

/** A record whose lifetime changes. */
export interface ExpiryMove<Table extends ExpiringTable = ExpiringTable> {
  readonly id: ExpiringId<Table>
  /** Absent: it had none. */
  readonly before: number | undefined
  /** Absent: it has none any more. */
  readonly after?: number | undefined
}

/**
 * X1. Follows what the records' own rows say. @param collective whose records they are; absent where none begins to
 * expire
 */
export const moveExpiries = <Table extends ExpiringTable>(
  state: MutableState,
  scope: Scope,
  table: Table,
  moves: readonly ExpiryMove<Table>[],
  collective?: CollectiveId,
): void => {
  let change = 0
  const number = expiringTables.indexOf(table) + 1
  for (const { id, before, after } of moves) {
    if (before === after) continue
    if (before !== undefined) state.delete(expiryKey(scope, before, number, idBytes(table, id)))
    if (after !== undefined) state.put(expiryKey(scope, after, number, idBytes(table, id)), NOTHING)
    change += Number(after !== undefined) - Number(before !== undefined)
  }
  if (change !== 0) count(state, scope, number - 1, change, collective)
}

/** X1. A record that is removed, or written anew, expires no more. */
export const forgetExpiry = <Table extends ExpiringTable>(
  state: MutableState,
  scope: Scope,
  table: Table,
  id: ExpiringId<Table>,
  before: number | undefined,
): void => {
  if (before !== undefined) moveExpiries(state, scope, table, [{ id, before }])
}

const NOTHING = encodeRow([])

/** X2. */
const count = (
  state: MutableState,
  scope: Scope,
  table: number,
  change: number,
  collective: CollectiveId | undefined,
): void => {
  const known = readExpiring(state, scope)
  const counts = expiringTables.map((_, each) => (known?.counts[each] ?? 0) + (each === table ? change : 0))
  if (counts.every((one) => one === 0)) state.delete(expiringKey(scope))
  else state.put(expiringKey(scope), encodeRow([known?.collective ?? collective, ...counts]))
}

/** A row of the table. */
export interface ExpiryRow<Table extends ExpiringTable = ExpiringTable> {
  readonly table: Table
  readonly id: ExpiringId<Table>
  readonly expiresAt: number
}

/** What has expired of a collective at a time, in the order in which it did. */
export const expiredRange = (scope: Scope, atMs: number): KeyRange & { readonly lt: Uint8Array } => ({
  gte: expiryPrefix(scope),
  lt: expiryEnd(scope, atMs),
})

/** The row under a key of the table. */
export const expiryRowOf = (scope: Scope, key: Uint8Array): ExpiryRow => {
  const head = expiryPrefix(scope).length
  const expiresAt = Number(Buffer.from(key.buffer, key.byteOffset, key.length).readBigUInt64BE(head))
  const table = expiringTables[(key[head + 8] ?? 0) - 1] as ExpiringTable
  const id =
    table === 'key'
      ? new Uint8Array(key.subarray(head + 9))
      : table === 'vector' || table === 'payload'
        ? uint64OfKey(key)
        : idOfKey(key)
  return { table, id, expiresAt }
}

/** The rows of what has expired at a time. */
export async function* expiredRows(
  state: StoreReader,
  scope: Scope,
  atMs: number,
  limit?: number,
): AsyncGenerator<ExpiryRow> {
  const range = { ...expiredRange(scope, atMs), ...(limit === undefined ? {} : { limit }) }
  for await (const key of state.scanKeys(range)) yield expiryRowOf(scope, key)
}
