/** Requests that wait for changes, beside all others. */
import { silentLogger, systemIds } from '@waggle/kernel'
import { manualClock } from '@waggle/kernel/testing'
import {
  apiSubject,
  beatSubject,
  decodeForwarded,
  decodeReply,
  DEFAULT_TENANT,
  encodeBody,
  encodeClusterMessage,
  FORWARDED_HEADER,
  inboxPrefix,
  type TenantId,
} from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { sampleBeat, sampleId } from '../testing/sample-beat.ts'
import { pollManner } from './ledger.ts'
import { POLL_OVERDUE_MS, POLLS_COUNT_MAX, TICK_MS } from './limits.ts'
import type { RoutedRequest } from './routed-request.ts'
import type { PublishOptions } from './outbox.ts'
import { Router } from './router.ts'
import { Routing } from './routing.ts'

const names = sampleId(78)
const ana = 'ana' as TenantId
const inboxOf = (tenant: TenantId): string => `${inboxPrefix(tenant)}.a`

const request = (origin: string): RoutedRequest<string> => ({
  ...{ requestId: sampleId(1), tenant: DEFAULT_TENANT, operation: 'watch.next', isWrite: false },
  ...{ target: { kind: 'shard', shard: 0 }, body: new Uint8Array(10), deadlineMs: 100_000, origin },
})

const forwards = (effects: ReturnType<Routing<string>['accept']>) =>
  effects.flatMap((effect) =>
    effect.kind === 'forward' ? [`${effect.request.origin} ${effect.number}/${effect.lowest}`] : [effect.kind],
  )

describe('a ledger of requests that wait for changes', () => {
  const bounds = { keptBytesMax: 1_000_000, keptCountMax: 100 }

  test('G4 a new leader is sent them under new numbers, which have no gaps', () => {
    const routing = new Routing<string>(names, bounds, pollManner)
    const beat = (epoch: number, answered = {}, open = {}) =>
      forwards(routing.beat(sampleBeat({ epoch, answered, open }), 0))
    beat(1)
    for (const origin of ['a', 'b', 'c', 'd']) routing.accept(request(origin), 0)
    expect(beat(1, { [names]: 5 }, { [names]: [1, 4] })).toEqual([])
    expect(beat(2)).toEqual(['a 5/5', 'd 6/5'])
    expect(forwards(routing.accept(request('e'), 0))).toEqual(['e 7/5'])
    // What the leader before said of the old numbers speaks of none of the new ones.
    beat(2, { [names]: 5 })
    expect(routing.keptCount).toBe(3)
    beat(2, { [names]: 7 }, { [names]: [5] })
    expect(beat(3)).toEqual(['a 8/8', 'e 9/8'])
  })

  test('one that is open for as long as it waits is not sent again', () => {
    const routing = new Routing<string>(names, bounds, pollManner)
    const beat = (nowMs: number) =>
      forwards(routing.beat(sampleBeat({ epoch: 1, answered: { [names]: 2 }, open: { [names]: [1] } }), nowMs))
    routing.beat(sampleBeat({ epoch: 1 }), 0)
    routing.accept(request('a'), 0)
    expect(beat(POLL_OVERDUE_MS - 1)).toEqual([])
    expect(beat(POLL_OVERDUE_MS + 1)).toEqual(['a 1/1'])
  })
})

interface Published extends PublishOptions {
  readonly subject: string
  readonly bytes: Uint8Array
}

