import {
  collectiveIdOfName,
  DEFAULT_TENANT,
  limits,
  partition,
  type Collective,
  type DecayConfig,
} from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { readCollectiveIds } from './collective-rows.ts'
import { openTestEngine, type TestEngine } from '../../testing/test-engine.ts'

const UNKNOWN = '00000000-0000-7000-8000-000000000000'
const DECAY: DecayConfig = { halfLifeMs: 1_000, freqWeight: 0.5, floor: 0.2 }

let engine: TestEngine

const create = async (name: string, fields: object = {}): Promise<Collective> => {
  engine.clock.advance(1)
  return (await engine.call('collective.create', { name, dimension: 2, ...fields })).collective as Collective
}

const update = async (id: string, fields: object): Promise<Collective> =>
  (await engine.call('collective.update', { collective: id, ...fields })).collective as Collective

const get = async (query: object): Promise<Collective> =>
  (await engine.call('collective.get', query)).collective as Collective

const idsOf = (name: string) => readCollectiveIds(engine.store, DEFAULT_TENANT, name)

beforeEach(async () => {
  engine = await openTestEngine()
})

describe('collective.update', () => {
  test('changes what it names and leaves the rest', async () => {
    const before = await create('bees', { owner: 'queen', embedder: 'hashing-1' })
    engine.clock.advance(5)
    const after = await update(before.id, { decay: DECAY })
    expect(after).toEqual({ ...before, decay: DECAY, updatedAt: before.updatedAt + 5 })
    const weighted = { ...DECAY, weights: { similarity: 0.7, energy: 0.3 } }
    await update(before.id, { decay: weighted })
    expect(await update(before.id, { owner: 'drone' })).toEqual({ ...after, decay: weighted, owner: 'drone' })
    expect(await get({ collective: before.id })).toEqual({ ...after, decay: weighted, owner: 'drone' })
  })

  test('a decay is replaced whole, what it leaves out as published', async () => {
    const { id } = await create('bees')
    await update(id, { decay: DECAY })
    expect((await update(id, { decay: { floor: 0.5 } })).decay).toEqual({
      halfLifeMs: 30 * 24 * 3_600_000,
      freqWeight: 0.25,
      floor: 0.5,
    })
  })

  test('a language stands in a row with and without a decay, and unknown ones are refused', async () => {
    const { id } = await create('bees', { language: 'german' })
    expect(await get({ collective: id })).toMatchObject({ language: 'german' })
    expect(await get({ collective: id })).not.toHaveProperty('decay')
    await update(id, { decay: DECAY })
    expect(await get({ collective: id })).toMatchObject({ language: 'german', decay: DECAY })
    await expect(update(id, { language: 'klingon' })).rejects.toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: 'language' },
    })
    expect(await get({ collective: id })).toMatchObject({ language: 'german' })
  })

  test('with nothing given nothing happens', async () => {
    const before = await create('bees')
    const { position } = engine.engine
    expect(await update(before.id, {})).toEqual(before)
    expect(await get({ collective: before.id })).toEqual(before)
    expect(engine.engine.position.applied - position.applied).toBeLessThanOrEqual(1)
  })

  test('a new name is found at once, and the old one no more', async () => {
    const { id } = await create('bees')
    await update(id, { name: 'wasps' })
    expect(await get({ name: 'bees' })).toBeUndefined()
    expect((await get({ name: 'wasps' })).id).toBe(id)
    expect(idsOf('bees')).toEqual([])
  })

  test('what is in a collective stays there when it is renamed', async () => {
    const { id: collective } = await create('bees')
    await engine.call('experience.record', { collective, content: 'x', embedding: [1, 2] })
    await update(collective, { name: 'wasps' })
    const reply = await engine.call('experience.search', { collective, embedding: [1, 2] })
    expect(reply.results).toHaveLength(1)
  })

  test('the collectives of a name stay oldest first, whatever was renamed in which order', async () => {
    const { id: a } = await create('x')
    const { id: b } = await create('y')
    const { id: c } = await create('x')
    const { id: d } = await create('y')
    const { id: e } = await create('x')
    await update(d, { name: 'x' })
    expect(idsOf('x')).toEqual([a, c, d, e])
    await update(b, { name: 'x', owner: 'queen' })
    expect(idsOf('x')).toEqual([a, b, c, d, e])
    await update(c, { owner: 'queen' })
    await update(c, { name: 'x' })
    expect(idsOf('x')).toEqual([a, b, c, d, e])
    await update(a, { name: 'y' })
    expect([idsOf('x'), idsOf('y')]).toEqual([[b, c, d, e], [a]])
    await engine.call('collective.delete', { collective: c })
    await update(a, { name: 'x' })
    expect([idsOf('x'), idsOf('y')]).toEqual([[a, b, d, e], []])
  })

  test('as many of a name as may be, and no more by renaming', async () => {
    const limit = limits.COLLECTIVES_PER_NAME_MAX
    await Promise.all(Array.from({ length: limit }, () => create('x')))
    const { id } = await create('y')
    const [first] = idsOf('x')
    await expect(update(id, { name: 'x' })).rejects.toMatchObject({ code: 'TOO_MANY_OF_NAME', details: { limit } })
    // One that has the name already takes no further place.
    await update(first as string, { name: 'x', owner: 'queen' })
    await update(first as string, { name: 'z' })
    await update(id, { name: 'x' })
    expect(idsOf('x').at(-1)).toBe(id)
  })

  test.each([
    ['REQUIRED_FIELD', 'name', { name: '', decay: { floor: 2 } }],
    ['INVALID_FIELD', 'name', { name: ' \t', decay: { floor: 2 } }],
    ['INVALID_FIELD', 'name', { name: 'é'.repeat(128), decay: { floor: 2 } }],
    ['INVALID_FIELD', 'decay.halfLifeMs', { decay: { halfLifeMs: 0, floor: 2 } }],
    ['INVALID_FIELD', 'decay.freqWeight', { decay: { freqWeight: Infinity, floor: 2 } }],
    ['INVALID_FIELD', 'decay.floor', { decay: { floor: NaN, weights: { similarity: 2, energy: 2 } } }],
    ['INVALID_FIELD', 'decay.weights', { decay: { weights: { similarity: 2, energy: 2 } } }],
  ])('P10 %s of %s, before it looks at the collective', async (code, field, fields) => {
    await expect(update(UNKNOWN, fields)).rejects.toMatchObject({ code, details: { field } })
  })

  test('an unknown collective is NOT_FOUND, also with nothing given', async () => {
    await expect(update(UNKNOWN, {})).rejects.toMatchObject({ code: 'NOT_FOUND', details: { entity: 'collective' } })
  })
})

describe('a name whose first collective was renamed', () => {
  test('K6 gets another collective, on the same shard, and every retry meets it', async () => {
    const shards = 8
    const shard = partition(collectiveIdOfName(DEFAULT_TENANT, 'bees'), shards)
    engine = await openTestEngine({ shard, shards })
    const made = new Set<string>()
    for (let turn = 0; turn < 5; turn += 1) {
      const body = { name: 'bees', dimension: 2, idempotencyKey: `turn ${turn}` }
      const { collective, created } = await engine.call('collective.getOrCreate', body)
      expect(await engine.call('collective.getOrCreate', body)).toMatchObject({ collective, created })
      const { id } = collective as Collective
      expect(await engine.call('collective.getOrCreate', { name: 'bees', dimension: 2 })).toMatchObject({
        ...{ collective: { id }, created: false },
      })
      expect(partition(id, shards)).toBe(shard)
      made.add(id)
      await update(id, { name: `were bees ${turn}` })
    }
    expect(made.size).toBe(5)
  })
})
