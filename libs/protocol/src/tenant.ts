import type { TenantId } from './collective.ts'
import { TENANT_BYTES_MAX } from './limits.ts'
import { invalidField } from './schema/decoder.ts'

/** Who a request without accounts belongs to. */
export const DEFAULT_TENANT = 'default' as TenantId

const PATTERN = /^[A-Za-z0-9_-]+$/

/** A tenant's name is one token of a subject. @throws Fault `INVALID_FIELD`. */
export const decodeTenant = (value: unknown): TenantId => {
  if (typeof value !== 'string' || value.length > TENANT_BYTES_MAX || !PATTERN.test(value))
    throw invalidField('tenant', `1..${TENANT_BYTES_MAX} of A-Z a-z 0-9 _ -`, { limit: TENANT_BYTES_MAX })
  return value as TenantId
}
