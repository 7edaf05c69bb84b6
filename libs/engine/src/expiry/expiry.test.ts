/** Lifetimes of all kinds of records: what has expired is not to be seen, and goes by events of its own. */
import type { Fault } from '@waggle/kernel'
import type { BuiltName, Change, CollectiveId } from '@waggle/protocol'
import { limits } from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readCollective } from '../memory/collective/collective-rows.ts'
import type { Scope } from '../state/keyspace.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { firedTimers, type FiredTimers } from '../testing/fired-timers.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { expiredRows, readExpiring } from './expiry-rows.ts'
import { expiryOf, isExpired } from './is-expired.ts'

const TTL_MS = 5_000
const ID = '11111111-1111-4111-8111-111111111111'
const OTHER = '22222222-2222-4222-8222-222222222222'
const THIRD = '33333333-3333-4333-8333-333333333333'
const PATIENT = { timeout: 10_000, interval: 5 }
const text = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString()

let engine: TestEngine
let timers: FiredTimers
let collective: CollectiveId

beforeEach(async () => {
  timers = firedTimers()
  engine = await openTestEngine({ timers })
  const created = await engine.call('collective.create', { name: 'bees', dimension: 2 })
  collective = (created.collective as { id: CollectiveId }).id
})

afterEach(() => engine.engine.close())

const call = (operation: BuiltName, body: object = {}) => engine.call(operation, { collective, ...body })
const codeOf = (refused: Promise<unknown>): Promise<string> =>
  refused.then(
    () => 'taken',
    (error: unknown) => (error as Fault).code,
  )

const record = (id: string, fields: object = {}) =>
  call('experience.record', { id, content: id, embedding: [1, 0], ...fields })

const passTime = (ms = TTL_MS): void => {
  engine.clock.advance(ms)
}

const scopeOf = (): Scope => readCollective(engine.store, 'default' as never, collective)!.scope

/** The sweep's timer fires, until nothing that has expired is left. */
const sweep = async (): Promise<void> => {
  await expect
    .poll(async () => {
      timers.fire()
      await new Promise((resolve) => setImmediate(resolve))
      let left = 0
      for await (const _ of expiredRows(engine.store, scopeOf(), engine.clock.nowMs())) left += 1
      return left
    }, PATIENT)
    .toBe(0)
}

describe('the rule', () => {
  test('at its time and from then on', () => {
    expect([undefined, 6, 5, 4].map((expiresAt) => isExpired(expiresAt, 5))).toEqual([false, false, true, true])
  })

  test('a lifetime ends with the last date', () => {
    expect(expiryOf(7, limits.TIME_MS_MAX)).toBe(limits.TIME_MS_MAX)
  })
})

