/** Experiences: recording, reading, changing and deleting them. */
import { experienceKinds, limits, type Experience } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { ExperienceInput } from '../inputs.ts'
import { expectRefusal, experience, float32, givenId, idsOf, noStats, typesByKind } from './samples.ts'
import { sharedStore, withStore, type OpenStore } from './store-under-test.ts'

const whole: ExperienceInput = {
  content: 'Zahlungsläufe nach 17:00 werden erst am nächsten Tag gebucht 🐝',
  embedding: [0.1, -0.2, 0.3, 4e10],
  type: typesByKind.fact,
  importance: 0.9,
  confidence: 0.2,
  domain: ['payments', '', 'payments'],
  relatedFiles: ['src/ledger/post-entry.ts', ''],
  sourceAgent: 'agent-7',
  sourceTask: 'task 12',
}

const recorded = async (hive: CollectiveHandle, fields: Partial<ExperienceInput> = {}): Promise<Experience> => {
  const { id } = await hive.record(experience(fields))
  const found = await hive.get(id)
  if (found === undefined) throw new Error('a record that was acknowledged is not there')
  return found
}

export const experiencesContract = (open: OpenStore): void => {
  describe('recording and reading experiences', () => {
    const store = sharedStore(open)

    it('test_record_and_get_experience: every field comes back; numbers in single precision', async () => {
      const hive = await store.collective()
      const { id } = await hive.record(whole)
      const found = await hive.get(id)
      expect(found).toEqual({
        ...whole,
        id,
        collective: hive.id,
        embedding: float32([0.1, -0.2, 0.3, 4e10]),
        importance: Math.fround(0.9),
        confidence: Math.fround(0.2),
        applications: 0,
        archived: false,
        version: 1,
        createdAt: found?.createdAt,
        lastReinforced: found?.createdAt,
      })
      expect(Math.abs(Date.now() - (found?.createdAt ?? 0))).toBeLessThan(60_000)
    })

    it.each(experienceKinds)('test_record_experience_all_type_variants: %s', async (kind) => {
      expect((await recorded(await store.collective(), { type: typesByKind[kind] })).type).toEqual(typesByKind[kind])
    })

    it('what a type may leave out stays out', async () => {
      const hive = await store.collective()
      const solution = { kind: 'solution', approach: 'wait', worked: false } as const
      expect((await recorded(hive, { type: solution })).type).toEqual(solution)
      expect((await recorded(hive, { type: { kind: 'generic' } })).type).toEqual({ kind: 'generic' })
    })

    it('test_record_experience_success_pattern_valid_quality_accepted: 0.95, in single precision', async () => {
      const type = { ...typesByKind.successPattern, quality: 0.95 }
      const { type: found } = await recorded(await store.collective(), { type })
      expect(found).toEqual({ ...type, quality: Math.fround(0.95) })
    })

    it('test_get_experience_nonexistent: undefined, alone and among others', async () => {
      const hive = await store.collective()
      const { id } = await hive.record(experience())
      expect(await hive.get(givenId(404))).toBeUndefined()
      const found = await hive.getMany([givenId(404), id, givenId(405), id])
      expect(found.map((item) => item?.id)).toEqual([undefined, id, undefined, id])
      expect(await hive.getMany([])).toEqual([])
    })

    it.each<[string, ExperienceInput]>([
      ['absent', { content: 'short', embedding: [1, 0, 0, 0] }],
      ['undefined', { ...undefinedFields, content: 'short', embedding: [1, 0, 0, 0] }],
    ])('test_record_experience_default_fields: what is %s has its default', async (_title, input) => {
      const hive = await store.collective()
      const { id } = await hive.record(input)
      const found = await hive.get(id)
      expect(found).toMatchObject({
        importance: 0.5,
        confidence: 0.5,
        type: { kind: 'generic' },
        domain: [],
        relatedFiles: [],
        sourceAgent: 'anonymous',
      })
      expect(found).not.toHaveProperty('sourceTask')
    })

    it('an id that is given is kept, and ALREADY_EXISTS when it is taken; upper case is lowered', async () => {
      const hive = await store.collective()
      const id = 'ABCDEF00-0000-4000-8000-00000000000A'
      expect((await hive.record(experience({ id }))).id).toBe(id.toLowerCase())
      await expectRefusal(hive.record(experience({ id })), 'ALREADY_EXISTS', 'id')
      const batch = [experience(), experience({ id })]
      await expectRefusal(hive.recordMany(batch), 'ALREADY_EXISTS', 'experiences[1].id')
      const twice = [experience({ id: givenId(1) }), experience({ id: givenId(1) })]
      await expectRefusal(hive.recordMany(twice), 'ALREADY_EXISTS', 'experiences[1].id')
      expect((await hive.stats()).experienceCount).toBe(1)
    })

    it('ids are uuids, and no two are alike', async () => {
      const hive = await store.collective()
      const { ids } = await hive.recordMany(Array.from({ length: 100 }, () => experience()))
      const { id } = await hive.record(experience())
      expect(new Set([...ids, id]).size).toBe(101)
      for (const each of [...ids, id]) expect(each).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    })

    it('recordMany: up to 1000 at once, ids in input order, none for none', async () => {
      const hive = await store.collective()
      expect((await hive.recordMany([])).ids).toEqual([])
      const inputs = Array.from({ length: limits.BATCH_ITEMS_MAX }, (_, n) => experience({ content: `number ${n}` }))
      const { ids } = await hive.recordMany(inputs)
      const found = await hive.getMany(ids)
      expect(found.map((item) => item?.content)).toEqual(inputs.map(({ content }) => content))
      expect(idsOf((await hive.list({ limit: 1000 })).items)).toEqual(ids)
      await expectRefusal(hive.recordMany([...inputs, experience()]), 'TOO_MANY_ITEMS', 'experiences')
      await expectRefusal(hive.getMany([...ids, givenId(1)]), 'TOO_MANY_ITEMS', 'ids')
    })

    it('P3 recordMany is all or nothing: one that is refused leaves no other behind', async () => {
      const hive = await store.collective()
      const inputs = Array.from({ length: 20 }, () => experience())
      inputs[19] = experience({ importance: 2 })
      await expectRefusal(hive.recordMany(inputs), 'INVALID_FIELD', 'experiences[19].importance')
      expect(await hive.stats()).toEqual(noStats)
      expect((await hive.search({ embedding: [1, 0, 0, 0] })).results).toEqual([])
    })

    it('P11 more writes at once than any queue holds all arrive', async () => {
      const hive = await store.collective()
      const contents = Array.from({ length: 6_000 }, (_, n) => `number ${n}`)
      // They wait for one another, on a busy machine for longer than a call waits by itself.
      const options = { timeoutMs: 120_000 }
      await Promise.all(contents.map(async (content) => hive.record(experience({ content }), options)))
      expect((await hive.stats()).experienceCount).toBe(6_000)
    })

    it('P3 a reader sees a batch whole or not at all, while it is being recorded', async () => {
      const hive = await store.collective()
      const counts = new Set<number>()
      for (let round = 0; round < 20; round += 1) {
        const ids = Array.from({ length: 64 }, (_, n) => givenId(round * 64 + n))
        const progress = { done: false }
        const recording = hive.recordMany(ids.map((id) => experience({ id }))).finally(() => (progress.done = true))
        while (!progress.done) {
          counts.add((await hive.getMany(ids)).filter((item) => item !== undefined).length)
          await new Promise((resolve) => setImmediate(resolve))
        }
        await recording
      }
      for (const count of counts) expect([0, 64]).toContain(count)
    })

    it('a record that is deleted while it is read is there whole, or not at all', async () => {
      const hive = await store.collective()
      for (let round = 0; round < 30; round += 1) {
        const { id } = await hive.record(experience())
        const progress = { done: false }
        const deleting = hive.delete(id).finally(() => (progress.done = true))
        while (!progress.done) {
          for (let turn = 0; turn < 20; turn += 1) {
            const found = await hive.get(id)
            if (found !== undefined) expect(found.embedding).toHaveLength(4)
          }
          await new Promise((resolve) => setImmediate(resolve))
        }
        await deleting
        expect(await hive.get(id)).toBeUndefined()
      }
    })
  })

  describe('round trips', () => {
    const store = sharedStore(open)
    const unit = fc.float({ min: 0, max: 1, noNaN: true })

    it('prop_importance_preserved_in_range, prop_confidence_preserved_in_range, prop_content_roundtrips', async () => {
      const hive = await store.collective()
      const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 5 })
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
          fc.tuple(unit, unit),
          fc.tuple(texts, texts),
          fc.tuple(fc.string({ minLength: 1 }), fc.string()),
          fc.array(fc.float({ min: 0.5, noNaN: true, noDefaultInfinity: true }), { minLength: 4, maxLength: 4 }),
          async (content, [importance, confidence], [domain, relatedFiles], [sourceAgent, sourceTask], embedding) => {
            const fields = { content, importance, confidence, domain, relatedFiles, sourceAgent, sourceTask }
            const { id } = await hive.record({ ...fields, embedding })
            // A negative zero is a zero.
            const numbers = { importance: importance + 0, confidence: confidence + 0 }
            expect(await hive.get(id)).toMatchObject({ ...fields, ...numbers, embedding: float32(embedding) })
          },
        ),
        { numRuns: 100 },
      )
    })
  })

  describe('changing experiences', () => {
    const store = sharedStore(open)

    it.each<[string, object]>([
      ['test_update_experience_importance', { importance: 0.875 }],
      ['test_update_experience_confidence', { confidence: 0.125 }],
      ['test_update_experience_domain: the list is replaced', { domain: ['new'] }],
      ['test_update_experience_related_files: the list is replaced', { relatedFiles: ['b.ts', 'c.ts'] }],
      ['lists may be emptied', { domain: [], relatedFiles: [] }],
      ['archived', { archived: true }],
      [
        'test_update_experience_multiple_fields',
        { importance: 1, confidence: 0, domain: ['d'], relatedFiles: ['f'], archived: true },
      ],
    ])('test_update_preserves_content_and_embedding, %s: all but the fields named stays', async (_title, patch) => {
      const hive = await store.collective()
      const before = await recorded(hive, { domain: ['old', 'older'], relatedFiles: ['a.ts'] })
      const { version } = await hive.update(before.id, patch)
      expect(await hive.get(before.id)).toEqual({ ...before, ...patch, version: 2 })
      expect(version).toBe(2)
    })

    it('an empty patch, and one of undefined fields, changes nothing and makes no version', async () => {
      const hive = await store.collective()
      const before = await recorded(hive)
      for (const patch of [{}, { importance: undefined, domain: undefined, archived: undefined }])
        expect((await hive.update(before.id, patch)).version).toBe(1)
      expect(await hive.get(before.id)).toEqual(before)
    })

    it('test_update_experience_importance_out_of_range_rejected: refused, and the value is unchanged', async () => {
      const hive = await store.collective()
      const before = await recorded(hive)
      const patch = { importance: 1.5, domain: ['x'] }
      await expectRefusal(hive.update(before.id, patch), 'INVALID_FIELD', 'patch.importance')
      expect(await hive.get(before.id)).toEqual(before)
    })

    it('test_archive_experience, test_unarchive_experience: the flag, and nothing else', async () => {
      const hive = await store.collective()
      const before = await recorded(hive)
      expect((await hive.archive(before.id)).version).toBe(2)
      expect(await hive.get(before.id)).toEqual({ ...before, archived: true, version: 2 })
      expect((await hive.unarchive(before.id)).version).toBe(3)
      expect(await hive.get(before.id)).toEqual({ ...before, version: 3 })
    })

    it('test_archive_idempotent: again is fine and makes no version, and so with unarchive', async () => {
      const hive = await store.collective()
      const { id } = await recorded(hive)
      expect((await hive.unarchive(id)).version).toBe(1)
      for (let turn = 0; turn < 3; turn += 1) expect((await hive.archive(id)).version).toBe(2)
      for (let turn = 0; turn < 3; turn += 1) expect((await hive.unarchive(id)).version).toBe(3)
    })

    it('ifVersion: only the first of two writers who read the same version succeeds', async () => {
      const hive = await store.collective()
      const { id } = await recorded(hive)
      const attempt = async (importance: number) => hive.update(id, { importance }, { ifVersion: 1 })
      const outcomes = await Promise.allSettled([attempt(0.25), attempt(0.75)])
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const fault = await expectRefusal(attempt(1), 'VERSION_MISMATCH', 'ifVersion')
      expect([fault.kind, fault.details.expected, fault.details.actual]).toEqual(['conflict', 1, 2])
      expect((await hive.update(id, { importance: 1 }, { ifVersion: 2 })).version).toBe(3)
      await expectRefusal(hive.update(id, {}, { ifVersion: 2 }), 'VERSION_MISMATCH', 'ifVersion')
    })

    it('test_reinforce_experience, test_reinforce_preserves_other_fields: 1, 2, 3, and no more', async () => {
      const hive = await store.collective()
      const before = await recorded(hive)
      for (const total of [1, 2, 3]) expect((await hive.reinforce(before.id)).applications).toBe(total)
      const after = await hive.get(before.id)
      expect(after?.lastReinforced).toBeGreaterThanOrEqual(before.lastReinforced)
      expect(after).toEqual({ ...before, applications: 3, version: 4, lastReinforced: after?.lastReinforced })
    })

    it('lastReinforced is the time of the newest reinforcement, and createdAt stays', async () => {
      const hive = await store.collective()
      const before = await recorded(hive)
      await vi.waitFor(
        async () => {
          await hive.reinforce(before.id)
          expect((await hive.get(before.id))?.lastReinforced).toBeGreaterThan(before.lastReinforced)
        },
        { timeout: 10_000, interval: 1 },
      )
      expect((await hive.get(before.id))?.createdAt).toBe(before.createdAt)
    })

    it('P2 P4 reinforcements at the same time are all counted, each with a total of its own', async () => {
      const hive = await store.collective()
      const { id } = await recorded(hive)
      const totals = await Promise.all(Array.from({ length: 50 }, () => hive.reinforce(id)))
      const sorted = totals.map(({ applications }) => applications).sort((left, right) => left - right)
      expect(sorted).toEqual(Array.from({ length: 50 }, (_, n) => n + 1))
    })

    it('test_delete_experience: gone everywhere; test_delete_then_rerecord: a new id', async () => {
      const hive = await store.collective()
      const [kept, gone] = [await recorded(hive), await recorded(hive)]
      await hive.delete(gone.id)
      expect(await hive.get(gone.id)).toBeUndefined()
      expect(idsOf((await hive.list()).items)).toEqual([kept.id])
      expect(idsOf(await hive.recent())).toEqual([kept.id])
      const { results } = await hive.search({ embedding: [1, 0, 0, 0] })
      expect(results.map((hit) => hit.experience.id)).toEqual([kept.id])
      expect((await hive.record(experience())).id).not.toBe(gone.id)
    })

    it('an id that was deleted may be given again, and nothing of its first life is left', async () => {
      const hive = await store.collective()
      const id = givenId(9)
      await hive.record(experience({ id, content: 'first', embedding: [0, 0, 0, 1] }))
      await hive.reinforce(id)
      await hive.archive(id)
      await hive.delete(id)
      await hive.record(experience({ id, content: 'second', embedding: [1, 0, 0, 0] }))
      const found = await hive.get(id)
      expect(found).toMatchObject({ content: 'second', applications: 0, archived: false, version: 1 })
      const { results } = await hive.search({ embedding: [1, 0, 0, 0] })
      expect(results.map((hit) => [hit.experience.content, hit.similarity])).toEqual([['second', 1]])
    })

    it.each<[string, (hive: CollectiveHandle) => Promise<unknown>]>([
      ['test_update_experience_nonexistent', (hive) => hive.update(givenId(404), { importance: 1 })],
      ['an empty update', (hive) => hive.update(givenId(404), {})],
      ['test_archive_nonexistent', (hive) => hive.archive(givenId(404))],
      ['unarchive', (hive) => hive.unarchive(givenId(404))],
      ['test_delete_experience_nonexistent', (hive) => hive.delete(givenId(404))],
      ['test_reinforce_nonexistent', (hive) => hive.reinforce(givenId(404))],
    ])('%s: NOT_FOUND', async (_title, call) => {
      const fault = await expectRefusal(call(await store.collective()), 'NOT_FOUND')
      expect([fault.kind, fault.details.entity, fault.details.id]).toEqual(['notFound', 'experience', givenId(404)])
    })

    it('a record that was deleted is NOT_FOUND like one that never was', async () => {
      const hive = await store.collective()
      const { id } = await recorded(hive)
      await hive.delete(id)
      const calls = [hive.delete(id), hive.update(id, {}), hive.archive(id), hive.reinforce(id)]
      await Promise.all(calls.map((call) => expectRefusal(call, 'NOT_FOUND')))
    })
  })

  describe('experiences after a restart', () => {
    it('P1 test_experience_persists_across_reopen: all fields and the vector survive, and are found', async () => {
      await withStore(open, async (store) => {
        const hive = await store.waggle.createCollective({ name: 'kept', dimension: 4 })
        const { id } = await hive.record(whole)
        const before = await hive.get(id)
        const again = await (await store.reopen()).collective('kept')
        expect(await again.get(id)).toEqual(before)
        const { results } = await again.search({ embedding: [0.1, -0.2, 0.3, 4e10] })
        expect(results.map((hit) => [hit.experience.id, hit.similarity])).toEqual([[id, 1]])
      })
    })

    it('P1 test_updated_experience_persists_across_reopen: changes survive', async () => {
      await withStore(open, async (store) => {
        const hive = await store.waggle.createCollective({ name: 'kept', dimension: 4 })
        const [changed, gone] = [await recorded(hive), await recorded(hive)]
        await hive.update(changed.id, { importance: 0.25, domain: ['x'], archived: true })
        await hive.reinforce(changed.id)
        await hive.reinforce(changed.id)
        await hive.delete(gone.id)
        const [before, stats] = [await hive.get(changed.id), await hive.stats()]
        expect(before).toMatchObject({ importance: 0.25, domain: ['x'], archived: true, applications: 2, version: 4 })
        const again = await (await store.reopen()).collective('kept')
        expect(await again.get(changed.id)).toEqual(before)
        expect(await again.get(gone.id)).toBeUndefined()
        expect(await again.stats()).toEqual(stats)
        expect((await again.reinforce(changed.id)).applications).toBe(3)
      })
    })
  })
}

const undefinedFields = {
  id: undefined,
  type: undefined,
  importance: undefined,
  confidence: undefined,
  domain: undefined,
  relatedFiles: undefined,
  sourceAgent: undefined,
  sourceTask: undefined,
}
