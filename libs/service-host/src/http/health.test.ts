import { describe, expect, it } from 'vitest'
import { Health, type ReadinessCheck } from './health.ts'

const body = (page: { readonly body: string }): unknown => JSON.parse(page.body)

describe('the health of a service', () => {
  it('Y2 is not ready while it starts, ready when its checks say so, and says which do not', () => {
    const health = new Health(() => 0)
    expect([health.readyPage().status, body(health.readyPage())]).toEqual([
      503,
      { status: 'notReady', checks: [{ name: 'process', ready: false, reason: 'starting' }] },
    ])
    let checks: readonly ReadinessCheck[] = [{ name: 'nats', ready: true }]
    health.started(() => checks)
    expect(health.readyPage().status).toBe(200)
    expect(body(health.readyPage())).toEqual({ status: 'ready', checks: [{ name: 'process', ready: true }, ...checks] })
    checks = [{ name: 'nats', ready: false, reason: 'not connected' }]
    expect(health.readyPage()).toMatchObject({ status: 503, contentType: 'application/json' })
    expect(body(health.readyPage())).toMatchObject({ status: 'notReady', checks: [{}, ...checks] })
  })

  it('Y3 is never ready again once it drains, also where it drains before it has started', () => {
    const health = new Health(() => 0)
    health.started(() => [])
    health.draining()
    expect(health.readiness).toMatchObject({ ready: false, checks: [{ name: 'process', reason: 'draining' }] })
    const early = new Health(() => 0)
    early.draining()
    early.started(() => [])
    expect(early.readiness.ready).toBe(false)
  })

  it('Y1 is live whatever its checks say, unless its event loop stood still for long', () => {
    let delayMs = 4_999
    const health = new Health(() => delayMs)
    health.draining()
    expect([health.livePage().status, body(health.livePage())]).toEqual([
      200,
      { status: 'live', eventLoopDelayMs: 4_999 },
    ])
    delayMs = 5_000
    expect([health.livePage().status, body(health.livePage())]).toEqual([
      503,
      { status: 'stalled', eventLoopDelayMs: 5_000 },
    ])
  })
})
