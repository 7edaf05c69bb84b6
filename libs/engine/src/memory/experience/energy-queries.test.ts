import { DECAY_DEFAULT, type CollectiveId, type ExperienceId } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { openTestEngine, type TestEngine } from '../../testing/test-engine.ts'

const UNKNOWN = '00000000-0000-7000-8000-000000000000'
const { halfLifeMs, floor } = DECAY_DEFAULT

interface Cold {
  readonly id: ExperienceId
  readonly energy: number
}

let engine: TestEngine
let collective: CollectiveId

const record = async (importance: number): Promise<ExperienceId> => {
  const { id } = await engine.call('experience.record', { collective, content: 'x', embedding: [1, 2], importance })
  return id as ExperienceId
}

const energy = async (id: string, options: object = {}): Promise<number> =>
  (await engine.call('experience.energy', { collective, id, ...options })).energy as number

const cold = async (options: object = {}): Promise<readonly Cold[]> =>
  (await engine.call('experience.cold', { collective, ...options })).items as readonly Cold[]

beforeEach(async () => {
  engine = await openTestEngine()
  const created = await engine.call('collective.create', { name: 'bees', dimension: 2 })
  collective = (created.collective as { id: CollectiveId }).id
})

describe('experience.energy', () => {
  test('is the importance at first, half of it after a half-life, and more after a reinforcement', async () => {
    const id = await record(0.8)
    expect(await energy(id)).toBe(Math.fround(0.8))
    engine.clock.advance(halfLifeMs)
    expect(await energy(id)).toBe(Math.fround(Math.fround(0.8) / 2))
    await engine.call('experience.reinforce', { collective, id })
    expect(await energy(id)).toBe(Math.fround(Math.fround(0.8) * (1 + 0.25 * Math.LN2)))
  })

  test('an update of the importance scales it, and leaves the time of the last reinforcement alone', async () => {
    const id = await record(0.8)
    engine.clock.advance(halfLifeMs)
    await engine.call('experience.update', { collective, id, patch: { importance: 0.4 } })
    expect(await energy(id)).toBe(Math.fround(Math.fround(0.4) / 2))
  })

  test('`now` pins the time of the question', async () => {
    const id = await record(1)
    const now = engine.clock.nowMs() + halfLifeMs
    engine.clock.advance(10 * halfLifeMs)
    expect(await energy(id, { now })).toBe(0.5)
    expect(await energy(id, { now: 0 })).toBe(1)
  })

  test('of what is not there is NOT_FOUND', async () => {
    await expect(energy(UNKNOWN)).rejects.toMatchObject({ code: 'NOT_FOUND', details: { entity: 'experience' } })
    const other = { collective: UNKNOWN }
    await expect(energy(UNKNOWN, other)).rejects.toMatchObject({ details: { entity: 'collective' } })
  })
})

describe('experience.cold', () => {
  test('lists what has less than the decay floor, coldest first, and never archives anything', async () => {
    const ids = [await record(0.5), await record(0.02), await record(0.01), await record(floor)]
    expect(await cold()).toEqual([
      { id: ids[2], energy: Math.fround(0.01) },
      { id: ids[1], energy: Math.fround(0.02) },
    ])
    expect((await engine.call('collective.stats', { collective })).stats).toMatchObject({ archivedCount: 0 })
  })

  test.each([0.1, 0.7])('the bound itself is not below %d', async (importance) => {
    await record(importance)
    expect(await cold({ below: importance })).toEqual([])
    await engine.call('collective.update', { collective, decay: { floor: importance } })
    expect(await cold()).toEqual([])
  })

  test('ties are oldest first, and the limit keeps the coldest', async () => {
    const ids: ExperienceId[] = []
    for (const importance of [0.3, 0.1, 0.2, 0.1, 0.3, 0.1, 0.2]) ids.push(await record(importance))
    const inOrder = [1, 3, 5, 2, 6, 0, 4].map((n) => ids[n])
    for (const limit of [1, 2, 3, 4, 6, 7, 100])
      expect((await cold({ below: 1, limit })).map(({ id }) => id)).toEqual(inOrder.slice(0, limit))
  })

  test('archived ones are left out, and come back', async () => {
    const id = await record(0.01)
    await engine.call('experience.archive', { collective, id })
    expect(await cold()).toEqual([])
    await engine.call('experience.unarchive', { collective, id })
    expect(await cold()).toHaveLength(1)
  })

  test('`now` pins the time of the question', async () => {
    const id = await record(1)
    const now = engine.clock.nowMs() + halfLifeMs
    expect(await cold({ below: 0.6 })).toEqual([])
    expect(await cold({ below: 0.6, now })).toEqual([{ id, energy: 0.5 }])
  })

  test('below 0 nothing is cold, for the bound is strict', async () => {
    await record(0)
    expect(await cold({ below: 0 })).toEqual([])
    expect(await cold({ below: 1 })).toHaveLength(1)
  })

  test.each([
    ['limit', { limit: 0, below: 2, collective: UNKNOWN }],
    ['limit', { limit: 1_001, below: 2, collective: UNKNOWN }],
    ['below', { below: 1.5, collective: UNKNOWN }],
    ['below', { below: -0.1, collective: UNKNOWN }],
    ['below', { below: NaN, collective: UNKNOWN }],
  ])('refuses %s before it looks at the collective: %o', async (field, options) => {
    await expect(cold(options)).rejects.toMatchObject({ code: 'INVALID_FIELD', details: { field } })
  })

  test('of an unknown collective is NOT_FOUND', async () => {
    await expect(cold({ collective: UNKNOWN })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
