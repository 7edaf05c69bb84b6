/**
 * Keys of the batch store as rows of the state: the address of the write, then the value. The address tells one life of
 * a key from the next: who lists keys and deletes them later deletes only what he has listed.
 */
import type { Address, Sequence } from '@waggle/protocol'
import { concatBytes } from '@waggle/kernel'
import { keyKey, keyStoreKey, type Scope } from '../state/keyspace.ts'
import { ADDRESS_BYTES } from '../state/key-writer.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { encodeRow, readRow } from '../state/rows.ts'

export interface KeyRow {
  /** Of the event that wrote it. */
  readonly address: Address
  /** A view into the row. */
  readonly value: Uint8Array
}

export const encodeKeyRow = ({ address, value }: KeyRow): Uint8Array => {
  const head = Buffer.allocUnsafe(ADDRESS_BYTES)
  head.writeBigUInt64BE(BigInt(address.sequence))
  head.writeUInt32BE(address.index, 8)
  return concatBytes(head, value)
}

export const decodeKeyRow = (bytes: Uint8Array): KeyRow => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, ADDRESS_BYTES)
  const address = { sequence: Number(view.getBigUint64(0)) as Sequence, index: view.getUint32(8) }
  return { address, value: bytes.subarray(ADDRESS_BYTES) }
}

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
