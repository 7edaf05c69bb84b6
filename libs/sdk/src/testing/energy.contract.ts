/** How experiences fade: energy, the cold ones, and searches that weigh energy beside similarity. */
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { RestoreInput, SearchInput } from '../inputs.ts'
import { exported, expectRefusal, givenId, idsOf } from './samples.ts'
import { sharedStore, withStore, type OpenStore } from './store-under-test.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
const THEN = 1_700_000_000_000

interface Decay {
  readonly halfLifeMs: number
  readonly freqWeight: number
}

const DEFAULTS: Decay = { halfLifeMs: 30 * DAY_MS, freqWeight: 0.25 }

/** The published formula. */
const energyAt = (
  { importance, applications, lastReinforced }: RestoreInput,
  now: number,
  { halfLifeMs, freqWeight }: Decay = DEFAULTS,
): number => {
  const fade = Math.exp((-Math.LN2 / (halfLifeMs / 1_000)) * (Math.max(0, now - lastReinforced) / 1_000))
  const energy = Math.fround(Math.fround(importance) * (1 + freqWeight * Math.log(1 + applications)) * fade)
  return Math.min(1, Math.max(0, energy))
}

const faded = (n: number, fields: Partial<RestoreInput> = {}): RestoreInput =>
  exported(givenId(n), { createdAt: THEN, lastReinforced: THEN, ...fields })

