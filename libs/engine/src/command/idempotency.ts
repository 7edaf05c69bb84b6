/**
 * Exactly once (DESIGN F6): a keyed write leaves a row with the hash of its request and its outcome, in the same batch
 * as its effect. Whoever sends the key again gets that outcome.
 *
 * I1  Scope is (tenant, incarnation of the collective, operation). Operations on the collective itself belong to the
 *     tenant, or a repeated delete would not find its own row.
 * I2  The same key with another request is refused.
 * I3  Outcomes that depend on the state are remembered, faults too; faults of shape are not, and neither is a fault
 *     about a collective that is not there, which has no incarnation to keep a row for.
 */
import type { FaultBody } from '@waggle/kernel'
import { equalBytes, Fault } from '@waggle/kernel'
import {
  encodeMessagePack,
  fault,
  limits,
  type Address,
  type CollectiveId,
  type LogEntry,
  type LogResult,
  type Sequence,
  type TenantId,
} from '@waggle/protocol'
import { readScope } from '../memory/collective/collective-rows.ts'
import { idempotencyKey, keyAgeKey, keyCutOffKey, NO_INCARNATION, type Scope } from '../state/keyspace.ts'
import type { MutableState, StateView } from '../state/overlay.ts'
import { encodeRow, readRow } from '../state/rows.ts'

/** A keyed request, as the table of outcomes knows it. */
export interface KeyedRequest {
  readonly tenant: TenantId
  readonly operation: string
  readonly collective?: CollectiveId | undefined
  readonly key: string
  readonly requestHash: Uint8Array
  /** When the caller made the key, epoch milliseconds. */
  readonly issuedAt?: number | undefined
}

/** How a keyed write ended, and the batch that says so. */
export interface Outcome {
  readonly result: LogResult
  readonly sequence: Sequence
}

/** I1. `undefined`: the collective is not there. */
const scopeOfKey = (
  state: StateView,
  { tenant, operation, collective }: Pick<KeyedRequest, 'tenant' | 'operation' | 'collective'>,
): Scope | undefined => {
  if (collective === undefined || operation === 'collective.delete') return { tenant, incarnation: NO_INCARNATION }
  return readScope(state, tenant, collective)
}

/**
 * The outcome of an earlier request with this key, or `undefined` when this is the first.
 * @throws Fault `IDEMPOTENCY_KEY_REUSED` (I2), `IDEMPOTENCY_KEY_EXPIRED`, or `INVALID_FIELD` for an `issuedAt` ahead
 */
export const rememberedOutcome = (state: StateView, request: KeyedRequest, timeMs: number): Outcome | undefined => {
  checkIssuedAt(state, request.issuedAt, timeMs)
  const scope = scopeOfKey(state, request)
  const row = scope && readRow(state, idempotencyKey(scope, request.operation, request.key))
  if (row === undefined) return undefined
  const [requestHash, result, sequence] = row as [Uint8Array, LogResult, Sequence]
  if (!equalBytes(requestHash, request.requestHash))
    throw fault('IDEMPOTENCY_KEY_REUSED', `key was used for another request key=${request.key}`, {
      field: 'idempotencyKey',
      operation: request.operation,
    })
  return { result, sequence }
}

const checkIssuedAt = (state: StateView, issuedAt: number | undefined, timeMs: number): void => {
  if (issuedAt === undefined) return
  const cutOffMs = (readRow(state, keyCutOffKey())?.[0] ?? -1) as number
  if (issuedAt <= cutOffMs)
    throw fault('IDEMPOTENCY_KEY_EXPIRED', `request is too old issuedAt=${issuedAt} limit=${cutOffMs}`, {
      field: 'issuedAt',
      limit: cutOffMs,
    })
  const latest = timeMs + limits.ISSUED_AT_AHEAD_MS_MAX
  if (issuedAt > latest)
    throw fault('INVALID_FIELD', `request comes from the future field=issuedAt issuedAt=${issuedAt} limit=${latest}`, {
      field: 'issuedAt',
      limit: latest,
    })
}

/** Remembers how a keyed entry ended; an entry without a key, or whose collective is gone, leaves nothing (I3). */
export const putIdempotencyRow = (state: MutableState, entry: LogEntry, address: Address, timeMs: number): void => {
  const { tenant, collective, command: operation, key, requestHash, result } = entry
  if (key === undefined) return
  const scope = scopeOfKey(state, { tenant, operation, collective })
  if (scope === undefined) return
  const rowKey = idempotencyKey(scope, operation, key)
  state.put(rowKey, encodeRow([requestHash, result, address.sequence]))
  state.put(keyAgeKey(timeMs, address), encodeMessagePack(rowKey))
}

/** The answer of a remembered outcome. @throws the Fault that it remembers */
export const resultOf = (result: LogResult): unknown => {
  if ('fault' in result) throw new Fault(result.fault as FaultBody)
  return result.ok
}

/** Kinds of faults that a keyed write remembers: those that the state decided (I3). */
export const isRemembered = (refused: Fault): boolean => REMEMBERED_KINDS.has(refused.kind)

const REMEMBERED_KINDS: ReadonlySet<string> = new Set(['notFound', 'conflict'])
