/** PulseDB's `tests/experience.rs`. */
import type { ExperienceType } from '@waggle/protocol'
import { experienceKinds } from '@waggle/protocol'
import { expect } from 'vitest'
import type { Cases, ParityCase } from './parity-store.ts'
import {
  createCollective,
  expectAbsent,
  expectInvalid,
  idsOf,
  manyOf,
  newExperience,
  read,
  record,
  recordMany,
  textOf,
  typesByKind,
  unknownId,
  vectorOf,
} from './samples.ts'

const countOf = async ({ call, collective }: ParityCase): Promise<number> =>
  (await call('collective.stats', { collective })).stats.experienceCount

const update = async ({ call, collective }: ParityCase, id: string, patch: object): Promise<void> => {
  await call('experience.update', { collective, id, patch })
}

const refused = async ({ call, collective }: ParityCase, fields: object, code: string, field: string) =>
  expectInvalid(call('experience.record', newExperience(collective, fields)), code, field)

const whole = {
  content: 'order the locks before the migration',
  embedding: vectorOf(42),
  type: typesByKind.solution,
  importance: 0.8,
  confidence: 0.9,
  domain: ['sql', 'locks'],
  relatedFiles: ['src/migrate.ts'],
  sourceAgent: 'agent-1',
  sourceTask: 'task-7',
}

export const experienceParity = (it: Cases): void => {
  recording(it)
  changing(it)
  leaving(it)
  refusing(it)
  lasting(it)
}

const recording = (it: Cases): void => {
  it('experience.rs test_record_and_get_experience: every field round-trips', async (given) => {
    const id = await record(given, whole)
    const nowMs = given.store.nowMs()
    expect(await read(given, id)).toEqual({
      ...whole,
      id,
      collective: given.collective,
      importance: Math.fround(0.8),
      confidence: Math.fround(0.9),
      applications: 0,
      createdAt: nowMs,
      lastReinforced: nowMs,
      archived: false,
      version: 1,
    })
  })

  it('experience.rs test_record_experience_all_type_variants: nine kinds keep all they say', async (given) => {
    const ids = await recordMany(given, experienceKinds.length, (index) => ({
      type: typesByKind[experienceKinds[index]!],
    }))
    const types: ExperienceType[] = []
    for (const id of ids) types.push((await read(given, id)).type)
    expect(types).toEqual(experienceKinds.map((kind) => typesByKind[kind]))
    expect(types).toHaveLength(9)
  })

  it('experience.rs test_get_experience_nonexistent: nothing, and no fault', async ({ call, collective }) => {
    expect((await call('experience.get', { collective, id: unknownId() })).experience).toBeUndefined()
  })

  it('experience.rs test_record_experience_default_fields: as PulseDB fills them in', async (given) => {
    const experience = await read(given, await record(given))
    expect(experience).toMatchObject({
      ...{ importance: 0.5, confidence: 0.5, type: { kind: 'generic' }, sourceAgent: 'anonymous' },
      ...{ domain: [], relatedFiles: [], applications: 0, archived: false },
    })
    expect(experience).not.toHaveProperty('sourceTask')
    expect(experience.type).not.toHaveProperty('category')
  })

  it('experience.rs test_multiple_experiences_in_same_collective: ten records intact', async (given) => {
    const ids = await recordMany(given, 10)
    expect(new Set(ids).size).toBe(10)
    for (const [index, id] of ids.entries())
      expect(await read(given, id)).toMatchObject({ content: `lesson ${index}`, embedding: vectorOf(index) })
  })

  it('experience.rs test_experiences_across_multiple_collectives: ids and counts separate', async (given) => {
    const other = { ...given, collective: await createCollective(given) }
    const [ours, theirs] = [await recordMany(given, 2), await recordMany(other, 3)]
    expect(new Set([...ours, ...theirs]).size).toBe(5)
    expect([await countOf(given), await countOf(other)]).toEqual([2, 3])
    const { experience } = await given.call('experience.get', { collective: given.collective, id: theirs[0] })
    expect(experience).toBeUndefined()
  })

  it('experience.rs test_record_experience_boundary_importance_values: exactly 0 and 1', async (given) => {
    for (const importance of [0, 1])
      expect((await read(given, await record(given, { importance }))).importance).toBe(importance)
  })

  it('experience.rs test_record_experience_max_content_size_accepted: 102,400 bytes', async (given) => {
    const id = await record(given, { content: textOf(102_400) })
    expect((await read(given, id)).content).toHaveLength(102_400)
  })

  it('experience.rs test_record_experience_max_domain_tags_accepted: 50 tags', async (given) => {
    const domain = manyOf(50, (index) => `tag ${index}`)
    expect((await read(given, await record(given, { domain }))).domain).toEqual(domain)
  })

  it('experience.rs test_record_experience_success_pattern_valid_quality_accepted: single precision', async (given) => {
    const id = await record(given, { type: { ...typesByKind.successPattern, quality: 0.95 } })
    expect((await read(given, id)).type).toEqual({ ...typesByKind.successPattern, quality: Math.fround(0.95) })
  })
}