describe('an experience', () => {
  const seen = async (): Promise<Record<string, unknown>> => {
    const got = (await call('experience.get', { id: ID })).experience
    const many = (await call('experience.getMany', { ids: [ID] })).items as unknown[]
    const lists = {
      list: (await call('experience.list')).items,
      recent: (await call('experience.recent')).items,
      search: (await call('experience.search', { embedding: [1, 0] })).results,
      context: (await call('context.get', { embedding: [1, 0] })).similar,
      cold: (await call('experience.cold', { below: 1 })).items,
    }
    const counts = Object.entries(lists).map(([name, items]) => [name, (items as unknown[]).length])
    return { get: got !== undefined, getMany: many[0] !== null, ...(Object.fromEntries(counts) as object) }
  }

  test('is seen until its time, and nowhere from then on', async () => {
    await record(ID, { ttlMs: TTL_MS })
    const { experience } = await call('experience.get', { id: ID })
    expect(experience).toMatchObject({ expiresAt: engine.clock.nowMs() + TTL_MS, version: 1 })
    passTime(TTL_MS - 1)
    expect(await seen()).toEqual({ get: true, getMany: true, list: 1, recent: 1, search: 1, context: 1, cold: 1 })
    passTime(1)
    expect(await seen()).toEqual({ get: false, getMany: false, list: 0, recent: 0, search: 0, context: 0, cold: 0 })
    for (const operation of ['archive', 'unarchive', 'delete', 'reinforce', 'energy'] as const)
      expect(await codeOf(call(`experience.${operation}`, { id: ID }))).toBe('NOT_FOUND')
    expect(await codeOf(call('experience.update', { id: ID, patch: {}, ttlMs: null }))).toBe('NOT_FOUND')
  })

  test('P7 exactly k of those that are seen', async () => {
    for (let n = 0; n < 30; n += 1)
      await call('experience.record', {
        ...{ content: 'x', embedding: [Math.cos(n / 20), Math.sin(n / 20)] },
        ...(n % 3 === 0 ? {} : { ttlMs: TTL_MS }),
      })
    passTime()
    for (const k of [1, 9, 10, 11]) {
      const { results } = await call('experience.search', { embedding: [1, 0], k })
      expect((results as unknown[]).length).toBe(Math.min(k, 10))
    }
    expect((await call('experience.list', { limit: 4, offset: 8 })).items).toHaveLength(2)
  })

  test('stats count what is seen, swept or not', async () => {
    await record(ID, { ttlMs: TTL_MS })
    passTime(1)
    await record(OTHER)
    await record(THIRD, { ttlMs: TTL_MS })
    await call('experience.archive', { id: THIRD })
    await call('relation.create', { source: OTHER, target: ID, type: 'supports' })
    await call('relation.create', { source: ID, target: THIRD, type: 'supports' })
    await call('relation.create', { source: OTHER, target: THIRD, type: 'implies', ttlMs: 1 })
    const createdAt = engine.clock.nowMs()
    passTime()
    const counts = { experienceCount: 1, archivedCount: 0, relationCount: 0 }
    const expected = { stats: { ...counts, oldestExperience: createdAt, newestExperience: createdAt } }
    expect(await call('collective.stats')).toMatchObject(expected)
    await sweep()
    expect(await call('collective.stats')).toMatchObject(expected)
  })

  test('an update renews, ends or leaves its lifetime', async () => {
    await record(ID, { ttlMs: TTL_MS })
    passTime(1_000)
    expect(await call('experience.update', { id: ID, patch: { importance: 1 } })).toMatchObject({ version: 2 })
    expect((await call('experience.get', { id: ID })).experience).toMatchObject({
      expiresAt: engine.clock.nowMs() + TTL_MS - 1_000,
    })
    expect(await call('experience.update', { id: ID, patch: {}, ttlMs: TTL_MS })).toMatchObject({ version: 3 })
    passTime(TTL_MS - 1)
    expect((await call('experience.get', { id: ID })).experience).toMatchObject({ version: 3 })
    await call('experience.update', { id: ID, patch: {}, ttlMs: null })
    passTime(10 * TTL_MS)
    await sweep()
    expect((await call('experience.get', { id: ID })).experience).not.toHaveProperty('expiresAt')
    expect(readExpiring(engine.store, scopeOf())).toBeUndefined()
  })

  test('its id is free again before the sweep', async () => {
    await record(ID, { ttlMs: TTL_MS })
    await record(OTHER)
    await call('relation.create', { source: ID, target: OTHER, type: 'supports' })
    expect(await codeOf(record(ID))).toBe('ALREADY_EXISTS')
    passTime()
    await record(ID, { content: 'anew' })
    expect((await call('experience.get', { id: ID })).experience).toMatchObject({ content: 'anew', version: 1 })
    expect((await call('relation.list')).items).toEqual([])
    await sweep()
    expect((await call('experience.list')).items).toHaveLength(2)
  })

  test('S2 P6 the sweep takes it with all that hangs on it, and watchers see it', async () => {
    await record(ID, { ttlMs: TTL_MS })
    await record(OTHER)
    await call('relation.create', { source: ID, target: OTHER, type: 'supports' })
    const insight = { content: 'so', embedding: [1, 0], sources: [ID, OTHER], type: 'pattern' }
    const { id } = await call('insight.store', insight)
    const { next } = await call('watch.next')
    passTime()
    const told = { stale: true, lostSources: [ID] }
    expect((await call('insight.get', { id })).insight).toMatchObject(told)
    await sweep()
    const { changes } = await call('watch.next', { from: next })
    const words = (changes as Change[]).map(({ entity, kind }) => `${entity} ${kind}`)
    expect(words).toEqual(['relation deleted', 'insight updated', 'experience deleted'])
    expect((await call('insight.get', { id })).insight).toMatchObject(told)
  })

  test('S1 what was renewed between the listing and the step stays', async () => {
    await record(ID, { ttlMs: TTL_MS })
    const scope = scopeOf()
    const rows = []
    for await (const row of expiredRows(engine.store, scope, engine.clock.nowMs() + TTL_MS)) rows.push(row)
    await call('experience.update', { id: ID, patch: {}, ttlMs: 2 * TTL_MS })
    passTime()
    const command = { name: 'maintenance.expire', tenant: scope.tenant, collective } as const
    const { result } = await engine.engine.submit({ ...command, fields: { collective, scope, rows } })
    expect(result).toEqual({ removed: 0, seen: 1 })
    expect((await call('experience.get', { id: ID })).experience).toBeDefined()
  })
})

