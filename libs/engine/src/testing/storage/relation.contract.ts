/** The storage port's relations. */
import type { Collective } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import type { StoredExperience } from '../../storage-port/storage-records.ts'
import { expectRefused, type CaseOf } from './storage-store.ts'
import { allEvents, aRelation, freshId, savedCollective, savedExperiences, T0, toldOf } from './records.ts'

export const relationContract = (given: CaseOf): void => {
  describe('relations', () => {
    /** Three experiences, oldest first. */
    const three = async (): Promise<[Collective, StoredExperience, StoredExperience, StoredExperience]> => {
      const collective = await savedCollective(given())
      return [collective, ...((await savedExperiences(given(), collective.id, 3)) as [never, never, never])]
    }

    test('saveRelation and getRelation: every field comes back, also after reopening', async () => {
      const [, one, two] = await three()
      const relation = aRelation(one.id, two.id, { type: 'relatedTo', strength: Math.fround(0.3), metadata: '{"a":1}' })
      await given().storage.saveRelation(relation)
      expect(await given().storage.getRelation(relation.id)).toEqual(relation)
      await given().reopen()
      expect(await given().storage.getRelation(relation.id)).toEqual(relation)
      expect(await given().storage.getRelation(freshId())).toBeUndefined()
    })

    test('saveRelation logs Created under the collective of its source, also when it overwrites', async () => {
      const [{ id: collectiveId }, one, two] = await three()
      const relation = aRelation(one.id, two.id)
      await given().storage.saveRelation(relation)
      await given().storage.saveRelation({ ...relation, strength: 1 })
      const [, , , , ...events] = await allEvents(given())
      const told = { entityId: relation.id, collectiveId, eventType: 'created', entityType: 'relation' }
      expect(events).toMatchObject([told, told])
    })

    test('saveRelation with other ends, type and time leaves no stale row; the original does (defect)', async () => {
      const [{ id: collective }, one, two, last] = await three()
      const relation = aRelation(one.id, two.id)
      const moved = { ...relation, source: two.id, target: last.id, type: 'implies', createdAt: T0 + 9 } as const
      await given().storage.saveRelation(relation)
      await given().storage.saveRelation(moved)
      const { storage } = given()
      expect(await storage.getRelation(relation.id)).toEqual(moved)
      expect(await storage.getRelationIdsBySource(one.id)).toEqual([])
      expect(await storage.getRelationIdsByTarget(two.id)).toEqual([])
      expect(await storage.getRelationIdsBySource(two.id)).toEqual([relation.id])
      expect(await storage.getRelationIdsByTarget(last.id)).toEqual([relation.id])
      expect(await storage.relationExists(one.id, two.id, 'supports')).toBe(false)
      expect(await storage.listRelationsInCollective(collective, 9, 0)).toEqual([moved])
      expect(await given().call('collective.stats', { collective })).toMatchObject({ stats: { relationCount: 1 } })
    })

    test('ids by source and by target: W5 in their order; a save again keeps the place', async () => {
      const [, one, two, last] = await three()
      const [first, second] = [aRelation(one.id, two.id), aRelation(one.id, two.id, { type: 'implies' })]
      const third = aRelation(one.id, last.id, { createdAt: T0 + 1 })
      for (const relation of [third, first, second, { ...first, strength: 1 }])
        await given().storage.saveRelation(relation)
      const { storage } = given()
      expect(await storage.getRelationIdsBySource(one.id)).toEqual([first.id, second.id, third.id])
      expect(await storage.getRelationIdsByTarget(two.id)).toEqual([first.id, second.id])
      expect(await storage.getRelationIdsBySource(two.id)).toEqual([])
      expect(await storage.getRelationIdsBySource(freshId())).toEqual([])
      expect(await storage.getRelationIdsByTarget(freshId())).toEqual([])
    })

    test('relationExists: direction and type count, strength does not', async () => {
      const [, one, two] = await three()
      await given().storage.saveRelation(aRelation(one.id, two.id, { strength: 0 }))
      const { storage } = given()
      expect(await storage.relationExists(one.id, two.id, 'supports')).toBe(true)
      expect(await storage.relationExists(two.id, one.id, 'supports')).toBe(false)
      expect(await storage.relationExists(one.id, two.id, 'implies')).toBe(false)
      expect(await storage.relationExists(freshId(), two.id, 'supports')).toBe(false)
    })

    test('deleteRelation: true and gone from both ends, false for what is missing; logs Deleted, now', async () => {
      const [, one, two] = await three()
      const relation = aRelation(one.id, two.id)
      await given().storage.saveRelation(relation)
      given().store.clock.advance(5_000)
      const { storage } = given()
      expect(await storage.deleteRelation(relation.id)).toBe(true)
      const told = { eventType: 'deleted', entityType: 'relation', timestampMs: given().store.clock.nowMs() }
      expect((await allEvents(given())).at(-1)).toMatchObject({ ...told, entityId: relation.id })
      expect(await storage.getRelation(relation.id)).toBeUndefined()
      expect(await storage.getRelationIdsBySource(one.id)).toEqual([])
      expect(await storage.getRelationIdsByTarget(two.id)).toEqual([])
      expect(await storage.relationExists(one.id, two.id, 'supports')).toBe(false)
      const before = await storage.getWalSequence()
      expect(await storage.deleteRelation(relation.id)).toBe(false)
      expect(await storage.getWalSequence()).toEqual(before)
    })

    test('deleteRelationsForExperience: all that touch it, each once, and no others; how many', async () => {
      const [{ id: collective }, one, two, last] = await three()
      const [out, back, other] = [aRelation(one.id, two.id), aRelation(two.id, one.id), aRelation(two.id, last.id)]
      for (const relation of [out, back, other]) await given().storage.saveRelation(relation)
      const { storage } = given()
      expect(await storage.deleteRelationsForExperience(one.id)).toBe(2)
      expect(await storage.listRelationsInCollective(collective, 9, 0)).toEqual([other])
      expect(await storage.getRelationIdsByTarget(two.id)).toEqual([])
      expect(await storage.deleteRelationsForExperience(one.id)).toBe(0)
      expect(await storage.deleteRelationsForExperience(freshId())).toBe(0)
    })

    test('deleteRelationsForExperience is one batch that logs each; the original logs none', async () => {
      const [, one, two] = await three()
      for (const type of ['supports', 'implies'] as const)
        await given().storage.saveRelation(aRelation(one.id, two.id, { type }))
      const before = await given().storage.getWalSequence()
      await given().storage.deleteRelationsForExperience(two.id)
      const told = await given().storage.pollSyncEvents(before, 9)
      expect(toldOf(told.map(({ record }) => record))).toEqual(['deleted relation', 'deleted relation'])
      expect(new Set(told.map(({ address }) => address.sequence)).size).toBe(1)
    })

    test('listRelationsInCollective: by the place of the source, then their own; pages; limit 0 none', async () => {
      const [{ id: collective }, one, two, last] = await three()
      const [fourth, second] = [aRelation(last.id, one.id), aRelation(one.id, last.id)]
      const [third, first] = [aRelation(two.id, one.id), aRelation(one.id, two.id)]
      for (const relation of [fourth, first, third, second]) await given().storage.saveRelation(relation)
      const other = await savedCollective(given())
      const [far, away] = await savedExperiences(given(), other.id, 2)
      await given().storage.saveRelation(aRelation(far!.id, away!.id))
      const { storage } = given()
      const page = (limit: number, offset: number) => storage.listRelationsInCollective(collective, limit, offset)
      const all = [first, second, third, fourth]
      expect(await page(99, 0)).toEqual(all)
      for (const offset of [0, 1, 2, 3, 4, 5]) expect(await page(2, offset)).toEqual(all.slice(offset, offset + 2))
      expect(await page(0, 0)).toEqual([])
      expect(await storage.listRelationsInCollective(freshId(), 9, 0)).toEqual([])
    })
  })

  describe('relations that the state cannot hold are refused; of these the original looks at the source alone', () => {
    test('P10 ends that are not there, or in another collective, itself, and what another id says', async () => {
      const collective = await savedCollective(given())
      const [one, two] = await savedExperiences(given(), collective.id, 2)
      const other = await savedCollective(given())
      const [far] = await savedExperiences(given(), other.id, 1)
      const { storage } = given()
      const save = (more: object) => storage.saveRelation({ ...aRelation(one!.id, two!.id), ...more })
      await save({})
      await expectRefused(save({ source: freshId() }), 'NOT_FOUND', { field: 'source', entity: 'experience' })
      await expectRefused(save({ target: freshId() }), 'NOT_FOUND', { field: 'target', entity: 'experience' })
      await expectRefused(save({ target: far!.id }), 'NOT_FOUND', { field: 'target' })
      await expectRefused(save({ target: one!.id }), 'INVALID_FIELD', { field: 'target' })
      await expectRefused(save({}), 'ALREADY_EXISTS', { field: 'type', entity: 'relation' })
      await expectRefused(save({ type: 'implies', strength: 2 }), 'INVALID_FIELD', { field: 'strength' })
      await expectRefused(save({ type: 'loves' }), 'INVALID_FIELD', { field: 'type' })
      const metadata = 'x'.repeat(10_241)
      await expectRefused(save({ type: 'implies', metadata }), 'CONTENT_TOO_LARGE', { field: 'metadata' })
      expect(await storage.listRelationsInCollective(collective.id, 9, 0)).toHaveLength(1)
    })

    test('P10 a relation that would move to another collective', async () => {
      const [one, two] = [await savedCollective(given()), await savedCollective(given())]
      const [a, b] = await savedExperiences(given(), one.id, 2)
      const [c, d] = await savedExperiences(given(), two.id, 2)
      const relation = aRelation(a!.id, b!.id)
      await given().storage.saveRelation(relation)
      const moving = given().storage.saveRelation({ ...relation, source: c!.id, target: d!.id })
      await expectRefused(moving, 'INVALID_FIELD', { field: 'collective' })
      expect(await given().storage.getRelation(relation.id)).toEqual(relation)
    })

    test('of many that race to say the same one is kept', async () => {
      const collective = await savedCollective(given())
      const [one, two] = await savedExperiences(given(), collective.id, 2)
      const { storage } = given()
      const saving = [1, 2, 3, 4].map(() => storage.saveRelation(aRelation(one!.id, two!.id)))
      const kept = (await Promise.allSettled(saving)).filter(({ status }) => status === 'fulfilled')
      expect(kept).toHaveLength(1)
      expect(await storage.getRelationIdsBySource(one!.id)).toHaveLength(1)
    })
  })
}