const changing = (it: Cases): void => {
  it('experience.rs test_update_experience_importance: confidence untouched', async (given) => {
    const id = await record(given, { importance: 0.5, confidence: 0.25 })
    await update(given, id, { importance: 0.75 })
    expect(await read(given, id)).toMatchObject({ importance: 0.75, confidence: 0.25, version: 2 })
  })

  it('experience.rs test_update_experience_confidence: changed', async (given) => {
    const id = await record(given)
    await update(given, id, { confidence: 0.125 })
    expect(await read(given, id)).toMatchObject({ importance: 0.5, confidence: 0.125 })
  })

  it('experience.rs test_update_experience_domain: the list is replaced', async (given) => {
    const id = await record(given, { domain: ['old', 'older'] })
    await update(given, id, { domain: ['new'] })
    expect((await read(given, id)).domain).toEqual(['new'])
  })

  it('experience.rs test_update_experience_related_files: the list is replaced', async (given) => {
    const id = await record(given, { relatedFiles: ['a.ts'] })
    await update(given, id, { relatedFiles: ['b.ts', 'c.ts'] })
    expect((await read(given, id)).relatedFiles).toEqual(['b.ts', 'c.ts'])
  })

  it('experience.rs test_update_experience_multiple_fields: four at once', async (given) => {
    const id = await record(given)
    const patch = { importance: 0.25, confidence: 0.75, domain: ['d'], relatedFiles: ['f'] }
    await update(given, id, patch)
    expect(await read(given, id)).toMatchObject(patch)
  })

  it('experience.rs test_update_experience_nonexistent: absent', async ({ call, collective }) => {
    const updating = call('experience.update', { collective, id: unknownId(), patch: { importance: 0.5 } })
    await expectAbsent(updating, 'experience')
  })

  it('experience.rs test_update_preserves_content_and_embedding: both untouched', async (given) => {
    const id = await record(given, { content: 'kept', embedding: vectorOf(9) })
    await update(given, id, { importance: 0.125 })
    expect(await read(given, id)).toMatchObject({ content: 'kept', embedding: vectorOf(9) })
  })

  it('experience.rs test_update_experience_importance_out_of_range_rejected: and unchanged', async (given) => {
    const id = await record(given, { importance: 0.75 })
    await expectInvalid(update(given, id, { importance: 1.5 }), 'INVALID_FIELD', 'patch.importance')
    expect(await read(given, id)).toMatchObject({ importance: 0.75, version: 1 })
  })

  it('experience.rs test_archive_experience: flag set', async (given) => {
    const id = await record(given)
    await given.call('experience.archive', { collective: given.collective, id })
    expect((await read(given, id)).archived).toBe(true)
  })

  it('experience.rs test_unarchive_experience: flag cleared', async (given) => {
    const id = await record(given)
    await given.call('experience.archive', { collective: given.collective, id })
    await given.call('experience.unarchive', { collective: given.collective, id })
    expect((await read(given, id)).archived).toBe(false)
  })

  it('experience.rs test_archive_nonexistent: absent', async ({ call, collective }) => {
    await expectAbsent(call('experience.archive', { collective, id: unknownId() }), 'experience')
    await expectAbsent(call('experience.unarchive', { collective, id: unknownId() }), 'experience')
  })

  it('experience.rs test_archive_idempotent: twice is fine, and changes nothing more', async (given) => {
    const id = await record(given)
    for (const version of [2, 2])
      expect(await given.call('experience.archive', { collective: given.collective, id })).toMatchObject({ version })
    expect(await read(given, id)).toMatchObject({ archived: true, version: 2 })
  })

  it('experience.rs test_reinforce_experience: 1, 2, 3; the time moves', async (given) => {
    const { call, collective, store } = given
    const id = await record(given)
    for (const applications of [1, 2, 3]) {
      store.advance(10)
      expect(await call('experience.reinforce', { collective, id })).toMatchObject({ applications })
      expect(await read(given, id)).toMatchObject({ applications, lastReinforced: store.nowMs() })
    }
    expect((await read(given, id)).createdAt).toBe(store.nowMs() - 30)
  })

  it('experience.rs test_reinforce_nonexistent: absent', async ({ call, collective }) => {
    await expectAbsent(call('experience.reinforce', { collective, id: unknownId() }), 'experience')
  })

  it('experience.rs test_reinforce_preserves_other_fields: all but counter, time and version', async (given) => {
    const id = await record(given, whole)
    const before = await read(given, id)
    given.store.advance(10)
    await given.call('experience.reinforce', { collective: given.collective, id })
    const lastReinforced = given.store.nowMs()
    expect(await read(given, id)).toEqual({ ...before, applications: 1, lastReinforced, version: 2 })
  })
}

