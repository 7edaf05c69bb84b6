import { DECAY_DEFAULT, type CollectiveId, type ExperienceId, type SearchHit } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_SETTINGS } from '../settings.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'

const UNKNOWN = '00000000-0000-7000-8000-000000000000'
const EVEN = { similarity: 0.5, energy: 0.5 }
const { halfLifeMs } = DECAY_DEFAULT

let engine: TestEngine
let collective: CollectiveId

const create = async (on: TestEngine, fields: object = {}): Promise<CollectiveId> => {
  const created = await on.call('collective.create', { name: 'bees', dimension: 2, ...fields })
  return (created.collective as { id: CollectiveId }).id
}

/** Records one that points away from `[1, 0]` by the angle. */
const record = async (degrees: number, fields: object = {}): Promise<ExperienceId> => {
  const angle = (degrees / 180) * Math.PI
  const embedding = [Math.cos(angle), Math.sin(angle)]
  const { id } = await engine.call('experience.record', { collective, content: 'x', embedding, ...fields })
  return id as ExperienceId
}

const search = async (options: object = {}, on = engine): Promise<readonly SearchHit[]> =>
  (await on.call('experience.search', { collective, embedding: [1, 0], ...options })).results as readonly SearchHit[]

const idsOf = (hits: readonly SearchHit[]): readonly ExperienceId[] => hits.map(({ experience }) => experience.id)

beforeEach(async () => {
  engine = await openTestEngine()
  collective = await create(engine)
})

describe('search without weights', () => {
  test('the score is the similarity, which may be negative, and no energy is told', async () => {
    for (const degrees of [0, 60, 180]) await record(degrees)
    const hits = await search()
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ similarity }) => similarity))
    expect(hits[2]?.similarity).toBeCloseTo(-1)
    expect(hits.some((hit) => 'energy' in hit)).toBe(false)
  })

  test('weights without energy are none at all', async () => {
    for (let n = 0; n < 30; n += 1) await record(n * 11, { importance: (n % 7) / 7 })
    expect(await search({ k: 20, weights: { similarity: 1, energy: 0 } })).toEqual(await search({ k: 20 }))
  })
})

describe('weighed search', () => {
  test('hits carry similarity, energy and the score that they are ordered by', async () => {
    const near = await record(10, { importance: 0.1 })
    const far = await record(100, { importance: 0.9 })
    await engine.call('experience.reinforce', { collective, id: near })
    const hits = await search({ weights: { similarity: 0.25, energy: 0.75 } })
    expect(idsOf(hits)).toEqual([far, near])
    for (const { experience, similarity, energy, score } of hits) {
      expect(energy).toBe((await engine.call('experience.energy', { collective, id: experience.id })).energy)
      expect(score).toBe(0.25 * Math.max(0, similarity as number) + 0.75 * (energy as number))
    }
  })

  test('P7 the whole collective is ranked: what is far away wins by its energy', async () => {
    const distant = await record(180, { importance: 1 })
    for (let n = 0; n < 300; n += 1) await record(n / 10, { importance: 0.01 })
    expect(idsOf(await search({ k: 1, weights: { similarity: 0.1, energy: 0.9 } }))).toEqual([distant])
    expect(idsOf(await search({ k: 1, weights: { similarity: 0.9, energy: 0.1 } }))).not.toEqual([distant])
  })

  test('P7 exactly k when k match the filter, archived ones left out', async () => {
    for (let n = 0; n < 60; n += 1) {
      const id = await record(n, { importance: 1 - n / 60, domain: n % 3 === 0 ? ['wanted'] : [] })
      if (n % 6 === 0) await engine.call('experience.archive', { collective, id })
    }
    const wanted = { weights: EVEN, filter: { domains: ['wanted'] } }
    expect(await search({ ...wanted, k: 10 })).toHaveLength(10)
    expect(await search({ ...wanted, k: 11 })).toHaveLength(10)
    const all = await search({ ...wanted, k: 30, filter: { domains: ['wanted'], includeArchived: true } })
    expect(all).toHaveLength(20)
    expect(all.map(({ score }) => score)).toEqual(all.map(({ score }) => score).toSorted((left, right) => right - left))
  })

  test('similarities below 0 count as 0, and then the larger one comes first', async () => {
    const opposite = await record(180)
    const obtuse = await record(120)
    const hits = await search({ weights: EVEN })
    expect(idsOf(hits)).toEqual([obtuse, opposite])
    expect(hits.map(({ score }) => score)).toEqual([0.25, 0.25])
    expect(hits[1]?.similarity).toBeCloseTo(-1)
  })

  test('full ties are broken by id', async () => {
    const ids = [await record(30), await record(30), await record(30)]
    expect(idsOf(await search({ weights: EVEN }))).toEqual(ids.toSorted())
  })

  test('a stale and a fresh one change places with the weight on energy alone; a reinforcement lifts', async () => {
    const stale = await record(0)
    engine.clock.advance(3 * halfLifeMs)
    const fresh = await record(40)
    const weights = { similarity: 0.3, energy: 0.7 }
    expect(idsOf(await search())).toEqual([stale, fresh])
    expect(idsOf(await search({ weights }))).toEqual([fresh, stale])
    await engine.call('experience.reinforce', { collective, id: stale })
    expect(idsOf(await search({ weights }))).toEqual([stale, fresh])
  })

  test('`now` pins the time of the question', async () => {
    await record(0, { importance: 1 })
    const now = engine.clock.nowMs() + halfLifeMs
    expect((await search({ weights: EVEN, now }))[0]?.energy).toBe(0.5)
    engine.clock.advance(5 * halfLifeMs)
    expect((await search({ weights: EVEN, now }))[0]?.energy).toBe(0.5)
  })
})