describe('what hangs on experiences', () => {
  test('none may hang on one that has expired, and what does is not seen', async () => {
    await record(ID, { ttlMs: TTL_MS })
    await record(OTHER)
    const { id } = await call('relation.create', { source: ID, target: OTHER, type: 'supports' })
    expect((await call('relation.related', { id: OTHER })).items).toHaveLength(1)
    passTime()
    expect(await call('relation.get', { id })).not.toHaveProperty('relation')
    expect((await call('relation.list')).items).toEqual([])
    expect((await call('relation.related', { id: OTHER })).items).toEqual([])
    expect((await call('relation.paths', { from: OTHER, direction: 'incoming' })).paths).toEqual([])
    expect((await call('context.get', { embedding: [1, 0] })).relations).toEqual([])
    const again = { source: OTHER, target: ID, type: 'supports' }
    expect(await codeOf(call('relation.create', again))).toBe('NOT_FOUND')
    expect(await codeOf(call('relation.delete', { id }))).toBe('NOT_FOUND')
    const insight = { content: 'so', embedding: [1, 0], sources: [ID], type: 'pattern' }
    expect(await codeOf(call('insight.store', insight))).toBe('NOT_FOUND')
    expect(await codeOf(call('relation.paths', { from: ID }))).toBe('NOT_FOUND')
  })

  test('a relation and an insight expire by themselves, and their places are free', async () => {
    await record(ID)
    await record(OTHER)
    const relation = { source: ID, target: OTHER, type: 'supports', ttlMs: TTL_MS }
    const insight = { id: THIRD, content: 'so', embedding: [1, 0], sources: [ID], type: 'pattern', ttlMs: TTL_MS }
    const { id } = await call('relation.create', relation)
    await call('insight.store', insight)
    const expiresAt = engine.clock.nowMs() + TTL_MS
    expect((await call('relation.get', { id })).relation).toMatchObject({ expiresAt })
    expect((await call('insight.get', { id: THIRD })).insight).toMatchObject({ expiresAt })
    passTime()
    expect(await call('relation.get', { id })).not.toHaveProperty('relation')
    expect(await call('insight.get', { id: THIRD })).not.toHaveProperty('insight')
    expect((await call('insight.list')).items).toEqual([])
    expect((await call('insight.search', { embedding: [1, 0] })).results).toEqual([])
    await call('relation.create', relation)
    await call('insight.store', insight)
    expect((await call('relation.list')).items).toHaveLength(1)
    expect((await call('insight.search', { embedding: [1, 0] })).results).toHaveLength(1)
    passTime()
    await sweep()
    expect(await call('collective.stats')).toMatchObject({ stats: { relationCount: 0, insightCount: 0 } })
  })
})

