/** What each tenant may use: what counts for all, and for some of them what counts instead, limit by limit. */
import { decodeTenant, invalidField, type TenantId } from '@waggle/protocol'

/** Limits by name; 0 or absent: none. */
export type Limits<Name extends string> = { readonly [Key in Name]?: number | undefined }

/** Of one router: `ops` and `bytes` are a second's, of requests; their bursts are what may come at once. */
export const rateLimitNames = ['ops', 'opsBurst', 'bytes', 'bytesBurst', 'watchers'] as const
export type RateLimits = Limits<(typeof rateLimitNames)[number]>

export interface TenantLimits<Name extends string> {
  readonly everybody: Limits<Name>
  readonly tenants: Readonly<Record<string, Limits<Name>>>
}

export const NO_LIMITS: TenantLimits<never> = { everybody: {}, tenants: {} }

export const limitsOf = <Name extends string>(
  { everybody, tenants }: TenantLimits<Name>,
  tenant: TenantId,
): Limits<Name> => (Object.hasOwn(tenants, tenant) ? { ...everybody, ...tenants[tenant] } : everybody)

/**
 * Reads `{ <tenant>: { <limit>: number } }`.
 * @throws Fault `INVALID_FIELD`
 */
export const decodeTenantLimits = <Name extends string>(
  given: unknown,
  names: readonly Name[],
): Readonly<Record<string, Limits<Name>>> => {
  for (const [tenant, limits] of entriesOf(given, 'tenants')) {
    decodeTenant(tenant)
    for (const [name, limit] of entriesOf(limits, tenant)) {
      if (!names.includes(name as Name)) throw invalidField(`${tenant}.${name}`, names.join('|'))
      if (!Number.isSafeInteger(limit) || (limit as number) < 0) throw invalidField(`${tenant}.${name}`, '0 or more')
    }
  }
  return given as Readonly<Record<string, Limits<Name>>>
}

const entriesOf = (value: unknown, field: string): readonly (readonly [string, unknown])[] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidField(field, 'a map')
  return Object.entries(value)
}
