import { systemTimers, type Timers } from '@waggle/kernel'
import type { TenantId } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { gateLog, type GatedLog } from '../testing/gated-log.ts'
import { createHive, openHive } from '../testing/watched-hive.ts'
import { openTestEngine } from '../testing/test-engine.ts'
import { ChangeWaiters, WATCHERS_MAX, WATCHERS_OF_TENANT_MAX } from './change-waiters.ts'

/** Timers whose longer delays pass when the test says so. */
const heldTimers = () => {
  const held = new Set<() => void>()
  const delays: number[] = []
  const timers: Timers = {
    yield: () => systemTimers.yield(),
    after(delayMs, callback, options) {
      if (delayMs < 100) return systemTimers.after(delayMs, callback, options)
      delays.push(delayMs)
      held.add(callback)
      return () => held.delete(callback)
    },
  }
  const pass = () => {
    for (const callback of held) callback()
  }
  return { timers, delays, pass, pending: () => held.size }
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** What a promise has come to, without waiting for it. */
const stateOf = (promise: Promise<unknown>): { readonly current: string } => {
  const state = { current: 'pending' }
  promise.then(
    () => (state.current = 'resolved'),
    () => (state.current = 'rejected'),
  )
  return state
}

describe('watch.next that waits', () => {
  test('P6 E5 answers as soon as a change is applied', async () => {
    const hive = await openHive()
    const waiting = hive.next({ waitMs: 20_000 })
    await settle()
    const id = await hive.record()
    const { changes, next } = await waiting
    expect(changes.map((change) => change.id)).toEqual([id])
    expect((await hive.next({ from: next })).changes).toEqual([])
  })

  test('P6 P1 sees nothing of what is not durable, and everything of it before its writer is answered', async () => {
    let gate: GatedLog | undefined
    const opening = openHive({ wrapLog: (log) => (gate = gateLog(log)).log })
    await settle()
    // The barrier, and the collective.
    for (let appends = 0; appends < 2; appends += 1) await gate?.release()
    const hive = await opening
    const waiting = hive.next({ waitMs: 20_000 })
    const watched = stateOf(waiting)
    await settle()
    const recording = hive.record()
    const recorded = stateOf(recording)
    await settle()
    expect([watched.current, recorded.current]).toEqual(['pending', 'pending'])
    await gate?.release()
    expect((await waiting).changes.map(({ id }) => id)).toEqual([await recording])
  })

  test('E5 waits on where nothing matches, and answers with what does', async () => {
    const hive = await openHive()
    const waiting = hive.next({ waitMs: 20_000, filter: { minImportance: 0.9 } })
    const watched = stateOf(waiting)
    for (let n = 0; n < 5; n += 1) await hive.record()
    const other = await createHive(hive.engine, 'wasps')
    await other.record({ importance: 1 })
    await settle()
    expect(watched.current).toBe('pending')
    const id = await hive.record({ importance: 1 })
    expect((await waiting).changes.map((change) => change.id)).toEqual([id])
  })

  test('E5 after its time it answers with nothing and a place to go on from', async () => {
    const { timers, pass } = heldTimers()
    const hive = await openHive({ timers })
    await hive.record()
    const waiting = hive.next({ waitMs: 20_000 })
    await settle()
    pass()
    const { changes, next, ...rest } = await waiting
    expect([changes, rest]).toEqual([[], { token: expect.any(String) as string }])
    const id = await hive.record()
    expect((await hive.next({ from: next })).changes.map((change) => change.id)).toEqual([id])
  })

  test.each([
    [{ waitMs: 30_000, timeoutMs: 5_000 }, 5_000],
    [{ waitMs: 3_000, timeoutMs: 5_000 }, 3_000],
    [{ waitMs: 30_000 }, 20_000],
  ])('E5 %j waits no longer than the request may take', async (request, waitMs) => {
    const { timers, delays, pass } = heldTimers()
    const hive = await openHive({ timers })
    const before = delays.length
    const waiting = hive.next(request)
    await settle()
    expect(delays.slice(before)).toEqual([waitMs])
    await hive.call('collective.stats')
    pass()
    await waiting
  })

  test('E5 what matches only later does not prolong the wait', async () => {
    const { timers, delays, pass, pending } = heldTimers()
    const hive = await openHive({ timers })
    const before = delays.length
    const waiting = hive.next({ waitMs: 20_000, filter: { kinds: ['deleted'] } })
    for (let n = 0; n < 3; n += 1) await hive.record()
    await settle()
    expect(delays.slice(before).filter((delayMs) => delayMs === 20_000)).toHaveLength(1)
    pass()
    expect((await waiting).changes).toEqual([])
    await settle()
    expect(pending()).toBeLessThanOrEqual(1)
  })

  test.each([{ from: 'start' }, { waitMs: 0 }])('%j does not wait', async (request) => {
    const { timers, delays } = heldTimers()
    const hive = await openHive({ timers })
    const before = delays.length
    await hive.next({ waitMs: 20_000, ...request })
    expect(delays.slice(before)).toEqual([])
  })

  test('W3 the end of the store ends it at once', async () => {
    const hive = await openHive()
    const waiting = hive.next({ waitMs: 20_000 })
    const refused = expect(waiting).rejects.toMatchObject({ code: 'CLOSED' })
    await settle()
    await hive.engine.engine.close()
    await refused
  })

  test.each(['release', 'stepDown'] as const)('W3 the end of the term ends it at once: %s', async (end) => {
    const hive = await openHive({ fence: 'log' })
    const waiting = hive.next({ waitMs: 20_000 })
    const refused = expect(waiting).rejects.toMatchObject({ code: 'NOT_LEADING' })
    await settle()
    await hive.engine.engine[end]()
    await refused
    await expect(hive.next({ waitMs: 20_000 })).rejects.toMatchObject({ code: 'NOT_LEADING' })
  })

  test('W3 another leader’s barrier ends it at once, and goes on at that leader without a gap', async () => {
    const hive = await openHive({ fence: 'log' })
    const { next } = await hive.next()
    const waiting = hive.next({ from: next, waitMs: 20_000 })
    const refused = expect(waiting).rejects.toMatchObject({ code: 'NOT_LEADING' })
    await settle()
    const { stream, clock } = hive.engine
    const other = await openTestEngine({ stream, clock, fence: 'log', seed: 5 })
    // Whoever writes learns of the other one.
    await expect(hive.record()).rejects.toMatchObject({ code: 'NOT_LEADING' })
    await refused
    const there = { collective: hive.id, from: next, waitMs: 20_000 }
    const waitingThere = other.call('watch.next', there)
    const { id } = await other.call('experience.record', { collective: hive.id, content: 'x', embedding: [1, 2] })
    expect(await waitingThere).toMatchObject({ changes: [{ id }] })
  })

  test('P11 hundreds of watchers see every change of many writers', async () => {
    const hive = await openHive()
    const { next } = await hive.next()
    const watchers = Array.from({ length: 300 }, async () => {
      const seen: string[] = []
      for (let from = next; seen.length < 20;) {
        const reply = await hive.next({ from, waitMs: 20_000 })
        seen.push(...reply.changes.map(({ id }) => id))
        from = reply.next
      }
      return seen
    })
    const ids: string[] = []
    for (let n = 0; n < 5; n += 1) ids.push(...(await Promise.all(Array.from({ length: 4 }, () => hive.record()))))
    for (const seen of await Promise.all(watchers)) expect(seen.toSorted()).toEqual(ids.toSorted())
  })
})

describe('waiting watchers', () => {
  const scopeOf = (tenant: string) => ({ tenant: tenant as TenantId, incarnation: { sequence: 1, index: 0 } as never })

  test('W2 P11 are bounded in number, and no tenant takes more than half of the room', async () => {
    const { timers, pass } = heldTimers()
    const waiters = new ChangeWaiters(timers)
    const wait = (tenant: string) => {
      const follower = waiters.follow(scopeOf(tenant))
      return follower.changed(20_000).finally(() => {
        follower.end()
      })
    }
    const ana = Array.from({ length: WATCHERS_OF_TENANT_MAX }, () => wait('ana'))
    await expect(wait('ana')).rejects.toMatchObject({
      ...{ code: 'BUSY', retryAfterMs: 1_000, details: { limit: WATCHERS_OF_TENANT_MAX } },
    })
    const bob = Array.from({ length: WATCHERS_MAX - WATCHERS_OF_TENANT_MAX }, () => wait('bob'))
    await expect(wait('cem')).rejects.toMatchObject({ code: 'BUSY', details: { limit: WATCHERS_MAX } })
    pass()
    expect(new Set(await Promise.all([...ana, ...bob]))).toEqual(new Set([false]))
    const again = wait('cem')
    waiters.applied([{ kind: 'journal', journal: 'memory', scope: scopeOf('cem') }])
    expect(await again).toBe(true)
  })

  test('W4 P11 are woken some at a time, with turns for others in between', async () => {
    const yields: (() => void)[] = []
    const waiters = new ChangeWaiters({
      after: () => () => undefined,
      yield: () => new Promise((resolve) => yields.push(resolve)),
    })
    let woken = 0
    const waiting = Array.from({ length: 100 }, () => {
      const follower = waiters.follow(scopeOf('ana'))
      return follower.changed(20_000).then(() => (woken += 1))
    })
    waiters.applied([{ kind: 'journal', journal: 'memory', scope: scopeOf('ana') }])
    const seen: number[] = []
    while (woken < 100) {
      await settle()
      seen.push(woken)
      yields.shift()?.()
      await settle()
    }
    await Promise.all(waiting)
    expect(seen).toEqual([0, 32, 64, 96])
  })

  test('W1 a change that comes between following and waiting is not missed, and counts once', async () => {
    const { timers, pass } = heldTimers()
    const waiters = new ChangeWaiters(timers)
    const follower = waiters.follow(scopeOf('ana'))
    waiters.applied([{ kind: 'journal', journal: 'memory', scope: scopeOf('ana') }])
    waiters.applied([{ kind: 'journal', journal: 'memory', scope: scopeOf('bob') }])
    expect(await follower.changed(20_000)).toBe(true)
    const next = follower.changed(20_000)
    pass()
    expect(await next).toBe(false)
  })

  test('E5 W4 who was told of a change at once is not woken for it again, before his time is over', async () => {
    const { timers, pass } = heldTimers()
    const waiters = new ChangeWaiters(timers)
    const follower = waiters.follow(scopeOf('ana'))
    waiters.applied([{ kind: 'journal', journal: 'memory', scope: scopeOf('ana') }])
    expect(await follower.changed(20_000)).toBe(true)
    const waiting = follower.changed(20_000)
    const state = stateOf(waiting)
    await settle()
    expect(state.current).toBe('pending')
    pass()
    expect(await waiting).toBe(false)
  })

  test('E5 P11 the wait ends in time also where every reading meets another change', async () => {
    const { timers, pass } = heldTimers()
    const waiters = new ChangeWaiters(timers)
    const follower = waiters.follow(scopeOf('ana'))
    const change = () => waiters.applied([{ kind: 'journal', journal: 'memory', scope: scopeOf('ana') }])
    change()
    expect(await follower.changed(20_000)).toBe(true)
    change()
    pass()
    expect(await follower.changed(20_000)).toBe(false)
    change()
    expect(await follower.changed(20_000)).toBe(false)
  })
})