describe('keys', () => {
  const keysOf = async (body: object = {}): Promise<string[]> =>
    ((await call('keys.range', body)).items as [Uint8Array, Uint8Array][]).map(([key]) => text(key))

  test('are seen until their time; a put ends a lifetime', async () => {
    const entries = ['a', 'b', 'c'].map((key) => [key, `${key}!`])
    await call('keys.put', { entries, ttlMs: TTL_MS })
    await call('keys.put', { entries: [['b', '2']] })
    const { next } = await call('keys.subscribe')
    const { current } = await call('keys.position')
    expect(await call('keys.get', { key: 'a' })).toMatchObject({ expiresAt: engine.clock.nowMs() + TTL_MS })
    expect(await call('keys.get', { key: 'b' })).not.toHaveProperty('expiresAt')
    passTime()
    expect(await call('keys.get', { key: 'a' })).not.toHaveProperty('value')
    expect(await keysOf()).toEqual(['b'])
    expect((await call('keys.getMany', { keys: ['a', 'b'] })).items).toMatchObject([
      [{}, null],
      [{}, {}],
    ])
    expect(await call('keys.reduce', { reducers: [{ op: 'countAll' }] })).toMatchObject({ results: [{ uint64: '1' }] })
    expect(await call('keys.position')).toMatchObject({ keyCount: 1, current })
    await sweep()
    expect(await call('keys.position')).toMatchObject({ keyCount: 1, current })
    const { frames } = await call('keys.subscribe', { from: next })
    const deleted = (frames as { deleted: Uint8Array[] }[]).flatMap((frame) => frame.deleted.map(text))
    expect(deleted).toEqual(['a', 'c'])
  })

  test('P11 many at once go in bounded steps', async () => {
    for (let n = 0; n < 3; n += 1) {
      const entries = Array.from({ length: 400 }, (_, index) => [`${n}:${index}`, 'x'])
      await call('keys.put', { entries, ttlMs: TTL_MS })
    }
    await call('keys.put', { entries: [['stays', '']] })
    const before = engine.engine.position.applied
    passTime()
    expect(await keysOf()).toEqual(['stays'])
    await sweep()
    expect(engine.engine.position.applied - before).toBe(Math.ceil(1_200 / 256))
    expect(await call('collective.stats')).toMatchObject({ stats: { keyCount: 1, storageBytes: 5 } })
  })

  test('many short lives of one key leave one row', async () => {
    for (let n = 0; n < 20; n += 1) {
      await call('keys.put', { entries: [['beat', `${n}`]], ttlMs: TTL_MS })
      passTime(1)
    }
    expect(readExpiring(engine.store, scopeOf())?.counts).toEqual([0, 0, 0, 1, 0, 0, 0])
  })
})

describe('points and memories', () => {
  test('vectors and payloads', async () => {
    const vectors = ['1', '2', '3'].map((id, index) => ({ id, vector: [1, index] }))
    const payloads = ['1', '2', '3'].map((id) => ({ id, payload: { of: id } }))
    await call('vectors.store', { items: vectors.slice(0, 2), ttlMs: TTL_MS })
    await call('vectors.store', { items: vectors.slice(2) })
    await call('payloads.store', { items: payloads.slice(0, 2), ttlMs: TTL_MS })
    await call('payloads.store', { items: payloads.slice(1) })
    const search = { vector: [1, 0], k: 2, include: ['payload'] }
    expect((await call('vectors.search', search)).results).toMatchObject([{ id: '1', json: '{"of":"1"}' }, { id: '2' }])
    expect((await call('vectors.get', { ids: ['1'] })).items).toEqual([Float32Array.of(1, 0)])
    passTime()
    expect((await call('vectors.search', search)).results).toMatchObject([{ id: '3', json: '{"of":"3"}' }])
    expect((await call('vectors.get', { ids: ['1', '3'] })).items).toEqual([null, Float32Array.of(1, 2)])
    expect((await call('payloads.get', { ids: ['1', '2'] })).items).toEqual([null, { payload: { of: '2' } }])
    const seen = async () => ({
      ids: [(await call('vectors.ids')).ids, (await call('payloads.ids')).ids],
      counts: [(await call('vectors.status')).count, (await call('payloads.status')).count],
    })
    const left = { ids: [['3'], ['2', '3']], counts: [1, 2] }
    expect(await seen()).toEqual(left)
    await sweep()
    expect(await seen()).toEqual(left)
    expect(await call('vectors.status')).toMatchObject({ bytes: 8 })
    expect((await call('vectors.search', search)).results).toHaveLength(1)
  })

  test('memories: an update leaves the lifetime, storing anew ends it', async () => {
    const memory = (id: string, content: string) => ({
      ...{ id, agentId: ID, memoryType: 'semantic', content, createdAt: 1, accessedAt: 1 },
    })
    const memories = [memory(ID, 'a'), memory(OTHER, 'b')]
    const { pages } = (await call('pages.store', { memories, ttlMs: TTL_MS })) as unknown as { pages: number[] }
    await call('pages.update', { page: pages[0], memory: memory(ID, 'changed') })
    await call('pages.store', { memories: [memory(OTHER, 'anew')] })
    const expiresAt = engine.clock.nowMs() + TTL_MS
    expect(await call('pages.load', { id: ID })).toMatchObject({ memory: { content: 'changed' }, expiresAt })
    expect(await call('pages.load', { id: OTHER })).not.toHaveProperty('expiresAt')
    passTime()
    expect(await call('pages.load', { id: ID })).not.toHaveProperty('memory')
    expect(await call('pages.load', { page: pages[0] })).not.toHaveProperty('memory')
    expect(await codeOf(call('pages.delete', { id: ID }))).toBe('NOT_FOUND')
    expect((await call('pages.scan')).items).toEqual([{ id: OTHER, page: pages[1] }])
    expect(await call('pages.status')).toMatchObject({ memoryCount: 1 })
    await sweep()
    expect(await call('pages.status')).toMatchObject({ memoryCount: 1, freePages: 1 })
  })
})