export const energyContract = (open: OpenStore): void => {
  describe('energy', () => {
    const store = sharedStore(open)

    it('is importance at first, and half of it after a half-life', async () => {
      const hive = await store.collective()
      await hive.restore([faded(1, { importance: 0.8 })])
      const at = async (days: number) => hive.energy(givenId(1), { now: THEN + days * DAY_MS })
      expect(await at(0)).toBe(Math.fround(0.8))
      expect(await at(30)).toBe(Math.fround(0.4))
      expect(await at(60)).toBe(Math.fround(0.2))
      expect(await at(-5)).toBe(Math.fround(0.8))
      expect(await hive.energy(givenId(1), { now: new Date(THEN + 30 * DAY_MS) })).toBe(Math.fround(0.4))
    })

    it.each([0, 1, 10, 100, 70_000])('follows the published formula after %d reinforcements', async (applications) => {
      const hive = await store.collective()
      const record = faded(1, { importance: 0.3, applications })
      await hive.restore([record])
      for (const now of [THEN, THEN + 1, THEN + 12_345_678, THEN + 1_000 * DAY_MS])
        expect(await hive.energy(record.id, { now })).toBe(energyAt(record, now))
    })

    it('test_reinforce: reinforcing an experience makes it more alive, from now on', async () => {
      const hive = await store.collective()
      await hive.restore([faded(1, { importance: 0.25 })])
      const before = await hive.energy(givenId(1))
      await hive.reinforce(givenId(1))
      const { lastReinforced, importance } = (await hive.get(givenId(1)))!
      expect(importance).toBe(0.25)
      expect(await hive.energy(givenId(1), { now: lastReinforced })).toBe(Math.fround(0.25 * (1 + 0.25 * Math.LN2)))
      expect(await hive.energy(givenId(1))).toBeGreaterThan(before)
    })

    it('fades as its collective is configured, and as the store is where it says nothing', async () => {
      const hive = await store.collective()
      const record = faded(1, { importance: 0.6, applications: 3 })
      await hive.restore([record])
      const now = THEN + 7 * DAY_MS
      expect(await hive.energy(record.id, { now })).toBe(energyAt(record, now))
      const decay = { halfLifeMs: 1_500, freqWeight: 0.1, floor: 0.05 }
      await hive.updateCollective({ decay })
      expect(await hive.energy(record.id, { now: THEN + 750 })).toBe(energyAt(record, THEN + 750, decay))
      expect(await hive.energy(record.id, { now })).toBe(0)
    })

    it('P10 what is asked of what is not there, or when there is no time, is refused', async () => {
      const hive = await store.collective()
      expect((await expectRefusal(hive.energy(givenId(9)), 'NOT_FOUND')).details.entity).toBe('experience')
      await expectRefusal(hive.energy('x'), 'INVALID_FIELD', 'id')
      for (const now of [NaN, -1, new Date(NaN), 'now' as never])
        await expectRefusal(hive.energy(givenId(9), { now }), 'INVALID_FIELD', 'now')
    })
  })

  describe('cold experiences', () => {
    const store = sharedStore(open)

    const withRecords = async () => {
      const hive = await store.collective()
      await hive.restore([
        faded(1, { importance: 0.5 }),
        faded(2, { importance: 0.25 }),
        faded(3, { importance: 0.5, applications: 10 }),
        faded(4, { importance: 0.25, createdAt: THEN - 1 }),
        faded(5, { importance: 0.1, archived: true }),
        faded(6, { importance: 1 }),
      ])
      return hive
    }

    it('coldest first, ties oldest first, strictly below the bound; archived ones are not among them', async () => {
      const hive = await withRecords()
      const now = THEN
      const items = await hive.cold({ below: 0.6, now })
      expect(idsOf(items)).toEqual([givenId(4), givenId(2), givenId(1)])
      expect(items.map(({ energy }) => energy)).toEqual([0.25, 0.25, 0.5])
      expect(idsOf(await hive.cold({ below: 0.5, now }))).toEqual([givenId(4), givenId(2)])
      expect(idsOf(await hive.cold({ below: 0.6, limit: 1, now }))).toEqual([givenId(4)])
      expect(await hive.cold({ below: 0, now })).toEqual([])
      // Nothing is archived because it is cold.
      expect(await hive.stats()).toMatchObject({ experienceCount: 6, archivedCount: 1 })
    })

    it('below the floor that is configured where no bound is given', async () => {
      const hive = await withRecords()
      const now = THEN + 75 * DAY_MS
      expect(idsOf(await hive.cold({ now }))).toEqual([givenId(4), givenId(2)])
      await hive.updateCollective({ decay: { floor: 0.1 } })
      expect(idsOf(await hive.cold({ now }))).toEqual([givenId(4), givenId(2), givenId(1)])
      await hive.updateCollective({ decay: { floor: 0 } })
      expect(await hive.cold({ now })).toEqual([])
    })

    it('P10 bounds outside 0..1 and limits outside 1..1000 are refused', async () => {
      const hive = await store.collective()
      for (const limit of [0, 1001, 1.5]) await expectRefusal(hive.cold({ limit }), 'INVALID_FIELD', 'limit')
      for (const below of [-0.1, 1.1, NaN]) await expectRefusal(hive.cold({ below }), 'INVALID_FIELD', 'below')
      await expectRefusal(hive.cold({ below: 2, limit: 0 }), 'INVALID_FIELD', 'limit')
      await hive.deleteCollective()
      await expectRefusal(hive.cold({ below: 2 }), 'INVALID_FIELD', 'below')
      await expectRefusal(hive.cold(), 'NOT_FOUND')
    })
  })

  describe('weighted search', () => {
    const store = sharedStore(open)
    const query = { embedding: [1, 0, 0, 0], now: THEN }

    /** The nearer, the less alive. */
    const withRecords = async () => {
      const hive = await store.collective()
      await hive.restore([
        faded(1, { embedding: [1, 0, 0, 0], importance: 0.1 }),
        faded(2, { embedding: [1, 1, 0, 0], importance: 0.5 }),
        faded(3, { embedding: [0, 1, 0, 0], importance: 1 }),
        faded(4, { embedding: [-1, 0, 0, 0], importance: 0.9 }),
      ])
      return hive
    }

    const found = async (hive: CollectiveHandle, more: Partial<SearchInput> = {}) =>
      (await hive.search({ ...query, ...more })).results

    const order = async (hive: CollectiveHandle, more: Partial<SearchInput> = {}): Promise<readonly string[]> =>
      idsOf((await found(hive, more)).map((hit) => hit.experience))

    it('orders by the weighted sum over the whole collective; hits tell similarity, energy and score', async () => {
      const hive = await withRecords()
      const weights = { similarity: 0.25, energy: 0.75 }
      const hits = await found(hive, { weights })
      expect(idsOf(hits.map((hit) => hit.experience))).toEqual([3, 4, 2, 1].map(givenId))
      for (const { experience, similarity, energy, score } of hits) {
        expect(energy).toBe(experience.importance)
        expect(score).toBeCloseTo(0.25 * Math.max(0, similarity!) + 0.75 * energy!, 6)
      }
      expect(hits.find(({ experience }) => experience.id === givenId(4))!.similarity).toBe(-1)
      expect(await order(hive, { weights, k: 1 })).toEqual([givenId(3)])
    })

    it('energy of weight 0, or no weights at all, is the plain search to the last bit', async () => {
      const hive = await withRecords()
      const plain = await found(hive)
      expect(idsOf(plain.map((hit) => hit.experience))).toEqual([1, 2, 3, 4].map(givenId))
      for (const hit of plain) expect(hit).not.toHaveProperty('energy')
      expect(await found(hive, { weights: { similarity: 1, energy: 0 } })).toEqual(plain)
    })

    it('weights of the request come before those of the collective', async () => {
      const hive = await withRecords()
      const plain = await order(hive)
      await hive.updateCollective({ decay: { weights: { similarity: 0, energy: 1 } } })
      expect(await order(hive)).toEqual([3, 4, 2, 1].map(givenId))
      expect(await order(hive, { weights: { similarity: 1, energy: 0 } })).toEqual(plain)
      await hive.updateCollective({ decay: {} })
      expect(await order(hive)).toEqual(plain)
    })

    it('P7 exactly k when k match, however little the others fade: filters and archived ones hold', async () => {
      const hive = await store.collective()
      await hive.restore(
        Array.from({ length: 300 }, (_, n) =>
          faded(n, {
            ...{ embedding: [1, n / 300, 0, 0], importance: n / 300, archived: n % 2 === 1 },
            domain: n % 3 === 0 ? ['wanted'] : [],
          }),
        ),
      )
      const weights = { similarity: 0.1, energy: 0.9 }
      const wanted = await order(hive, { weights, k: 10, filter: { domains: ['wanted'] } })
      expect(wanted).toEqual(Array.from({ length: 10 }, (_, n) => givenId(294 - 6 * n)))
    })

    it('P10 weights are not negative, finite, and together 1; they are judged before the collective', async () => {
      const hive = await withRecords()
      const bad = [
        { similarity: 0.5, energy: 0.6 },
        { similarity: -0.5, energy: 1.5 },
        { similarity: NaN, energy: 1 },
        { similarity: Infinity, energy: 0 },
        { similarity: 0, energy: 0 },
      ]
      for (const weights of bad) await expectRefusal(hive.search({ ...query, weights }), 'INVALID_FIELD', 'weights')
      await expectRefusal(found(hive, { weights: { energy: 1 } as never }), 'REQUIRED_FIELD', 'weights.similarity')
      await hive.deleteCollective()
      await expectRefusal(hive.search({ ...query, weights: bad[0] }), 'INVALID_FIELD', 'weights')
      await expectRefusal(hive.search(query), 'NOT_FOUND')
    })

    it('P1 weights of a collective survive a restart', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: 4 })
        await hive.restore([
          faded(1, { embedding: [1, 0, 0, 0], importance: 0.1 }),
          faded(2, { embedding: [0, 1, 0, 0], importance: 1 }),
        ])
        await hive.updateCollective({ decay: { weights: { similarity: 0.1, energy: 0.9 } } })
        const again = await (await own.reopen()).collective('kept')
        expect(again.info.decay).toMatchObject({ weights: { similarity: 0.1, energy: 0.9 } })
        expect(await order(again)).toEqual([givenId(2), givenId(1)])
      })
    })
  })
}
