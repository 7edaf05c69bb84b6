/** The storage port's opening, metadata and end. */
import { describe, expect, test } from 'vitest'
import { expectRefused, type CaseOf } from './storage-store.ts'
import { aCollective, anActivity, anExperience, aRelation, freshId, NOWHERE, savedCollective } from './records.ts'

export const lifecycleContract = (given: CaseOf): void => {
  describe('the store', () => {
    const storageWith = (config: object) => given().store.storage(given().tenant, config)

    test('redb::test_open_creates_new_database, test_embedding_dimension_accessor: 384, and when it was', async () => {
      const nowMs = given().store.clock.nowMs()
      expect(given().storage.metadata()).toEqual({
        ...{ schemaVersion: 1, embeddingDimension: 384, createdAt: nowMs, lastOpenedAt: nowMs },
      })
    })

    test('redb::test_open_existing_database, test_metadata_preserved_across_opens: but the opening', async () => {
      const before = given().storage.metadata()
      given().store.clock.advance(5_000)
      await given().reopen()
      expect(given().storage.metadata()).toEqual({ ...before, lastOpenedAt: before.lastOpenedAt + 5_000 })
    })

    test('metadata is as of the opening, whatever happens afterwards', async () => {
      const before = given().storage.metadata()
      given().store.clock.advance(5_000)
      await storageWith({})
      expect(given().storage.metadata()).toEqual(before)
    })

    test('opening is no change that is logged', async () => {
      await given().reopen()
      expect(await given().storage.getWalSequence()).toEqual(NOWHERE)
    })

    test('redb::test_dimension_mismatch_returns_error: another dimension than stored is refused', async () => {
      const details = { field: 'embeddingDimension', expected: 768, got: 384 }
      await expectRefused(storageWith({ embeddingDimension: 768 }), 'DIMENSION_MISMATCH', details)
      await given().reopen()
      await expectRefused(storageWith({ embeddingDimension: 768 }), 'DIMENSION_MISMATCH', details)
      const reading = storageWith({ embeddingDimension: 768, readOnly: true })
      await expectRefused(reading, 'DIMENSION_MISMATCH', details)
      expect((await storageWith({ embeddingDimension: 384 })).metadata().embeddingDimension).toBe(384)
    })

    test.each([[0], [4_097], [1.5], ['384'], [NaN], [null]])('P10 a dimension of %s is refused', async (dimension) => {
      const opening = storageWith({ embeddingDimension: dimension })
      await expectRefused(opening, 'INVALID_FIELD', { field: 'embeddingDimension' })
      await expectRefused(storageWith({ readOnly: 'yes' }), 'INVALID_FIELD', { field: 'readOnly' })
    })

    test('a store that is read only shows everything and refuses every change, of activities too', async () => {
      const collective = await savedCollective(given())
      const experience = anExperience(collective.id)
      await given().storage.saveExperience(experience)
      given().store.clock.advance(5_000)
      const reader = await storageWith({ readOnly: true })
      expect(reader.metadata()).toEqual(given().storage.metadata())
      expect(await reader.getExperience(experience.id)).toEqual(experience)
      expect(await reader.listCollectives()).toEqual([collective])
      const { id } = collective
      const missing = freshId()
      const changes = [
        reader.saveCollective(collective),
        reader.deleteCollective(id),
        reader.deleteExperiencesByCollective(id),
        reader.saveExperience(experience),
        reader.updateExperience(experience.id, {}),
        reader.deleteExperience(experience.id),
        reader.reinforceExperience(experience.id),
        reader.saveEmbedding(experience.id, experience.embedding),
        reader.saveRelation(aRelation(experience.id, experience.id)),
        reader.saveActivity(anActivity(id)),
        reader.deleteActivity('scout', id),
        reader.deleteActivitiesByCollective(missing),
        reader.deleteExperience(missing),
        reader.deleteInsightsByCollective(missing),
        reader.deleteRelationsForExperience(missing),
        reader.compactWalEvents(NOWHERE),
        reader.compactWal(),
        reader.saveSyncCursor({ instanceId: freshId(), lastSequence: NOWHERE }),
      ]
      await Promise.all(changes.map((change) => expectRefused(change, 'READ_ONLY')))
      expect(await given().storage.getExperience(experience.id)).toEqual(experience)
    })

    test('a store that was never opened for writing has no metadata to read', async () => {
      const opening = given().store.storage(`${given().tenant}-new` as never, { readOnly: true })
      await expectRefused(opening, 'NOT_FOUND', { entity: 'metadata' })
    })

    test('close: nothing is taken any more, a second call is none; what resolved is there', async () => {
      const collective = await savedCollective(given())
      const { storage } = given()
      const saving = storage.saveCollective({ ...collective, name: 'late' })
      await Promise.all([storage.close(), storage.close()])
      await saving
      await expectRefused(storage.getCollective(collective.id), 'CLOSED')
      await expectRefused(storage.saveCollective(aCollective()), 'CLOSED')
      await given().reopen()
      expect((await given().storage.getCollective(collective.id))?.name).toBe('late')
    })

    test.each([['nope'], [42], [undefined], ['../etc'], [new Uint8Array(16)]])(
      'P10 an id of %s is refused by every read',
      async (wrong) => {
        const { storage } = given()
        const id = wrong as never
        const readings = [
          [storage.getCollective(id), 'id'],
          [storage.getExperience(id), 'id'],
          [storage.getEmbedding(id), 'id'],
          [storage.getRelation(id), 'id'],
          [storage.getInsight(id), 'id'],
          [storage.countExperiencesInCollective(id), 'id'],
          [storage.listExperienceIdsInCollective(id), 'id'],
          [storage.getRelationIdsBySource(id), 'experience'],
          [storage.relationExists(freshId(), id, 'supports'), 'target'],
          [storage.getActivity('scout', id), 'collective'],
          [storage.loadSyncCursor(id), 'instanceId'],
        ] as const
        await Promise.all(readings.map(([reading, field]) => expectRefused(reading, 'INVALID_FIELD', { field })))
      },
    )
  })
}
