/** What can change of a collective: its name, its owner, how energy fades in it, and the language of its texts. */
import { DECAY_DEFAULT } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { expectRefusal } from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

export const collectiveUpdateContract = (open: OpenStore): void => {
  describe('updating a collective', () => {
    const store = sharedStore(open)

    it('a new name is found and the old one is not; the rest stays', async () => {
      const hive = await store.collective({ name: 'before', owner: 'ana' })
      const { createdAt } = hive.info
      const { collective, token } = await hive.updateCollective({ name: 'after' })
      expect(collective).toEqual({
        ...{ id: hive.id, name: 'after', owner: 'ana', dimension: DIMENSION, createdAt },
        updatedAt: expect.any(Number) as number,
      })
      expect(collective.updatedAt).toBeGreaterThanOrEqual(createdAt)
      expect([hive.name, hive.info]).toEqual(['after', collective])
      expect((await store.waggle.collective('after', { token })).info).toEqual(collective)
      await expectRefusal(store.waggle.collective('before'), 'NOT_FOUND')
      expect((await store.waggle.getOrCreateCollective({ name: 'after', dimension: DIMENSION })).id).toBe(hive.id)
      expect((await store.waggle.getOrCreateCollective({ name: 'before', dimension: DIMENSION })).id).not.toBe(hive.id)
    })

    it('a new owner is who it is listed under', async () => {
      const hive = await store.collective({ owner: 'first owner' })
      await hive.updateCollective({ owner: 'second owner' })
      expect(await store.waggle.collectives({ owner: 'first owner' })).toEqual([])
      expect(await store.waggle.collectives({ owner: 'second owner' })).toEqual([hive.info])
    })

    it('decay takes the place of what was configured, with the published defaults for what is left out', async () => {
      const hive = await store.collective()
      expect(hive.info).not.toHaveProperty('decay')
      const weights = { similarity: 0.75, energy: 0.25 }
      await hive.updateCollective({ decay: { halfLifeMs: DAY_MS, weights } })
      expect(hive.info.decay).toEqual({ ...DECAY_DEFAULT, halfLifeMs: DAY_MS, weights })
      await hive.updateCollective({ decay: { freqWeight: 0 } })
      expect(hive.info.decay).toEqual({ ...DECAY_DEFAULT, freqWeight: 0 })
      await hive.updateCollective({ owner: 'ana' })
      expect(hive.info.decay).toEqual({ ...DECAY_DEFAULT, freqWeight: 0 })
    })

    it('a language is kept, replaced, and beside a decay', async () => {
      const hive = await store.collective({ language: 'german' })
      expect(hive.info.language).toBe('german')
      await hive.updateCollective({ language: 'none' })
      await hive.updateCollective({ decay: { floor: 0.5 } })
      const { info } = await store.waggle.collective(hive.id)
      expect(info).toMatchObject({ language: 'none', decay: { ...DECAY_DEFAULT, floor: 0.5 } })
      expect(hive.info).toEqual(info)
      expect((await store.collective()).info).not.toHaveProperty('language')
    })

    it('an update of nothing changes nothing', async () => {
      const hive = await store.collective({ owner: 'ana' })
      const before = hive.info
      const { collective } = await hive.updateCollective({})
      expect({ ...collective, updatedAt: before.updatedAt }).toEqual(before)
    })

    it.each<[string, object, string, string]>([
      ['an empty name', { name: '' }, 'REQUIRED_FIELD', 'name'],
      ['a name of white space', { name: ' \t' }, 'INVALID_FIELD', 'name'],
      ['a name of 256 bytes', { name: 'n'.repeat(256) }, 'INVALID_FIELD', 'name'],
      ['an empty owner', { owner: '' }, 'REQUIRED_FIELD', 'owner'],
      ['an owner of 256 bytes', { owner: 'o'.repeat(256) }, 'CONTENT_TOO_LARGE', 'owner'],
      ['an unknown language', { language: 'klingon' }, 'INVALID_FIELD', 'language'],
      ['another dimension', { dimension: 5 }, 'UNKNOWN_FIELD', 'dimension'],
      ['a half-life of nothing', { decay: { halfLifeMs: 0 } }, 'INVALID_FIELD', 'decay.halfLifeMs'],
      ['an endless half-life', { decay: { halfLifeMs: Infinity } }, 'INVALID_FIELD', 'decay.halfLifeMs'],
      ['a negative weight of use', { decay: { freqWeight: -1 } }, 'INVALID_FIELD', 'decay.freqWeight'],
      ['a weight of use that is no number', { decay: { freqWeight: NaN } }, 'INVALID_FIELD', 'decay.freqWeight'],
      ['a floor above 1', { decay: { floor: 1.5 } }, 'INVALID_FIELD', 'decay.floor'],
      [
        'weights of more than 1',
        { decay: { weights: { similarity: 1, energy: 1 } } },
        'INVALID_FIELD',
        'decay.weights',
      ],
      ['an unknown field of decay', { decay: { halfLife: 5 } }, 'UNKNOWN_FIELD', 'decay.halfLife'],
    ])('P10 %s is refused', async (_title, update, code, field) => {
      const hive = await store.collective()
      const before = hive.info
      await expectRefusal(hive.updateCollective(update), code, field)
      expect((await store.waggle.collective(hive.id)).info).toEqual(before)
    })

    it('P10 a collective that is gone is NOT_FOUND', async () => {
      const hive = await store.collective()
      await hive.deleteCollective()
      await expectRefusal(hive.updateCollective({ name: 'x' }), 'NOT_FOUND')
    })

    it('P1 P12 it survives a restart, and other collectives and tenants stay as they were', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'one', dimension: DIMENSION })
        const other = await own.waggle.createCollective({ name: 'two', dimension: DIMENSION })
        await hive.updateCollective({ name: 'changed', decay: { floor: 0.25 } })
        const again = await own.reopen()
        expect(await again.collectives()).toEqual([hive.info, other.info])
        const theirs = await own.reopen({ tenant: 'other' })
        await expectRefusal(theirs.collective('changed'), 'NOT_FOUND')
      })
    })
  })
}
