/** How a request is refused that exceeds a quota of its tenant. */
import type { Fault, Metrics } from '@waggle/kernel'
import { fault, metricTable, type TenantId } from '@waggle/protocol'

export type QuotaName = 'ops' | 'bytes' | 'watchers'

export interface QuotaUse {
  readonly quota: QuotaName
  readonly tenant: TenantId
  /** Of a rate: a second's. */
  readonly limit: number
  /** Of a rate: what may come at once. */
  readonly burst?: number
  /** Of the limit; of a rate, of its burst. */
  readonly used: number
}

/** Counts it, too. */
export const quotaExceeded = (metrics: Metrics, use: QuotaUse, retryAfterMs: number): Fault => {
  const { quota, limit, used } = use
  metrics.counter(metricTable.quotaRejections, { quota }).add()
  return fault(
    'QUOTA_EXCEEDED',
    `the tenant has used up a quota quota=${quota} limit=${limit} used=${used}`,
    { ...use },
    { retryAfterMs },
  )
}
