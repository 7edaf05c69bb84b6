/**
 * What a router adds to a request that it passes on to a shard's leader, as one header beside the unchanged body.
 *
 * `number` counts the requests of this router to this shard; `lowest` says that everything below is settled: answered,
 * or given up by the router. A leader counts all below it as answered, in every message: for one that sees this router
 * for the first time its account of it begins there, and numbers that never come are no gap for ever.
 */
import { isUuid, type Uuid } from '@waggle/kernel'
import { isOperationName } from '../operations/table.ts'
import type { TenantId } from '../collective.ts'
import { decodeTenant } from '../tenant.ts'

export const FORWARDED_HEADER = 'Waggle-Forwarded'

export interface Forwarded {
  readonly tenant: TenantId
  readonly operation: string
  /** The idempotency key of a write that brought none. */
  readonly requestId: Uuid
  readonly router: Uuid
  readonly number: number
  readonly lowest: number
}

export const encodeForwarded = ({ tenant, operation, requestId, router, number, lowest }: Forwarded): string =>
  [tenant, operation, requestId, router, number, lowest].join(' ')

/** `undefined` for a header that `encodeForwarded` did not make. */
export const decodeForwarded = (header: string): Forwarded | undefined => {
  const [tenant, operation = '', requestId, router, number, lowest, ...rest] = header.split(' ')
  const counts = [Number(number), Number(lowest)] as const
  if (rest.length > 0 || !counts.every(isCount) || counts[1] > counts[0]) return undefined
  if (!isUuid(requestId) || !isUuid(router) || !isOperationName(operation)) return undefined
  try {
    return { tenant: decodeTenant(tenant), operation, requestId, router, number: counts[0], lowest: counts[1] }
  } catch {
    return undefined
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1