const leaving = (it: Cases): void => {
  it('experience.rs test_delete_experience: get gives nothing', async (given) => {
    const { call, collective } = given
    const id = await record(given)
    await call('experience.delete', { collective, id })
    expect((await call('experience.get', { collective, id })).experience).toBeUndefined()
  })

  it('experience.rs test_delete_experience_nonexistent: absent', async ({ call, collective }) => {
    await expectAbsent(call('experience.delete', { collective, id: unknownId() }), 'experience')
  })

  it('experience.rs test_delete_experience_removes_from_stats: 1, then 0', async (given) => {
    const id = await record(given)
    expect(await countOf(given)).toBe(1)
    await given.call('experience.delete', { collective: given.collective, id })
    expect(await countOf(given)).toBe(0)
  })

  it('experience.rs test_delete_then_rerecord: a new id', async (given) => {
    const id = await record(given, whole)
    await given.call('experience.delete', { collective: given.collective, id })
    const again = await record(given, whole)
    expect(again).not.toBe(id)
    expect((await read(given, again)).content).toBe(whole.content)
  })

  it('experience.rs test_delete_collective_cascades_experiences: three records gone', async (given) => {
    const { call, collective } = given
    const ids = await recordMany(given, 3)
    await call('collective.delete', { collective })
    for (const id of ids) {
      const gone = await call('experience.get', { collective, id }).catch((error: unknown) => ({ error }))
      expect('experience' in gone ? gone.experience : undefined).toBeUndefined()
    }
    await expectAbsent(call('collective.stats', { collective }), 'collective')
  })

  it('experience.rs test_cascade_delete_does_not_affect_other_collectives: the other survives', async (given) => {
    const other = { ...given, collective: await createCollective(given) }
    await recordMany(given, 2)
    const kept = await recordMany(other, 2)
    await given.call('collective.delete', { collective: given.collective })
    expect(idsOf((await given.call('experience.list', { collective: other.collective })).items)).toEqual(kept)
  })

  it('experience.rs test_collective_stats_reflect_experience_count: 0, 1, 2', async (given) => {
    const counts = [await countOf(given)]
    for (let count = 0; count < 2; count += 1) {
      await record(given)
      counts.push(await countOf(given))
    }
    expect(counts).toEqual([0, 1, 2])
  })
}

