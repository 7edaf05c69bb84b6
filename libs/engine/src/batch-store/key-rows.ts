/**
 * Keys of the batch store as rows of the state: the address of the write, then the value. The address tells one life of
 * a key from the next: who lists keys and deletes them later deletes only what he has listed. Of a key that expires the
 * first bit is set, which no sequence has, and the time when it does stands before the value.
 */
import type { Address, Sequence } from '@waggle/protocol'
import { keyKey, keyStoreKey, type Scope } from '../state/keyspace.ts'
import { ADDRESS_BYTES } from '../state/key-writer.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { encodeRow, readRow } from '../state/rows.ts'

export interface KeyRow {
  /** Of the event that wrote it. */
  readonly address: Address
  /** A view into the row. */
  readonly value: Uint8Array
  /** Epoch milliseconds; absent: never. */
  readonly expiresAt?: number
}

const UINT32 = 2 ** 32

/** Marks a key that expires, in the first byte. */
const EXPIRES = 0x80
const TIME_BYTES = 8

export const encodeKeyRow = ({ address, value, expiresAt }: KeyRow): Uint8Array => {
  const head = ADDRESS_BYTES + (expiresAt === undefined ? 0 : TIME_BYTES)
  const row = Buffer.allocUnsafe(head + value.length)
  row.writeUInt32BE(Math.floor(address.sequence / UINT32), 0)
  row.writeUInt32BE(address.sequence % UINT32, 4)
  row.writeUInt32BE(address.index, 8)
  row.set(value, head)
  if (expiresAt === undefined) return row
  row.writeBigUInt64BE(BigInt(expiresAt), ADDRESS_BYTES)
  row.writeUInt8((row[0] as number) | EXPIRES, 0)
  return row
}

export const decodeKeyRow = (bytes: Uint8Array): KeyRow => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const expires = ((bytes[0] as number) & EXPIRES) !== 0
  const sequence = (view.getUint32(0) - (expires ? 2 ** 31 : 0)) * UINT32 + view.getUint32(4)
  const address = { sequence: sequence as Sequence, index: view.getUint32(8) }
  if (!expires) return { address, value: bytes.subarray(ADDRESS_BYTES) }
  return {
    ...{ address, value: bytes.subarray(ADDRESS_BYTES + TIME_BYTES) },
    expiresAt: Number(view.getBigUint64(ADDRESS_BYTES)),
  }
}

/** What the value in a row takes. */
export const sizeOfValue = (row: Uint8Array): number =>
  row.length - ADDRESS_BYTES - (((row[0] as number) & EXPIRES) === 0 ? 0 : TIME_BYTES)

/** When the key of a row expires. */
export const expiryOfRow = (row: Uint8Array): number | undefined =>
  ((row[0] as number) & EXPIRES) === 0 ? undefined : decodeKeyRow(row).expiresAt

export const readKey = (state: StateView, scope: Scope, key: Uint8Array): KeyRow | undefined => {
  const bytes = state.get(keyKey(scope, key))
  return bytes === undefined ? undefined : decodeKeyRow(bytes)
}

/** What the batch store says of itself. */
export interface KeyStore {
  readonly keyCount: number
  /** Of keys and values together. */
  readonly bytes: number
  /** Batches in the journal. */
  readonly batchCount: number
  /** The newest batch; 0 before the first. */
  readonly current: number
}

export const readKeyStore = (state: StateView, scope: Scope): KeyStore => {
  const row = readRow(state, keyStoreKey(scope)) as readonly [number, number, number, number] | undefined
  const [keyCount, bytes, batchCount, current] = row ?? [0, 0, 0, 0]
  return { keyCount, bytes, batchCount, current }
}

export const putKeyStore = (
  state: MutableState,
  scope: Scope,
  { keyCount, bytes, batchCount, current }: KeyStore,
): void => {
  state.put(keyStoreKey(scope), encodeRow([keyCount, bytes, batchCount, current]))
}
