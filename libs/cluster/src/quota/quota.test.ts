import { faultOf } from '@waggle/kernel/testing'
import type { TenantId } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { RateQuotas } from './rate-quotas.ts'
import { SharedRoom } from './shared-room.ts'
import { decodeTenantLimits, rateLimitNames, type RateLimits, type TenantLimits } from './tenant-limits.ts'
import { TokenBucket } from './token-bucket.ts'

const ana = 'ana' as TenantId
const bob = 'bob' as TenantId

/** Counts what was refused. */
const scripted = (quotas: TenantLimits<keyof RateLimits>) => {
  const counted: string[] = []
  const silent = { histogram: () => ({ record: () => undefined }), observe: () => () => undefined }
  const rates = new RateQuotas({
    quotas,
    metrics: {
      ...silent,
      counter: ({ name }, labels) => ({ add: () => counted.push(`${name} ${Object.values(labels).join()}`) }),
    },
  })
  return {
    ...{ rates, counted },
    ask: (tenant: TenantId, nowMs: number, { bytes = 0, isPoll = false, waiting = 0 } = {}) =>
      rates.charge({ tenant, body: new Uint8Array(bytes), isPoll }, waiting, nowMs),
  }
}

const everybody = (limits: RateLimits): TenantLimits<keyof RateLimits> => ({ everybody: limits, tenants: {} })

describe('P11 a bucket', () => {
  it.each([1, 3, 7, 1_000, 1e9])(
    'U1 of %d a second gives what it promised at the very moment that it said',
    (perSecond) => {
      const bucket = new TokenBucket({ perSecond, burst: perSecond }, 0)
      let nowMs = 0
      for (let turn = 0; turn < 1_000; turn += 1) {
        const amount = 1 + (turn % perSecond)
        const waitMs = bucket.waitMs(amount, nowMs)
        if (waitMs > 1) expect(bucket.waitMs(amount, nowMs + waitMs - 1)).toBe(1)
        nowMs += waitMs
        expect(bucket.waitMs(amount, nowMs)).toBe(0)
        bucket.take(amount)
      }
    },
  )
})