const scripted = () => {
  const clock = manualClock()
  const published: Published[] = []
  const timers = new Set<{ readonly atMs: number; readonly callback: () => void }>()
  const router = new Router({
    ...{ id: sampleId(77), inbox: 'waggle.internal.router.x', node: 'router-1', pid: 1, clock, ids: systemIds },
    logger: silentLogger,
    outbox: {
      payloadBytesMax: 1_000_000,
      publish: (subject, bytes, options) => void published.push({ subject, bytes, ...options }),
    },
    timers: {
      after(delayMs, callback) {
        const timer = { atMs: clock.monotonicMs() + delayMs, callback }
        timers.add(timer)
        return () => void timers.delete(timer)
      },
      yield: () => Promise.resolve(),
    },
  })
  const ask = (operation: string, fields: object, tenant = DEFAULT_TENANT) => {
    router.request({
      subject: apiSubject(tenant, operation),
      reply: inboxOf(tenant),
      data: encodeBody({ collective: sampleId(5), ...fields }, 'json'),
    })
  }
  const beat = (answered: Record<string, number> = {}) => {
    const data = encodeClusterMessage(sampleBeat({ epoch: 5, answered }))
    router.shardBeat({ subject: beatSubject(0), data })
  }
  const wait = (durationMs: number) => {
    for (let ms = 0; ms < durationMs; ms += TICK_MS) {
      clock.advance(TICK_MS)
      for (const timer of [...timers])
        if (timer.atMs <= clock.monotonicMs()) {
          timers.delete(timer)
          timer.callback()
        }
    }
  }
  const forwarded = () =>
    published.flatMap(({ headers = [] }) => {
      const [header] = headers.flatMap(([name, value]) => (name === FORWARDED_HEADER ? [value] : []))
      return header === undefined ? [] : [decodeForwarded(header)]
    })
  /** Codes of the refusals in the client's inbox. */
  const refusals = () =>
    published.flatMap(({ subject, bytes }) => {
      if (![DEFAULT_TENANT, ana].map(inboxOf).includes(subject)) return []
      try {
        decodeReply(bytes)
        return []
      } catch (error) {
        return [(error as { code: string }).code]
      }
    })
  return { router, ask, beat, wait, forwarded, refusals }
}

describe('a router', () => {
  test('W5 P11 leaders account for those that wait apart, and they keep nothing else', () => {
    const { router, ask, beat, forwarded } = scripted()
    beat()
    ask('watch.next', { waitMs: 1_000 })
    ask('collective.stats', {})
    ask('watch.next', {})
    const [poll, stats, plain] = forwarded()
    expect(stats?.router).toBe(sampleId(77))
    expect(plain).toMatchObject({ router: sampleId(77), number: 2, lowest: 1 })
    expect(poll).toMatchObject({ number: 1, lowest: 1 })
    expect(poll?.router).not.toBe(sampleId(77))
    beat({ [sampleId(77)]: 3, [poll?.router ?? '']: 1 })
    expect(router.figures()).toMatchObject({ kept: 0, polls: 1 })
    beat({ [poll?.router ?? '']: 2 })
    expect(router.figures()).toMatchObject({ kept: 0, polls: 0 })
  })

  test('W5 P11 too many of one tenant that wait are told BUSY, and others are not', () => {
    const { ask, beat, refusals, forwarded } = scripted()
    beat()
    for (let n = 0; n <= POLLS_COUNT_MAX / 2; n += 1) ask('watch.next', { waitMs: 30_000 })
    expect(refusals()).toEqual(['BUSY'])
    for (let n = 0; n <= POLLS_COUNT_MAX / 4; n += 1) ask('watch.next', { waitMs: 30_000 }, ana)
    expect(refusals()).toEqual(['BUSY', 'BUSY'])
    const before = forwarded().length
    ask('collective.stats', {})
    expect(forwarded()).toHaveLength(before + 1)
  })

  test('W4 leaving, it ends those that wait at once and waits for the others', async () => {
    const { router, ask, beat, wait, refusals } = scripted()
    beat()
    ask('watch.next', { waitMs: 30_000 })
    ask('collective.stats', {})
    const drained = router.drain()
    expect(refusals()).toEqual(['SHARD_NOT_READY'])
    expect(router.figures()).toMatchObject({ kept: 1, polls: 0 })
    beat({ [sampleId(77)]: 2 })
    wait(1_000)
    await drained
    expect(refusals()).toEqual(['SHARD_NOT_READY'])
  })

  test('T1 one that no leader answers gets a fault at its deadline', () => {
    const { ask, beat, wait, refusals } = scripted()
    beat()
    ask('watch.next', { waitMs: 30_000, timeoutMs: 2_000 })
    wait(2_900)
    expect(refusals()).toEqual([])
    wait(200)
    expect(refusals()).toEqual(['SHARD_NOT_READY'])
  })
})
