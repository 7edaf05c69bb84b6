/**
 * How much each tenant may ask of one router: requests and bytes of requests a second.
 *
 * U2  A request is let through by all quotas or charged to none.
 * U3  A tenant whose buckets are full again is like one who never came, and is forgotten: for each one who comes two
 *     are looked at. So there are never more than those who used something within the time that a bucket takes to fill.
 */
import { silentMetrics, type Fault, type Metrics } from '@waggle/kernel'
import { fault, limits, type TenantId } from '@waggle/protocol'
import { RETRY_AFTER_MS } from '../router/limits.ts'
import { quotaExceeded } from './quota-fault.ts'
import { limitsOf, NO_LIMITS, type RateLimits, type TenantLimits } from './tenant-limits.ts'
import { TokenBucket } from './token-bucket.ts'

interface Buckets {
  readonly ops: TokenBucket | undefined
  readonly bytes: TokenBucket | undefined
}

const LOOKED_AT = 2

export interface RateQuotaParts {
  /** Absent: nobody has any. */
  readonly quotas?: TenantLimits<keyof RateLimits>
  /** Absent: nobody is told. */
  readonly metrics?: Metrics
}

/** A request of a tenant. */
export interface Charged {
  readonly tenant: TenantId
  readonly body: Uint8Array
  /** Whether it waits for changes. */
  readonly isPoll: boolean
}

export class RateQuotas {
  readonly #limits: TenantLimits<keyof RateLimits>
  readonly #metrics: Metrics
  /** In the order in which they were last looked at. */
  readonly #tenants = new Map<TenantId, Buckets>()

  constructor({ quotas = NO_LIMITS, metrics = silentMetrics }: RateQuotaParts) {
    this.#limits = quotas
    this.#metrics = metrics
  }

  /** Tenants of whom something is known. */
  get size(): number {
    return this.#tenants.size
  }

  /**
   * Charges a request to its tenant.
   * @param waiting how many of the tenant's requests wait for changes @param nowMs monotonic
   * @returns why it is refused: `QUOTA_EXCEEDED`; `REQUEST_TOO_LARGE` where no waiting would help
   */
  charge({ tenant, body, isPoll }: Charged, waiting: number, nowMs: number): Fault | undefined {
    const { watchers = 0 } = limitsOf(this.#limits, tenant)
    if (isPoll && watchers > 0 && waiting >= watchers)
      return quotaExceeded(this.#metrics, { quota: 'watchers', tenant, limit: watchers, used: waiting }, RETRY_AFTER_MS)
    const { ops, bytes } = this.#bucketsOf(tenant, nowMs)
    const size = body.length
    if (bytes !== undefined && size > bytes.rate.burst) return tooLarge(size, bytes.rate.burst)
    const opsMs = ops?.waitMs(1, nowMs) ?? 0
    const bytesMs = bytes?.waitMs(size, nowMs) ?? 0
    // U2: who has waited for the longer of the two has waited for both.
    const [quota, bucket] = opsMs >= bytesMs ? (['ops', ops] as const) : (['bytes', bytes] as const)
    const waitMs = Math.max(opsMs, bytesMs)
    if (bucket !== undefined && waitMs > 0) {
      const { perSecond: limit, burst } = bucket.rate
      const used = Math.ceil(bucket.used(nowMs))
      return quotaExceeded(this.#metrics, { quota, tenant, limit, burst, used }, waitMs)
    }
    ops?.take(1)
    bytes?.take(size)
    return undefined
  }

  #bucketsOf(tenant: TenantId, nowMs: number): Buckets {
    const known = this.#tenants.get(tenant)
    if (known !== undefined) return known
    this.#forgetFull(nowMs)
    const buckets = bucketsFor(limitsOf(this.#limits, tenant), nowMs)
    if (buckets.ops !== undefined || buckets.bytes !== undefined) this.#tenants.set(tenant, buckets)
    return buckets
  }

  /** U3. */
  #forgetFull(nowMs: number): void {
    let left = LOOKED_AT
    for (const [tenant, buckets] of this.#tenants) {
      if (left === 0) return
      left -= 1
      this.#tenants.delete(tenant)
      const isFull = [buckets.ops, buckets.bytes].every((bucket) => bucket?.isFull(nowMs) !== false)
      if (!isFull) this.#tenants.set(tenant, buckets)
    }
  }
}

const tooLarge = (size: number, limit: number): Fault =>
  fault('REQUEST_TOO_LARGE', `request is larger than what the tenant may send at once bytes=${size} limit=${limit}`, {
    ...{ size, limit, quota: 'bytes' },
  })

const bucketsFor = ({ ops = 0, opsBurst = 0, bytes = 0, bytesBurst = 0 }: RateLimits, nowMs: number): Buckets => ({
  ops: ops === 0 ? undefined : new TokenBucket({ perSecond: ops, burst: opsBurst === 0 ? ops : opsBurst }, nowMs),
  bytes:
    bytes === 0
      ? undefined
      : // Where nothing is said, what is a request for others is one for this tenant.
        new TokenBucket(
          { perSecond: bytes, burst: bytesBurst === 0 ? Math.max(bytes, limits.REQUEST_BYTES_MAX) : bytesBurst },
          nowMs,
        ),
})
