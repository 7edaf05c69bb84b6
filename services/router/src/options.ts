/** The options of a router. */
import { decodeTenantLimits, rateLimitNames } from '@waggle/cluster'
import { commonOptions, integerOption, structuredOption } from '@waggle/service-host'

const RATE_MAX = 1_000_000_000_000

export const routerOptions = {
  ...commonOptions({ drainMs: 10_000 }),
  quota: {
    ops: integerOption({
      about: 'requests that a tenant may make of this router; 0 or absent is no limit, here and below',
      ...{ min: 0, max: RATE_MAX, unit: 'a second' },
    }),
    opsBurst: integerOption({
      about: 'of them, how many may come at once; quota.ops if absent',
      min: 0,
      max: RATE_MAX,
    }),
    bytes: integerOption({
      about: 'bytes that the requests of a tenant may have together',
      ...{ min: 0, max: RATE_MAX, unit: 'bytes a second' },
    }),
    bytesBurst: integerOption({
      about: 'of them, how many may come at once; quota.bytes if absent, or the largest request where that is more',
      ...{ min: 0, max: RATE_MAX, unit: 'bytes' },
    }),
    watchers: integerOption({
      about: 'requests of a tenant that may wait for changes at once at this router',
      ...{ min: 0, max: RATE_MAX },
    }),
    tenants: structuredOption(
      {
        about: 'what counts for some tenants instead',
        range: `JSON { <tenant>: { ${rateLimitNames.join(', ')} } }`,
        default: {},
      },
      (given) => decodeTenantLimits(given, rateLimitNames),
    ),
  },
} as const