describe('whose weights count', () => {
  const settings = { ...DEFAULT_SETTINGS, decay: { ...DECAY_DEFAULT, weights: EVEN } }
  const scoreOf = async (options: object = {}): Promise<number | undefined> => (await search(options))[0]?.score
  const setDecay = (decay: object) => engine.call('collective.update', { collective, decay })

  test("the request's before the collective's before the store's before none", async () => {
    await record(90, { importance: 1 })
    expect(await scoreOf()).toBeCloseTo(0)
    engine = await openTestEngine({ settings, store: engine.store, stream: engine.stream, clock: engine.clock })
    expect(await scoreOf()).toBeCloseTo(0.5)
    await setDecay({ weights: { similarity: 0.75, energy: 0.25 } })
    expect(await scoreOf()).toBeCloseTo(0.25)
    expect(await scoreOf({ weights: { similarity: 0.9, energy: 0.1 } })).toBeCloseTo(0.1)
    expect(await scoreOf({ weights: { similarity: 1, energy: 0 } })).toBeCloseTo(0)
    await setDecay({})
    expect(await scoreOf()).toBeCloseTo(0.5)
  })

  test('energy fades as the collective says, else as the store says', async () => {
    const decay = { ...DECAY_DEFAULT, halfLifeMs: 1_000 }
    await record(0, { importance: 1 })
    engine.clock.advance(1_000)
    const short = { ...DEFAULT_SETTINGS, decay }
    engine = await openTestEngine({ settings: short, store: engine.store, stream: engine.stream, clock: engine.clock })
    expect((await search({ weights: EVEN }))[0]?.energy).toBe(0.5)
    await setDecay({ halfLifeMs: 500 })
    expect((await search({ weights: EVEN }))[0]?.energy).toBe(0.25)
  })
})

describe('the order of checks', () => {
  const invalid = { similarity: 0.9, energy: 0.9 }

  test.each([
    ['weights', 'INVALID_FIELD', { weights: invalid, collective: UNKNOWN, embedding: [1] }],
    ['weights', 'INVALID_FIELD', { weights: { similarity: NaN, energy: 1 }, collective: UNKNOWN }],
    [undefined, 'NOT_FOUND', { weights: EVEN, collective: UNKNOWN, embedding: [1] }],
    ['embedding', 'DIMENSION_MISMATCH', { embedding: [1] }],
    ['embedding', 'INVALID_FIELD', { embedding: [0, 0] }],
    ['k', 'INVALID_FIELD', { k: 0, weights: invalid, collective: UNKNOWN }],
  ])('P10 %s: %s', async (field, code, options) => {
    const details = field === undefined ? {} : { details: { field } }
    await expect(search(options)).rejects.toMatchObject({ code, ...details })
  })
})
