/** The storage port's experiences and their vectors, one by one. */
import type { ExperienceType } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { expectRefused, type CaseOf } from './storage-store.ts'
import {
  allEvents,
  anExperience,
  anInsight,
  aRelation,
  freshId,
  savedCollective,
  savedExperiences,
  T0,
  toldOf,
} from './records.ts'

/** What the types do not allow. */
const untyped = (value: unknown): never => value as never

const variants: readonly ExperienceType[] = [
  { kind: 'difficulty', description: 'steep', severity: 'high' },
  { kind: 'solution', problemRef: freshId(), approach: 'waggle', worked: true },
  { kind: 'errorPattern', signature: 'E1', fix: 'mend', prevention: 'look' },
  { kind: 'successPattern', taskType: 'forage', approach: 'dance', quality: Math.fround(0.9) },
  { kind: 'userPreference', category: 'food', preference: 'clover', strength: 1 },
  { kind: 'architecturalDecision', decision: 'hexagons', rationale: 'wax' },
  { kind: 'techInsight', technology: 'wax', insight: 'melts' },
  { kind: 'fact', statement: 'bees fly', source: 'seen' },
  { kind: 'generic', category: 'other' },
]

export const experienceContract = (given: CaseOf): void => {
  describe('experiences', () => {
    test('redb::test_save_and_get_experience: every field comes back, also after reopening', async () => {
      const { id: collective } = await savedCollective(given())
      const experience = anExperience(collective, {
        ...{ importance: Math.fround(0.9), confidence: 0.25, applications: { [freshId()]: 3, [freshId()]: 4 } },
        ...{ sourceTask: 'forage', timestamp: T0 + 7, lastReinforced: T0 + 8, archived: true, domain: ['', 'a', 'a'] },
      })
      await given().storage.saveExperience(experience)
      expect(await given().storage.getExperience(experience.id)).toEqual(experience)
      await given().reopen()
      expect(await given().storage.getExperience(experience.id)).toEqual(experience)
    })

    test('redb::test_get_nonexistent_experience_returns_none', async () => {
      expect(await given().storage.getExperience(freshId())).toBeUndefined()
      expect(await given().storage.getEmbedding(freshId())).toBeUndefined()
    })

    test('redb::test_experience_with_all_type_variants', async () => {
      const { id: collective } = await savedCollective(given())
      for (const type of variants) {
        const experience = anExperience(collective, { type })
        await given().storage.saveExperience(experience)
        expect((await given().storage.getExperience(experience.id))?.type).toEqual(type)
      }
    })

    test('numbers are single precision: 0.9 comes back as the nearest that there is', async () => {
      const { id: collective } = await savedCollective(given())
      const experience = anExperience(collective, { importance: 0.9 })
      await given().storage.saveExperience(experience)
      expect((await given().storage.getExperience(experience.id))?.importance).toBe(Math.fround(0.9))
    })

    test('saveExperience logs Created, also when it overwrites; its time is that of the save', async () => {
      const { id: collective } = await savedCollective(given())
      const experience = anExperience(collective)
      await given().storage.saveExperience(experience)
      await given().storage.saveExperience(experience)
      const [, ...events] = await allEvents(given())
      const told = { entityId: experience.id, collectiveId: collective, eventType: 'created', entityType: 'experience' }
      expect(events).toEqual([
        { ...told, timestampMs: now() },
        { ...told, timestampMs: now() },
      ])
    })

    test('saveExperience again, the same: one record, one place in every list', async () => {
      const { id: collective } = await savedCollective(given())
      const experience = anExperience(collective)
      await given().storage.saveExperience(experience)
      await given().storage.saveExperience(experience)
      expect(await given().storage.getExperience(experience.id)).toEqual(experience)
      expect(await given().storage.listExperienceIdsInCollective(collective)).toEqual([experience.id])
      expect(await given().storage.countExperiencesInCollective(collective)).toBe(1)
    })

    test('saveExperience with another time, type, vector leaves no stale row; the original does (defect)', async () => {
      const { id: collective } = await savedCollective(given())
      const [first, second] = await savedExperiences(given(), collective, 2)
      const moved = anExperience(collective, {
        ...{ id: first!.id, timestamp: T0 + 5_000, type: { kind: 'techInsight', technology: 'wax', insight: 'melts' } },
        ...{ content: 'another', embedding: Float32Array.of(-1, 0, 0), archived: true },
      })
      await given().storage.saveExperience(moved)
      const { storage } = given()
      expect(await storage.getExperience(moved.id)).toEqual(moved)
      expect(await storage.listExperienceIdsInCollective(collective)).toEqual([second!.id, moved.id])
      expect(await storage.getRecentExperienceIds(collective, 9)).toEqual([
        [moved.id, T0 + 5_000],
        [second!.id, T0 + 1_000],
      ])
      expect(await storage.countExperiencesInCollective(collective)).toBe(2)
      const { stats } = await given().call('collective.stats', { collective })
      expect(stats).toMatchObject({ experienceCount: 2, archivedCount: 1, oldestExperience: T0 + 1_000 })
      const query = {
        collective,
        embedding: [-1, 0, 0],
        k: 1,
        filter: { types: ['techInsight'], includeArchived: true },
      }
      expect(await given().call('experience.search', query)).toMatchObject({
        results: [{ experience: { id: moved.id } }],
      })
    })

    test('what is saved is searchable at once, what was searched before too', async () => {
      const { id: collective } = await savedCollective(given())
      await savedExperiences(given(), collective, 2)
      await given().call('experience.search', { collective, embedding: [1, 0, 0], k: 1 })
      const late = anExperience(collective, { embedding: Float32Array.of(0, 0, 1) })
      await given().storage.saveExperience(late)
      const hits = await given().call('experience.search', { collective, embedding: [0, 0, 1], k: 1 })
      expect(hits).toMatchObject({ results: [{ experience: { id: late.id }, similarity: 1 }] })
    })

    test('redb::test_update_experience_fields: those that are given, each whole', async () => {
      const { id: collective } = await savedCollective(given())
      const experience = anExperience(collective)
      await given().storage.saveExperience(experience)
      const update = { importance: 0.25, confidence: 0.75, domain: ['new'], relatedFiles: [] }
      expect(await given().storage.updateExperience(experience.id, update)).toBe(true)
      expect(await given().storage.getExperience(experience.id)).toEqual({ ...experience, ...update })
    })

    test('redb::test_update_nonexistent_experience_returns_false, nothing is logged', async () => {
      const before = await given().storage.getWalSequence()
      expect(await given().storage.updateExperience(freshId(), { importance: 1 })).toBe(false)
      expect(await given().storage.getWalSequence()).toEqual(before)
    })

    test('redb::test_update_experience_archived_flag: there and back', async () => {
      const { id: collective } = await savedCollective(given())
      const [experience] = await savedExperiences(given(), collective, 1)
      for (const archived of [true, false]) {
        expect(await given().storage.updateExperience(experience!.id, { archived })).toBe(true)
        expect((await given().storage.getExperience(experience!.id))?.archived).toBe(archived)
      }
    })

    test('redb::test_archive_records_archived_event: archiving alone is Archived, all else is Updated', async () => {
      const { id: collective } = await savedCollective(given())
      const [experience] = await savedExperiences(given(), collective, 1)
      for (const update of [{ archived: true }, { archived: false }, {}, { importance: 1 }, { archived: true }])
        await given().storage.updateExperience(experience!.id, update)
      const events = (await allEvents(given())).slice(2)
      expect(events.map(({ eventType }) => eventType)).toEqual([
        ...['archived', 'updated', 'updated', 'updated', 'archived'],
      ])
    })

    test('redb::test_update_records_watch_event: when it was updated; the original says created (defect)', async () => {
      const { id: collective } = await savedCollective(given())
      const [experience] = await savedExperiences(given(), collective, 1)
      given().store.clock.advance(60_000)
      await given().storage.updateExperience(experience!.id, { importance: 1 })
      expect((await allEvents(given())).at(-1)).toMatchObject({ eventType: 'updated', timestampMs: now() })
    })

    test('updateExperience does not touch lastReinforced', async () => {
      const { id: collective } = await savedCollective(given())
      const [experience] = await savedExperiences(given(), collective, 1)
      given().store.clock.advance(60_000)
      await given().storage.updateExperience(experience!.id, { archived: true })
      expect((await given().storage.getExperience(experience!.id))?.lastReinforced).toBe(experience!.lastReinforced)
    })

    test('redb::test_delete_experience, test_delete_records_watch_event: record, vector and places go', async () => {
      const { id: collective } = await savedCollective(given())
      const [experience, other] = await savedExperiences(given(), collective, 2)
      given().store.clock.advance(1_000)
      expect(await given().storage.deleteExperience(experience!.id)).toBe(true)
      expect(await given().storage.getExperience(experience!.id)).toBeUndefined()
      expect(await given().storage.getEmbedding(experience!.id)).toBeUndefined()
      expect(await given().storage.listExperienceIdsInCollective(collective)).toEqual([other!.id])
      const told = { entityId: experience!.id, eventType: 'deleted', entityType: 'experience', timestampMs: now() }
      expect((await allEvents(given())).at(-1)).toMatchObject(told)
      await given().reopen()
      expect(await given().storage.getExperience(experience!.id)).toBeUndefined()
    })

    test('redb::test_delete_nonexistent_experience_returns_false, nothing is logged', async () => {
      const before = await given().storage.getWalSequence()
      expect(await given().storage.deleteExperience(freshId())).toBe(false)
      expect(await given().storage.getWalSequence()).toEqual(before)
    })

    test('deleteExperience takes its relations along, insights are told; the original leaves them', async () => {
      const { id: collective } = await savedCollective(given())
      const [one, two] = await savedExperiences(given(), collective, 2)
      const [relation, insight] = [aRelation(one!.id, two!.id), anInsight(collective, [one!.id, two!.id])]
      await given().storage.saveRelation(relation)
      await given().storage.saveInsight(insight)
      const before = await given().storage.getWalSequence()
      await given().storage.deleteExperience(one!.id)
      expect(await given().storage.getRelation(relation.id)).toBeUndefined()
      expect(await given().storage.getRelationIdsByTarget(two!.id)).toEqual([])
      expect((await given().storage.getInsight(insight.id))?.sources).toEqual([one!.id, two!.id])
      const { events } = await given().storage.pollWatchEvents(before, 10)
      expect(toldOf(events)).toEqual(['deleted relation', 'updated insight', 'deleted experience'])
    })

    test('of deletions that race one is true, one is logged; in the original several may be (defect)', async () => {
      const { id: collective } = await savedCollective(given())
      const [experience] = await savedExperiences(given(), collective, 1)
      const { storage } = given()
      const told = await Promise.all([1, 2, 3].map(() => storage.deleteExperience(experience!.id)))
      expect(told.filter(Boolean)).toHaveLength(1)
      expect(toldOf(await allEvents(given())).filter((each) => each === 'deleted experience')).toHaveLength(1)
    })

    test('redb::test_reinforce_experience_atomic: 1, 2, 3, also at once; lastReinforced is now', async () => {
      const { id: collective } = await savedCollective(given())
      const [experience] = await savedExperiences(given(), collective, 1)
      const { storage } = given()
      given().store.clock.advance(60_000)
      const counts = await Promise.all([1, 2, 3].map(() => storage.reinforceExperience(experience!.id)))
      expect(counts.sort()).toEqual([1, 2, 3])
      expect(await storage.getExperience(experience!.id)).toEqual({
        ...experience,
        ...{ applications: { [storage.instanceId()]: 3 }, lastReinforced: now() },
      })
    })

    test('reinforceExperience answers the sum over all instances, and counts under its own', async () => {
      const { id: collective } = await savedCollective(given())
      const other = freshId()
      const experience = anExperience(collective, { applications: { [other]: 5 } })
      await given().storage.saveExperience(experience)
      expect(await given().storage.reinforceExperience(experience.id)).toBe(6)
      const instance = given().storage.instanceId()
      expect((await given().storage.getExperience(experience.id))?.applications).toEqual({ [other]: 5, [instance]: 1 })
      await given().call('experience.reinforce', { collective, id: experience.id })
      expect((await given().storage.getExperience(experience.id))?.applications).toEqual({ [other]: 5, [instance]: 2 })
    })

    test('reinforceExperience saturates at 2^32 - 1', async () => {
      const { id: collective } = await savedCollective(given())
      const experience = anExperience(collective, { applications: { [given().storage.instanceId()]: 0xffff_ffff } })
      await given().storage.saveExperience(experience)
      expect(await given().storage.reinforceExperience(experience.id)).toBe(0xffff_ffff)
    })

    test('redb::test_reinforce_experience_nonexistent: nothing, and nothing is logged', async () => {
      const before = await given().storage.getWalSequence()
      expect(await given().storage.reinforceExperience(freshId())).toBeUndefined()
      expect(await given().storage.getWalSequence()).toEqual(before)
    })

    test('redb::test_reinforce_records_watch_event: Updated', async () => {
      const { id: collective } = await savedCollective(given())
      const [experience] = await savedExperiences(given(), collective, 1)
      await given().storage.reinforceExperience(experience!.id)
      expect((await allEvents(given())).at(-1)).toMatchObject({ eventType: 'updated', entityId: experience!.id })
    })
  })

  describe('embeddings', () => {
    test('redb::test_save_and_get_embedding, test_f32_byte_conversion_roundtrip: extreme numbers too', async () => {
      const { id: collective } = await savedCollective(given(), { dimension: 6 })
      const embedding = Float32Array.of(0.1, 3.4028234663852886e38, -1, 0, 1.1754943508222875e-38, 1e-45)
      const experience = anExperience(collective, { embedding: Float32Array.of(1, 1, 1, 1, 1, 1) })
      await given().storage.saveExperience(experience)
      await given().storage.saveEmbedding(experience.id, embedding)
      await given().reopen()
      expect(await given().storage.getEmbedding(experience.id)).toEqual(embedding)
      expect(await given().storage.getExperience(experience.id)).toEqual({ ...experience, embedding })
    })

    test('saveEmbedding tells the index; the original does not (defect)', async () => {
      const { id: collective } = await savedCollective(given())
      const [one, two] = await savedExperiences(given(), collective, 2)
      await given().call('experience.search', { collective, embedding: [0, 0, 1], k: 1 })
      await given().storage.saveEmbedding(two!.id, Float32Array.of(0, 0, 1))
      await given().storage.saveEmbedding(one!.id, Float32Array.of(1, 0, 0))
      const hits = await given().call('experience.search', { collective, embedding: [0, 0, 1], k: 1 })
      expect(hits).toMatchObject({ results: [{ experience: { id: two!.id }, similarity: 1 }] })
    })

    test('saveEmbedding logs Updated, for a peer needs the vector; the original logs nothing', async () => {
      const { id: collective } = await savedCollective(given())
      const [experience] = await savedExperiences(given(), collective, 1)
      await given().storage.saveEmbedding(experience!.id, Float32Array.of(0, 0, 1))
      expect((await allEvents(given())).at(-1)).toMatchObject({ eventType: 'updated', entityId: experience!.id })
    })

    test('saveEmbedding refuses an experience that is not there; the original stores an orphan', async () => {
      const id = freshId()
      await expectRefused(given().storage.saveEmbedding(id, Float32Array.of(1)), 'NOT_FOUND', { entity: 'experience' })
      expect(await given().storage.getEmbedding(id)).toBeUndefined()
    })

    test('a vector that is handed in or out is a copy', async () => {
      const { id: collective } = await savedCollective(given())
      const experience = anExperience(collective, { embedding: Float32Array.of(1, 2, 3) })
      const saving = given().storage.saveExperience(experience)
      experience.embedding[0] = 9
      await saving
      const read = await given().storage.getEmbedding(experience.id)
      read![1] = 9
      expect(await given().storage.getEmbedding(experience.id)).toEqual(Float32Array.of(1, 2, 3))
    })
  })

  describe('what the state cannot hold is refused, and changes nothing; the original checks none of it', () => {
    test('an experience of a collective that is not there', async () => {
      await expectRefused(given().storage.saveExperience(anExperience(freshId())), 'NOT_FOUND', {
        entity: 'collective',
      })
    })

    test('an experience that would move to another collective', async () => {
      const [one, two] = [await savedCollective(given()), await savedCollective(given())]
      const experience = anExperience(one.id)
      await given().storage.saveExperience(experience)
      const moving = given().storage.saveExperience({ ...experience, collective: two.id })
      await expectRefused(moving, 'INVALID_FIELD', { field: 'collective', collective: one.id })
      expect(await given().storage.getExperience(experience.id)).toEqual(experience)
    })

    test('an experience that is saved into two collectives at once: one has it', async () => {
      const [one, two] = [await savedCollective(given()), await savedCollective(given())]
      const id = freshId()
      const { storage } = given()
      const saving = [one, two].map(({ id: collective }) => storage.saveExperience(anExperience(collective, { id })))
      const outcomes = (await Promise.allSettled(saving)).map(({ status }) => status)
      expect(outcomes.sort()).toEqual(['fulfilled', 'rejected'])
    })

    test.each([
      ['another dimension', { embedding: Float32Array.of(1, 2) }, 'DIMENSION_MISMATCH', 'embedding'],
      ['a vector that is not finite', { embedding: Float32Array.of(1, NaN, 0) }, 'INVALID_FIELD', 'embedding[1]'],
      ['a vector of zeros', { embedding: Float32Array.of(0, 0, 0) }, 'INVALID_FIELD', 'embedding'],
      ['no content', { content: '' }, 'REQUIRED_FIELD', 'content'],
      ['content beyond the limit', { content: 'x'.repeat(102_401) }, 'CONTENT_TOO_LARGE', 'content'],
      ['an importance beyond 1', { importance: 1.5 }, 'INVALID_FIELD', 'importance'],
      ['a confidence that is none', { confidence: NaN }, 'INVALID_FIELD', 'confidence'],
      ['51 tags', { domain: Array.from({ length: 51 }, () => 'x') }, 'TOO_MANY_ITEMS', 'domain'],
      ['no agent', { sourceAgent: '' }, 'REQUIRED_FIELD', 'sourceAgent'],
      ['a count that is none', { applications: { a: -1 } }, 'INVALID_FIELD', 'applications.a'],
      ['an instance that is none', { applications: { 'a b': 1 } }, 'INVALID_FIELD', 'applications'],
      ['a time before 1970', { timestamp: -1 }, 'INVALID_FIELD', 'timestamp'],
      ['a field that there is not', untyped({ colour: 'red' }), 'UNKNOWN_FIELD', 'colour'],
      ['no archived', untyped({ archived: undefined }), 'REQUIRED_FIELD', 'archived'],
    ])('P10 %s', async (_, wrong, code, field) => {
      const { id: collective } = await savedCollective(given())
      await expectRefused(given().storage.saveExperience(anExperience(collective, wrong)), code, { field })
      expect(await given().storage.listExperienceIdsInCollective(collective)).toEqual([])
      expect(await allEvents(given())).toHaveLength(1)
    })

    test.each([
      ['an importance below 0', { importance: -0.1 }, 'INVALID_FIELD', 'importance'],
      ['a tag beyond the limit', { domain: ['x'.repeat(101)] }, 'INVALID_FIELD', 'domain[0]'],
      ['another content', untyped({ content: 'new' }), 'UNKNOWN_FIELD', 'content'],
      ['no map', untyped('archived'), 'INVALID_FIELD', 'request'],
    ])('P10 an update with %s', async (_, wrong, code, field) => {
      const { id: collective } = await savedCollective(given())
      const [experience] = await savedExperiences(given(), collective, 1)
      await expectRefused(given().storage.updateExperience(experience!.id, wrong), code, { field })
      expect(await given().storage.getExperience(experience!.id)).toEqual(experience)
    })
  })

  const now = (): number => given().store.clock.nowMs()
}
