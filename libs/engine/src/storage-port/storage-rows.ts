/** What the storage port keeps for a tenant, beside its collectives: two rows. */
import { formatUuid, uuidBytes, type Uuid } from '@waggle/kernel'
import type { Address, Sequence, TenantId } from '@waggle/protocol'
import type { SyncCursor } from './storage-records.ts'
import { compareAddresses } from '../state/address-order.ts'
import { storageKey, syncCursorsKey } from '../state/keyspace.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { encodeRow, readRow } from '../state/rows.ts'

/** What the port says of the tenant's store. */
export interface StorageRow {
  readonly dimension: number
  /** Epoch milliseconds of the first opening, and of the newest. */
  readonly createdAt: number
  readonly lastOpenedAt: number
}

export const readStorage = (state: StateView, tenant: TenantId): StorageRow | undefined => {
  const row = readRow(state, storageKey(tenant)) as readonly number[] | undefined
  if (row === undefined) return undefined
  const [dimension, createdAt, lastOpenedAt] = row as readonly [number, number, number]
  return { dimension, createdAt, lastOpenedAt }
}

export const putStorage = (
  state: MutableState,
  tenant: TenantId,
  { dimension, createdAt, lastOpenedAt }: StorageRow,
): void => {
  state.put(storageKey(tenant), encodeRow([dimension, createdAt, lastOpenedAt]))
}

/** By peer, ascending. One row, for whoever compacts must see them all by reading points (ADR 0005). */
export const readSyncCursors = (state: StateView, tenant: TenantId): readonly SyncCursor[] =>
  ((readRow(state, syncCursorsKey(tenant)) ?? []) as readonly (readonly [Uint8Array, number, number])[]).map(
    ([peer, sequence, index]) => ({
      instanceId: formatUuid(peer),
      lastSequence: { sequence: sequence as Sequence, index },
    }),
  )

/** Puts the cursor of `peer` in the place of what was there; `undefined` removes it. */
export const putSyncCursor = (
  state: MutableState,
  tenant: TenantId,
  peer: Uuid,
  lastSequence: Address | undefined,
): void => {
  const others = readSyncCursors(state, tenant).filter(({ instanceId }) => instanceId !== peer)
  const cursors = lastSequence === undefined ? others : [...others, { instanceId: peer, lastSequence }]
  if (cursors.length === 0) {
    state.delete(syncCursorsKey(tenant))
    return
  }
  const rows = cursors
    .sort((left, right) => (left.instanceId < right.instanceId ? -1 : 1))
    .map(({ instanceId, lastSequence: { sequence, index } }) => [uuidBytes(instanceId), sequence, index])
  state.put(syncCursorsKey(tenant), encodeRow(rows))
}

/** The last change that every peer is done with; `undefined` where no peer is known. */
export const lowestSyncCursor = (state: StateView, tenant: TenantId): Address | undefined =>
  readSyncCursors(state, tenant)
    .map(({ lastSequence }) => lastSequence)
    .sort(compareAddresses)[0]
