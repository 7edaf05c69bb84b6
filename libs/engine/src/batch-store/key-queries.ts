/**
 * Reads of keys.
 *
 * Q1  A reply holds at most so many rows as it was asked for and so many bytes as a page may take, unless a single
 *     value is larger; it says where to go on.
 * Q2  A value that is too large for a reply is told by its size, and read in pieces of one write: its version tells
 *     whether it is still that one.
 * Q3  What one read takes from the store is bounded, too: a large value costs its bytes also where only its size is
 *     told (P11).
 */
import {
  fault,
  invalidField,
  limits,
  requiredField,
  type CollectiveId,
  type KeyEntry,
  type KeyValue,
  type RequestOf,
  type ResultOf,
} from '@waggle/protocol'
import { mayExpire } from '../expiry/expiry-rows.ts'
import { expiryFrom, isExpired, unexpired } from '../expiry/is-expired.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import type { Queries, QueryContext } from '../query/querier.ts'
import type { Scope } from '../state/keyspace.ts'
import { keyPosition } from './key-position.ts'
import { rangeOfRequest } from './key-range.ts'
import { decodeKeyRow, readKey, type KeyRow } from './key-rows.ts'
import { PageRoom } from './page-room.ts'
import { reachedSequence } from './reached.ts'

type KeyQueries = Pick<Queries, 'keys.get' | 'keys.getMany' | 'keys.range' | 'keys.position'>

/** Rows that are looked up in one turn of the event loop: some 5 ms (measured). */
const LOOK_UPS_PER_TURN = 1_024

export const keyQueries: KeyQueries = {
  'keys.get'({ collective, minSequence, key, offset, version }, context) {
    const { scope, sequence } = readingOf(collective, minSequence, context)
    const row = unexpired(readKey(context.reading.state, scope, key), context.nowMs)
    if (version !== undefined && (row === undefined || versionOf(row) !== version)) throw valueChanged()
    if (row === undefined) return { sequence }
    const { value } = row
    const lifetime = expiryFrom(row.expiresAt)
    if (offset === undefined && value.length <= limits.VALUE_PIECE_BYTES_MAX) return { value, ...lifetime, sequence }
    const piece = { value: pieceOf(value, offset ?? 0), size: value.length, version: versionOf(row) }
    return { ...piece, ...lifetime, sequence }
  },

  async 'keys.getMany'({ collective, minSequence, keys, from, batchSize }, context) {
    if (keys.length === 0) throw requiredField('keys')
    if (from > keys.length) throw invalidField('from', `at most ${keys.length}`, { limit: keys.length })
    const { scope, sequence } = readingOf(collective, minSequence, context)
    const items: (readonly [Uint8Array, KeyValue | null])[] = []
    const room = new PageRoom(batchSize)
    for (const key of keys.slice(from, from + batchSize)) {
      if (items.length > 0 && items.length % LOOK_UPS_PER_TURN === 0) await context.timers.yield()
      const row = unexpired(readKey(context.reading.state, scope, key), context.nowMs)
      if (!room.take(key.length, row?.value.length ?? 0)) break
      items.push([key, row === undefined ? null : valueInReply(row.value)])
    }
    const next = from + items.length
    return { items, sequence, ...(next < keys.length ? { next } : {}) }
  },

  async 'keys.range'(request, context) {
    const { scope, sequence } = readingOf(request.collective, request.minSequence, context)
    return { ...(await readRange(request, scope, context)), sequence }
  },

  async 'keys.position'({ collective, minSequence }, context) {
    const { scope, sequence } = readingOf(collective, minSequence, context)
    return { ...(await keyPosition(context.reading.state, scope, context.nowMs)), sequence }
  },
}

/** @throws Fault `CONSISTENCY_NOT_READY`, `NOT_FOUND` */
const readingOf = (
  collective: CollectiveId,
  minSequence: number | undefined,
  { reading, tenant }: QueryContext,
): { readonly scope: Scope; readonly sequence: number } => {
  const sequence = reachedSequence(reading, minSequence)
  return { scope: knownCollective(reading.state, tenant, collective).scope, sequence }
}

/** Q1. @returns `more`: rows of the range are left, whether or not there is a limit */
const readRange = async (
  request: RequestOf<'keys.range'>,
  scope: Scope,
  { reading, nowMs }: QueryContext,
): Promise<Omit<ResultOf<'keys.range'>, 'sequence'>> => {
  const { limit = Number.MAX_SAFE_INTEGER, batchSize } = request
  const range = rangeOfRequest(scope, request)
  if (range === undefined || limit === 0) return { items: [], more: false }
  const { keyOf, ...rows } = range
  const items: KeyEntry[] = []
  const room = new PageRoom(Math.min(limit, batchSize))
  // Of what has expired nobody knows how much stands between the rows.
  const scanned = mayExpire(reading.state, scope, 'key') ? rows : { ...rows, limit: room.rowsMax + 1 }
  for await (const [rowKey, bytes] of reading.state.scan(scanned)) {
    const [key, { value, expiresAt }] = [keyOf(rowKey), decodeKeyRow(bytes)]
    if (isExpired(expiresAt, nowMs)) continue
    if (!room.take(key.length, value.length)) return { items, more: true }
    items.push([key, valueInReply(value)])
  }
  return { items, more: false }
}

/** Q2. */
export const valueInReply = (value: Uint8Array): KeyValue =>
  value.length <= limits.VALUE_PIECE_BYTES_MAX ? value : { size: value.length }

/** Q2. @throws Fault `INVALID_FIELD` where the value ends before */
export const pieceOf = (value: Uint8Array, offset: number): Uint8Array => {
  if (offset > value.length) throw invalidField('offset', `at most ${value.length}`, { limit: value.length })
  return value.subarray(offset, offset + limits.VALUE_PIECE_BYTES_MAX)
}

/** Q2. */
const versionOf = ({ address: { sequence, index } }: KeyRow): string => `${sequence}:${index}`

const valueChanged = () =>
  fault('VALUE_CHANGED', 'value was overwritten or deleted field=version', { field: 'version' })