describe('a batch, a restart, a bad lifetime', () => {
  test('P3 commands of a batch have lifetimes of their own', async () => {
    const commands = [
      { operation: 'experience.record', id: ID, content: 'a', embedding: [1, 0], ttlMs: TTL_MS },
      { operation: 'experience.record', id: OTHER, content: 'b', embedding: [1, 0] },
      { operation: 'keys.put', entries: [['k', 'v']], ttlMs: 2 * TTL_MS },
    ]
    await call('batch.commit', { commands })
    passTime()
    expect((await call('experience.list')).items).toMatchObject([{ id: OTHER }])
    expect(await call('keys.get', { key: 'k' })).toHaveProperty('value')
  })

  test('P8 W2 another leader sweeps what it finds, and a rebuild reaches the same bytes', async () => {
    await record(ID, { ttlMs: TTL_MS })
    await call('keys.put', { entries: [['k', 'v']], ttlMs: 3 * TTL_MS })
    const { store, clock, stream } = engine
    await engine.engine.close()
    engine = await openTestEngine({ store, clock, stream, timers })
    passTime()
    await sweep()
    const rebuilt = await openTestEngine({
      stream: engine.stream,
      store: new MemoryStore(),
      clock,
      timers,
      fence: 'log',
      lead: false,
    })
    expect(await rebuilt.engine.digest()).toEqual(await engine.engine.digest())
    await rebuilt.engine.close()
  })

  test('K5 a deleted collective leaves nothing that expires', async () => {
    await record(ID, { ttlMs: TTL_MS })
    const scope = scopeOf()
    await call('collective.delete')
    expect(readExpiring(engine.store, scope)).toBeUndefined()
  })

  test('P2 a repeated key gives the first outcome also after the time', async () => {
    const body = { id: ID, content: 'x', embedding: [1, 0], ttlMs: TTL_MS, idempotencyKey: 'k' }
    const first = await call('experience.record', body)
    passTime()
    expect(await call('experience.record', body)).toEqual(first)
    expect(await codeOf(call('experience.record', { ...body, ttlMs: 1 }))).toBe('IDEMPOTENCY_KEY_REUSED')
  })

  test.each([0, -1, 1.5, '5s', limits.TIME_MS_MAX + 1])('P10 %s is no lifetime', async (ttlMs) => {
    for (const [operation, body] of [
      ['experience.record', { content: 'x', embedding: [1, 0] }],
      ['experience.update', { id: ID, patch: {} }],
      ['keys.put', { entries: [] }],
    ] as const)
      await expect(call(operation, { ...body, ttlMs })).rejects.toMatchObject({
        ...{ code: 'INVALID_FIELD', kind: 'invalid', details: { field: 'ttlMs' } },
      })
  })
})