const refusing = (it: Cases): void => {
  it('experience.rs test_record_experience_empty_content_rejected: refused', async (given) => {
    await refused(given, { content: '' }, 'REQUIRED_FIELD', 'content')
  })

  it('experience.rs test_record_experience_content_too_large_rejected: 102,401 bytes', async (given) => {
    const { details } = await refused(given, { content: textOf(102_401) }, 'CONTENT_TOO_LARGE', 'content')
    expect(details).toMatchObject({ size: 102_401, limit: 102_400 })
  })

  it('experience.rs test_record_experience_importance_out_of_range_rejected: 1.5', async (given) => {
    await refused(given, { importance: 1.5 }, 'INVALID_FIELD', 'importance')
  })

  it('experience.rs test_record_experience_confidence_out_of_range_rejected: -0.1', async (given) => {
    await refused(given, { confidence: -0.1 }, 'INVALID_FIELD', 'confidence')
  })

  it('experience.rs test_record_experience_wrong_embedding_dimension_rejected: 768 into 384', async (given) => {
    const { details } = await refused(given, { embedding: vectorOf(1, 768) }, 'DIMENSION_MISMATCH', 'embedding')
    expect(details).toMatchObject({ expected: 384, got: 768 })
  })

  it('experience.rs test_record_experience_missing_embedding_rejected_for_external: refused', async (given) => {
    await refused(given, { embedding: undefined }, 'REQUIRED_FIELD', 'embedding')
  })

  it('experience.rs test_record_experience_nonexistent_collective_rejected: absent', async ({ call }) => {
    await expectAbsent(call('experience.record', newExperience(unknownId() as never)), 'collective')
  })

  it('experience.rs test_record_experience_too_many_domain_tags_rejected: 51', async (given) => {
    const { details } = await refused(given, { domain: manyOf(51, () => 'tag') }, 'TOO_MANY_ITEMS', 'domain')
    expect(details).toMatchObject({ count: 51, limit: 50 })
  })

  it('experience.rs test_record_experience_domain_tag_too_long_rejected: 101 bytes', async (given) => {
    await refused(given, { domain: [textOf(101)] }, 'INVALID_FIELD', 'domain[0]')
  })

  it('experience.rs test_record_experience_success_pattern_quality_out_of_range_rejected: 1.5', async (given) => {
    await refused(given, { type: { ...typesByKind.successPattern, quality: 1.5 } }, 'INVALID_FIELD', 'type.quality')
  })

  it('experience.rs test_record_experience_user_preference_strength_out_of_range_rejected: -0.1', async (given) => {
    await refused(given, { type: { ...typesByKind.userPreference, strength: -0.1 } }, 'INVALID_FIELD', 'type.strength')
  })

  it('experience.rs test_record_experience_source_agent_too_long_rejected: 257 bytes', async (given) => {
    await refused(given, { sourceAgent: textOf(257) }, 'INVALID_FIELD', 'sourceAgent')
  })
}

const lasting = (it: Cases): void => {
  it('experience.rs test_experience_persists_across_reopen: all fields and the vector', async (given) => {
    const id = await record(given, whole)
    const before = await read(given, id)
    await given.store.reopen()
    expect(await read(given, id)).toEqual(before)
  })

  it('experience.rs test_updated_experience_persists_across_reopen: all four changes', async (given) => {
    const { call, collective, store } = given
    const id = await record(given)
    await update(given, id, { importance: 0.875, domain: ['updated'] })
    await call('experience.archive', { collective, id })
    for (let count = 0; count < 2; count += 1) await call('experience.reinforce', { collective, id })
    await store.reopen()
    const expected = { importance: 0.875, domain: ['updated'], archived: true, applications: 2 }
    expect(await read(given, id)).toMatchObject(expected)
  })
}
