/**
 * Rows of the vector store and of the payload store, two tables of points that share ids and nothing else: a vector may
 * have no payload and a payload no vector. Each table keeps what it holds in a row of its own.
 */
import { present } from '@waggle/kernel'
import type { CollectiveId, Uint64Text, VectorDurability } from '@waggle/protocol'
import { expiredCounts } from '../expiry/expired-counts.ts'
import { mayExpire, moveExpiries, type ExpiryMove } from '../expiry/expiry-rows.ts'
import { isExpired } from '../expiry/is-expired.ts'
import {
  payloadKey,
  payloadPrefix,
  payloadStoreKey,
  uint64OfKey,
  vectorKey,
  vectorPrefix,
  vectorStoreKey,
  type Scope,
} from '../state/keyspace.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { encodeRow, readRow } from '../state/rows.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { keyBehind, prefixRange } from '../store/prefix-range.ts'
import { pointExpiry, pointRow, pointValue } from './point-lifetimes.ts'
import type { PointTable } from './point-table.ts'

export const vectorTable: PointTable = {
  name: 'vector',
  key: vectorKey,
  prefix: vectorPrefix,
  storeKey: vectorStoreKey,
}
export const payloadTable: PointTable = {
  ...{ name: 'payload', key: payloadKey, prefix: payloadPrefix, storeKey: payloadStoreKey },
}

/** What a table holds: how many points, and what their values take. */
export interface PointCount {
  readonly count: number
  readonly bytes: number
}

export const livePointCount = async (
  state: StoreReader,
  scope: Scope,
  table: PointTable,
  atMs: number,
): Promise<PointCount> => {
  const { count, bytes } = readPointCount(state, scope, table)
  return { count: count - (await expiredCounts(state, scope, atMs))[table.name], bytes }
}

/** What is stored, expired or not. */
export const readPointCount = (state: StateView, scope: Scope, table: PointTable): PointCount => {
  const [count, bytes] = readStoreRow(state, scope, table)
  return { count, bytes }
}

/** How durable the caller asked the vector store to be. */
export const readDurability = (state: StateView, scope: Scope): VectorDurability =>
  readStoreRow(state, scope, vectorTable)[2] ?? 'fsync'

export const putDurability = (state: MutableState, scope: Scope, durability: VectorDurability): void => {
  const { count, bytes } = readPointCount(state, scope, vectorTable)
  state.put(vectorTable.storeKey(scope), encodeRow([count, bytes, durability]))
}

type StoreRow = readonly [count: number, bytes: number, durability?: VectorDurability]

const readStoreRow = (state: StateView, scope: Scope, table: PointTable): StoreRow =>
  (readRow(state, table.storeKey(scope)) ?? [0, 0]) as unknown as StoreRow

/** Stores points, which expire no more; of an id that comes twice the last one stays. */
export const putPoints = (
  state: MutableState,
  scope: Scope,
  table: PointTable,
  items: readonly (readonly [id: Uint64Text, value: Uint8Array])[],
): void => {
  const [before, bytesBefore, ...rest] = readStoreRow(state, scope, table)
  let [count, bytes] = [before, bytesBefore]
  const expiries: ExpiryMove<PointTable['name']>[] = []
  for (const [id, value] of items) {
    const key = table.key(scope, id)
    const replaced = state.get(key)
    if (replaced === undefined) count += 1
    bytes += value.length - sizeOf(table, replaced)
    noteExpiry(expiries, table, id, replaced)
    state.put(key, value)
  }
  moveExpiries(state, scope, table.name, expiries)
  state.put(table.storeKey(scope), encodeRow([count, bytes, ...rest]))
}

/** Deletes points; ids that are not there are passed over. */
export const deletePoints = (
  state: MutableState,
  scope: Scope,
  table: PointTable,
  ids: readonly Uint64Text[],
): void => {
  const [before, bytesBefore, ...rest] = readStoreRow(state, scope, table)
  let [count, bytes] = [before, bytesBefore]
  const expiries: ExpiryMove<PointTable['name']>[] = []
  for (const id of ids) {
    const key = table.key(scope, id)
    const deleted = state.get(key)
    if (deleted === undefined) continue
    count -= 1
    bytes -= sizeOf(table, deleted)
    noteExpiry(expiries, table, id, deleted)
    state.delete(key)
  }
  moveExpiries(state, scope, table.name, expiries)
  state.put(table.storeKey(scope), encodeRow([count, bytes, ...rest]))
}

const sizeOf = (table: PointTable, row: Uint8Array | undefined): number =>
  row === undefined ? 0 : pointValue(table, row).length

const noteExpiry = (
  expiries: ExpiryMove<PointTable['name']>[],
  table: PointTable,
  id: Uint64Text,
  row: Uint8Array | undefined,
): void => {
  const before = row === undefined ? undefined : pointExpiry(table, row)
  if (before !== undefined) expiries.push({ id, before })
}

/** Gives points that are there another time to expire at, or none. */
export const setPointExpiry = (
  state: MutableState,
  scope: Scope,
  table: PointTable,
  {
    ids,
    expiresAt,
    collective,
  }: { readonly ids: readonly Uint64Text[]; readonly collective: CollectiveId } & {
    readonly expiresAt?: number
  },
): void => {
  const expiries: ExpiryMove<PointTable['name']>[] = []
  for (const id of ids) {
    const key = table.key(scope, id)
    const row = present(state.get(key), 'point of an event')
    expiries.push({ id, before: pointExpiry(table, row), after: expiresAt })
    state.put(key, pointRow(pointValue(table, row), expiresAt))
  }
  moveExpiries(state, scope, table.name, expiries, collective)
}

/** The value of a point that has not expired: a view. */
export const readPoint = (
  state: StateView,
  scope: Scope,
  table: PointTable,
  { id, atMs }: { readonly id: Uint64Text; readonly atMs: number },
): Uint8Array | undefined => {
  const row = state.get(table.key(scope, id))
  return row === undefined || isExpired(pointExpiry(table, row), atMs) ? undefined : pointValue(table, row)
}

/** Which of these ids are there, each once. */
export const knownPoints = (
  state: StateView,
  scope: Scope,
  table: PointTable,
  { ids, atMs }: { readonly ids: readonly Uint64Text[]; readonly atMs: number },
): readonly Uint64Text[] => [...new Set(ids)].filter((id) => readPoint(state, scope, table, { id, atMs }) !== undefined)

/** Ids in ascending order, from the one behind `after` on. */
export const pageOfIds = async (
  state: StoreReader,
  scope: Scope,
  table: PointTable,
  { limit, after }: { readonly limit: number; readonly after?: Uint64Text },
  atMs: number,
): Promise<{ readonly ids: readonly Uint64Text[]; readonly more: boolean }> => {
  const range = prefixRange(table.prefix(scope))
  const rest = after === undefined ? range : { ...range, gte: keyBehind(table.key(scope, after)) }
  const ids: Uint64Text[] = []
  if (mayExpire(state, scope, table.name)) {
    for await (const [key, row] of state.scan(rest)) {
      if (!isExpired(pointExpiry(table, row), atMs)) ids.push(uint64OfKey(key))
      if (ids.length > limit) break
    }
  } else for await (const key of state.scanKeys({ ...rest, limit: limit + 1 })) ids.push(uint64OfKey(key))
  return { ids: ids.slice(0, limit), more: ids.length > limit }
}

/** The payload of an id as JSON text. */
export const readPayload = (state: StateView, scope: Scope, id: Uint64Text, atMs: number): string | undefined => {
  const bytes = readPoint(state, scope, payloadTable, { id, atMs })
  return bytes === undefined ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
}
