/**
 * Rows of the vector store and of the payload store, two tables of points that share ids and nothing else: a vector may
 * have no payload and a payload no vector. Each table keeps what it holds in a row of its own.
 */
import type { Uint64Text, VectorDurability } from '@waggle/protocol'
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

/** Where the points of a kind are. */
export interface PointTable {
  readonly key: (scope: Scope, id: Uint64Text) => Uint8Array
  readonly prefix: (scope: Scope) => Uint8Array
  /** Of the row that counts them. */
  readonly storeKey: (scope: Scope) => Uint8Array
}

export const vectorTable: PointTable = { key: vectorKey, prefix: vectorPrefix, storeKey: vectorStoreKey }
export const payloadTable: PointTable = { key: payloadKey, prefix: payloadPrefix, storeKey: payloadStoreKey }

/** What a table holds: how many points, and what their values take. */
export interface PointCount {
  readonly count: number
  readonly bytes: number
}

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

/** Stores points; of an id that comes twice the last one stays. */
export const putPoints = (
  state: MutableState,
  scope: Scope,
  table: PointTable,
  items: readonly (readonly [id: Uint64Text, value: Uint8Array])[],
): void => {
  const [before, bytesBefore, ...rest] = readStoreRow(state, scope, table)
  let [count, bytes] = [before, bytesBefore]
  for (const [id, value] of items) {
    const key = table.key(scope, id)
    const replaced = state.get(key)
    if (replaced === undefined) count += 1
    bytes += value.length - (replaced?.length ?? 0)
    state.put(key, value)
  }
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
  for (const id of ids) {
    const key = table.key(scope, id)
    const deleted = state.get(key)
    if (deleted === undefined) continue
    count -= 1
    bytes -= deleted.length
    state.delete(key)
  }
  state.put(table.storeKey(scope), encodeRow([count, bytes, ...rest]))
}

/** Which of these ids are there, each once. */
export const knownPoints = (
  state: StateView,
  scope: Scope,
  table: PointTable,
  ids: readonly Uint64Text[],
): readonly Uint64Text[] => [...new Set(ids)].filter((id) => state.get(table.key(scope, id)) !== undefined)

/** Ids in ascending order, from the one behind `after` on. */
export const pageOfIds = async (
  state: StoreReader,
  scope: Scope,
  table: PointTable,
  { limit, after }: { readonly limit: number; readonly after?: Uint64Text },
): Promise<{ readonly ids: readonly Uint64Text[]; readonly more: boolean }> => {
  const range = prefixRange(table.prefix(scope))
  const rest = after === undefined ? range : { ...range, gte: keyBehind(table.key(scope, after)) }
  const ids: Uint64Text[] = []
  for await (const key of state.scanKeys({ ...rest, limit: limit + 1 })) ids.push(uint64OfKey(key))
  return { ids: ids.slice(0, limit), more: ids.length > limit }
}

/** The payload of an id as JSON text. */
export const readPayload = (state: StateView, scope: Scope, id: Uint64Text): string | undefined => {
  const bytes = state.get(payloadKey(scope, id))
  return bytes === undefined ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
}
