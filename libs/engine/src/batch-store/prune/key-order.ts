/**
 * Of which group a key is, and where it stands in it, by what a policy's expression captures of it (Exoware A.8).
 *
 * O1  A key that lacks a group which the policy groups by belongs to none, and stays.
 * O2  Where the capture of the order is missing or has another length than its encoding, it counts as empty, or as 0.
 * O3  Keys of equal order stand in the order of their bytes.
 */
import { compareBytes, concatBytes, sha256 } from '@waggle/kernel'
import type { OrderEncoding } from '@waggle/protocol'
import type { KeyPolicy } from './prune-policies.ts'

export type Captures = ReadonlyMap<string, Uint8Array>

/** Bytes of the hash that names a group: what it captured may be many times as long as its key. */
const GROUP_BYTES = 16
const LENGTH_BYTES = 4
const INT_BYTES = 8
const EMPTY = new Uint8Array()

/** The name of a key's group; `undefined`: it has none (O1). */
export const groupOf = ({ groupBy }: KeyPolicy, captures: Captures): string | undefined => {
  const names = groupBy?.captureGroups ?? []
  if (names.length === 0) return ''
  const identity: Uint8Array[] = []
  for (const name of names) {
    const captured = captures.get(name)
    if (captured === undefined) return undefined
    const length = Buffer.allocUnsafe(LENGTH_BYTES)
    length.writeUInt32BE(captured.length)
    identity.push(length, captured)
  }
  return Buffer.from(sha256(concatBytes(...identity))).toString('latin1', 0, GROUP_BYTES)
}

/** What a key is ordered by, as bytes that sort as it does (O2). */
export const orderOf = ({ orderBy }: KeyPolicy, captures: Captures): Uint8Array => {
  if (orderBy === undefined) return EMPTY
  return encoders[orderBy.encoding](captures.get(orderBy.captureGroup) ?? EMPTY)
}

const uint64 = (captured: Uint8Array): Uint8Array =>
  captured.length === INT_BYTES ? captured : new Uint8Array(INT_BYTES)

const encoders: { readonly [Encoding in OrderEncoding]: (captured: Uint8Array) => Uint8Array } = {
  bytesAsc: (captured) => captured,
  u64Be: uint64,
  i64Be(captured) {
    const bytes = Uint8Array.from(uint64(captured))
    // Turned over, the bit of the sign sorts the negative ones first.
    bytes[0] = (bytes[0] as number) ^ 0x80
    return bytes
  },
}

export interface Ordered {
  readonly key: Uint8Array
  readonly order: Uint8Array
}

/** O3. */
export const compareOrdered = (left: Ordered, right: Ordered): number =>
  compareBytes(left.order, right.order) || compareBytes(left.key, right.key)

/** The number that an order of `u64Be` is. */
export const numberOf = (order: Uint8Array): bigint =>
  new DataView(order.buffer, order.byteOffset, order.length).getBigUint64(0)