describe('P11 rates', () => {
  it('U1 are exact: the burst at once, and then one more when it is said', () => {
    const { ask, counted } = scripted(everybody({ ops: 4, opsBurst: 8 }))
    for (let n = 0; n < 8; n += 1) expect(ask(ana, 0)).toBeUndefined()
    expect(ask(ana, 0)?.toJSON()).toMatchObject({
      ...{ code: 'QUOTA_EXCEEDED', kind: 'busy', retryAfterMs: 250 },
      details: { quota: 'ops', tenant: 'ana', limit: 4, burst: 8, used: 8 },
    })
    expect(ask(ana, 249)?.retryAfterMs).toBe(1)
    expect(ask(ana, 250)).toBeUndefined()
    expect(ask(ana, 250)?.retryAfterMs).toBe(250)
    expect(counted).toEqual(Array.from({ length: 3 }, () => 'waggle_quota_rejections_total ops'))
  })

  it('U2 a request that has too many bytes is charged to no quota', () => {
    const { ask } = scripted(everybody({ ops: 1, opsBurst: 2, bytes: 1_000, bytesBurst: 1_000 }))
    expect(ask(ana, 0, { bytes: 900 })).toBeUndefined()
    expect(ask(ana, 0, { bytes: 101 })).toMatchObject({ retryAfterMs: 1, details: { quota: 'bytes', used: 900 } })
    expect(ask(ana, 0, { bytes: 100 })).toBeUndefined()
    expect(ask(ana, 0, { bytes: 500 })).toMatchObject({ retryAfterMs: 1_000, details: { quota: 'ops' } })
  })

  it('what can never be let through is said to be too large', () => {
    const { ask } = scripted(everybody({ bytes: 1_000, bytesBurst: 2_000 }))
    expect(ask(ana, 0, { bytes: 2_001 })).toMatchObject({
      code: 'REQUEST_TOO_LARGE',
      details: { size: 2_001, limit: 2_000 },
    })
    expect(ask(ana, 0, { bytes: 2_000 })).toBeUndefined()
  })

  it('where no burst is named, the largest request of all is let through', () => {
    const { ask } = scripted(everybody({ bytes: 1_000 }))
    expect(ask(ana, 0, { bytes: 8_000_000 })).toBeUndefined()
    expect(ask(ana, 0, { bytes: 1 })).toMatchObject({ retryAfterMs: 1 })
  })

  it('of one tenant are nothing to another, who may have limits of his own', () => {
    const { ask } = scripted({ everybody: { ops: 1 }, tenants: { bob: { ops: 0 }, eve: { ops: 2 } } })
    expect([ask(ana, 0), ask(ana, 0)?.code]).toEqual([undefined, 'QUOTA_EXCEEDED'])
    for (let n = 0; n < 100; n += 1) expect(ask(bob, 0)).toBeUndefined()
    expect([ask('eve' as TenantId, 0), ask('eve' as TenantId, 0)]).toEqual([undefined, undefined])
    expect(ask('constructor' as TenantId, 0)).toBeUndefined()
  })

  it('hold back who waits for changes, by how many do', () => {
    const { ask } = scripted(everybody({ watchers: 2 }))
    expect(ask(ana, 0, { isPoll: true, waiting: 1 })).toBeUndefined()
    expect(ask(ana, 0, { isPoll: true, waiting: 2 })).toMatchObject({
      details: { quota: 'watchers', limit: 2, used: 2 },
    })
    expect(ask(ana, 0, { waiting: 2 })).toBeUndefined()
  })

  it('U3 keep nothing of tenants who have used nothing for a while', () => {
    const { rates, ask } = scripted(everybody({ ops: 1 }))
    for (let n = 0; n < 10_000; n += 1) ask(`t${n}` as TenantId, n)
    expect(rates.size).toBeLessThan(2_000)
    expect(scripted(everybody({ watchers: 5 })).rates.size).toBe(0)
  })
})

describe('P11 a room that tenants share', () => {
  it('O1 gives each as much as is left, and O2 forgets who holds nothing', () => {
    const room = new SharedRoom(12)
    const fill = (tenant: string): number => {
      while (room.hasRoomFor(tenant as TenantId, 1)) room.add(tenant as TenantId, 1)
      return room.heldBy(tenant as TenantId)
    }
    expect(['a', 'b', 'c', 'd'].map(fill)).toEqual([6, 3, 2, 1])
    expect(room.total).toBe(12)
    room.add('a' as TenantId, -6)
    expect([room.heldBy('a' as TenantId), fill('b'), fill('a')]).toEqual([0, 5, 2])
  })

  it('O1 of a thousand who flood it leaves room for one more', () => {
    const room = new SharedRoom(8_192)
    for (let turn = 0; turn < 100; turn += 1)
      for (let n = 0; n < 1_000; n += 1) if (room.hasRoomFor(`t${n}` as TenantId, 1)) room.add(`t${n}` as TenantId, 1)
    expect(room.hasRoomFor('quiet' as TenantId, 1)).toBe(true)
  })
})

describe('P10 limits of tenants', () => {
  const refused = (given: unknown) => faultOf(() => decodeTenantLimits(given, rateLimitNames)).details.field

  it('are read', () => {
    const given = { ana: { ops: 5, watchers: 0 } }
    expect(decodeTenantLimits(given, rateLimitNames)).toEqual(given)
  })

  it.each<[unknown, string]>([
    [[], 'tenants'],
    [{ 'a.b': {} }, 'tenant'],
    [{ ana: 5 }, 'ana'],
    [{ ana: { opps: 5 } }, 'ana.opps'],
    [{ ana: { ops: -1 } }, 'ana.ops'],
    [{ ana: { ops: 1.5 } }, 'ana.ops'],
  ])('%j is refused for %s', (given, field) => {
    expect(refused(given)).toBe(field)
  })
})
