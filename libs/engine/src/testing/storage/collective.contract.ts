/** The storage port's collectives. */
import { describe, expect, test } from 'vitest'
import { compareAddresses } from '../../state/address-order.ts'
import type { CaseOf } from './storage-store.ts'
import { expectRefused } from './storage-store.ts'
import {
  aCollective,
  allEvents,
  anActivity,
  anExperience,
  anInsight,
  aRelation,
  freshId,
  savedCollective,
  savedExperiences,
  T0,
  toldOf,
} from './records.ts'

export const collectiveContract = (given: CaseOf): void => {
  describe('collectives', () => {
    test('redb::test_save_and_get_collective: it comes back as it was saved, also after reopening', async () => {
      const collective = aCollective({ owner: 'queen', createdAt: T0 + 1, updatedAt: T0 + 2 })
      await given().storage.saveCollective(collective)
      expect(await given().storage.getCollective(collective.id)).toEqual(collective)
      await given().reopen()
      expect(await given().storage.getCollective(collective.id)).toEqual(collective)
    })

    test('redb::test_get_nonexistent_collective_returns_none', async () => {
      expect(await given().storage.getCollective(freshId())).toBeUndefined()
    })

    test('redb::test_save_collective_overwrites_existing: whole, so that what is absent is gone', async () => {
      const { id } = await savedCollective(given(), { name: 'old', owner: 'queen' })
      const again = aCollective({ id, name: 'new', updatedAt: T0 + 9 })
      await given().storage.saveCollective(again)
      expect(await given().storage.getCollective(id)).toEqual(again)
      expect(await given().storage.listCollectives()).toEqual([again])
    })

    test('saveCollective logs Created, also when it overwrites', async () => {
      const collective = await savedCollective(given())
      await given().storage.saveCollective(collective)
      const events = await allEvents(given())
      expect(toldOf(events)).toEqual(['created collective', 'created collective'])
      expect(events[0]).toMatchObject({ entityId: collective.id, collectiveId: collective.id })
    })

    test('saveCollective under another name is found by that name alone', async () => {
      const collective = await savedCollective(given(), { name: 'old' })
      await given().storage.saveCollective({ ...collective, name: 'new' })
      expect(await given().call('collective.get', { name: 'old' })).not.toHaveProperty('collective')
      expect(await given().call('collective.get', { name: 'new' })).toMatchObject({ collective: { name: 'new' } })
    })

    test('saveCollective again keeps everything that is in it', async () => {
      const collective = await savedCollective(given())
      const [experience] = await savedExperiences(given(), collective.id, 1)
      await given().storage.saveCollective({ ...collective, name: 'new' })
      expect(await given().storage.getExperience(experience!.id)).toEqual(experience)
    })

    test('redb::test_decay_config_absent_then_round_trips: there is none until one is saved', async () => {
      const collective = await savedCollective(given())
      expect(await given().storage.getCollective(collective.id)).not.toHaveProperty('decay')
      const weights = { similarity: 0.7, energy: 0.3 }
      const decay = { halfLifeMs: 86_400_000, freqWeight: 0.5, floor: 0.1, weights }
      await given().storage.saveCollective({ ...collective, decay })
      await given().reopen()
      expect((await given().storage.getCollective(collective.id))?.decay).toEqual(decay)
    })

    test('redb::test_decay_config_preserves_subsecond_half_life', async () => {
      const decay = { halfLifeMs: 1_500, freqWeight: 0, floor: 0 }
      const { id } = await savedCollective(given(), { decay })
      expect((await given().storage.getCollective(id))?.decay).toEqual(decay)
    })

    test('names are not unique: two collectives may carry the same', async () => {
      const saved = [await savedCollective(given()), await savedCollective(given())]
      expect(await given().storage.listCollectives()).toEqual(saved)
    })

    test('redb::test_list_collectives_empty', async () => {
      expect(await given().storage.listCollectives()).toEqual([])
    })

    test('redb::test_list_collectives_returns_all: W5 by time of creation, whatever their ids and names', async () => {
      const [third, first] = [
        await savedCollective(given(), { name: 'a', createdAt: T0 + 2 }),
        await savedCollective(given(), { name: 'c', createdAt: T0 }),
      ]
      const second = await savedCollective(given(), { name: 'b', createdAt: T0 + 1 })
      const also = await savedCollective(given(), { name: 'b', createdAt: T0 + 1 })
      expect(await given().storage.listCollectives()).toEqual([first, second, also, third])
    })

    test('redb::test_delete_collective_existing: true, and it is gone', async () => {
      const { id } = await savedCollective(given())
      expect(await given().storage.deleteCollective(id)).toBe(true)
      expect(await given().storage.getCollective(id)).toBeUndefined()
      expect(await given().storage.listCollectives()).toEqual([])
      await given().reopen()
      expect(await given().storage.listCollectives()).toEqual([])
    })

    test('redb::test_delete_collective_nonexistent: false for what is missing, nothing is logged', async () => {
      const before = await given().storage.getWalSequence()
      expect(await given().storage.deleteCollective(freshId())).toBe(false)
      expect(await given().storage.getWalSequence()).toEqual(before)
    })

    test('deleteCollective takes along everything in it; the original leaves all of it (defect)', async () => {
      const { id } = await savedCollective(given())
      const [one, two] = await savedExperiences(given(), id, 2)
      const [relation, insight] = [aRelation(one!.id, two!.id), anInsight(id, [one!.id])]
      await given().storage.saveRelation(relation)
      await given().storage.saveInsight(insight)
      await given().storage.saveActivity(anActivity(id))
      await given().storage.deleteCollective(id)
      const { storage } = given()
      expect(await storage.getExperience(one!.id)).toBeUndefined()
      expect(await storage.getEmbedding(one!.id)).toBeUndefined()
      expect(await storage.getRelation(relation.id)).toBeUndefined()
      expect(await storage.getInsight(insight.id)).toBeUndefined()
      expect(await storage.getActivity('scout', id)).toBeUndefined()
      expect(await storage.countExperiencesInCollective(id)).toBe(0)
    })

    test('deleteCollective logs Deleted, which stays when the journal of the collective is gone', async () => {
      const { id } = await savedCollective(given())
      await savedExperiences(given(), id, 1)
      const before = await given().storage.getWalSequence()
      await given().storage.deleteCollective(id)
      const { events } = await given().storage.pollWatchEvents(before, 10)
      expect(events).toEqual([
        { entityId: id, collectiveId: id, eventType: 'deleted', entityType: 'collective', timestampMs: now() },
      ])
    })

    test('P6 W6 a deletion by the operation is told, too, and the change log never goes back', async () => {
      const { id } = await savedCollective(given())
      const before = await given().storage.getWalSequence()
      await given().call('collective.delete', { collective: id })
      expect(compareAddresses(await given().storage.getWalSequence(), before)).toBeGreaterThan(0)
      expect((await given().storage.pollWatchEvents(before, 9)).events).toEqual([
        { entityId: id, collectiveId: id, eventType: 'deleted', entityType: 'collective', timestampMs: now() },
      ])
    })

    test('a collective that is saved again after its deletion is a new one', async () => {
      const collective = await savedCollective(given())
      const [experience] = await savedExperiences(given(), collective.id, 1)
      await given().storage.deleteCollective(collective.id)
      await given().storage.saveCollective(collective)
      expect(await given().storage.listExperienceIdsInCollective(collective.id)).toEqual([])
      expect(await given().storage.getExperience(experience!.id)).toBeUndefined()
    })

    test('P12 the collectives of another tenant are absent', async () => {
      const { id } = await savedCollective(given())
      const [experience] = await savedExperiences(given(), id, 1)
      const other = await given().store.storage(`${given().tenant}-other` as never)
      expect(await other.getCollective(id)).toBeUndefined()
      expect(await other.listCollectives()).toEqual([])
      expect(await other.getExperience(experience!.id)).toBeUndefined()
      expect(await other.deleteCollective(id)).toBe(false)
      expect(await other.getWalSequence()).toEqual({ sequence: 0, index: 0 })
    })

    test.each([
      ['an empty name', { name: '' }, 'REQUIRED_FIELD', 'name'],
      ['a name of white space', { name: ' \t' }, 'INVALID_FIELD', 'name'],
      ['a name of 256 bytes', { name: 'x'.repeat(256) }, 'INVALID_FIELD', 'name'],
      ['no dimension', { dimension: 0 }, 'INVALID_FIELD', 'dimension'],
      ['a dimension beyond the limit', { dimension: 4_097 }, 'INVALID_FIELD', 'dimension'],
      ['a time before 1970', { createdAt: -1 }, 'INVALID_FIELD', 'createdAt'],
      [
        'a decay that is none',
        { decay: { halfLifeMs: 0, freqWeight: 0, floor: 0 } },
        'INVALID_FIELD',
        'decay.halfLifeMs',
      ],
      ['no id', { id: 'bees' as never }, 'INVALID_FIELD', 'id'],
    ])('P10 refuses %s', async (_, wrong, code, field) => {
      await expectRefused(given().storage.saveCollective(aCollective(wrong)), code, { field })
      expect(await given().storage.listCollectives()).toEqual([])
    })

    test('saveCollective refuses another dimension where the vector store holds any', async () => {
      const { id: collective, dimension, ...fields } = await savedCollective(given())
      await given().call('vectors.store', { collective, items: [{ id: 1, vector: [1, 2, 3] }] })
      const other = { ...fields, id: collective, dimension: 2 }
      const expected = { field: 'dimension', expected: dimension, got: 2 }
      await expectRefused(given().storage.saveCollective(other), 'DIMENSION_MISMATCH', expected)
      await given().call('vectors.delete', { collective, ids: [1] })
      await given().storage.saveCollective(other)
    })

    test('saveCollective refuses another dimension as soon as there are vectors; the original takes it', async () => {
      const collective = await savedCollective(given())
      await given().storage.saveCollective({ ...collective, dimension: 2 })
      const vector = { embedding: Float32Array.of(1, 2) }
      await given().storage.saveExperience(anExperience(collective.id, vector))
      const back = given().storage.saveCollective({ ...collective, dimension: 3 })
      await expectRefused(back, 'DIMENSION_MISMATCH', { field: 'dimension', expected: 2, got: 3 })
    })
  })

  const now = (): number => given().store.clock.nowMs()
}
