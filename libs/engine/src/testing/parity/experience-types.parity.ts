/** PulseDB's `src/experience/types.rs`, `src/types.rs`, `src/storage/schema.rs` and `src/embedding/mod.rs`. */
import { isUuid } from '@waggle/kernel'
import { experienceKinds, severities, type ExperienceType } from '@waggle/protocol'
import { expect } from 'vitest'
import type { Cases, ParityCase } from './parity-store.ts'
import {
  active,
  createCollective,
  expectInvalid,
  foundIds,
  idsOf,
  read,
  recent,
  record,
  recordMany,
  register,
  relate,
  search,
  storeInsight,
  typesByKind,
  vectorOf,
} from './samples.ts'

export const experienceTypesParity = (it: Cases): void => {
  experienceTypes(it)
  identifiers(it)
  schema(it)
  embeddings(it)
}

const typesOf = async (given: ParityCase, ids: readonly string[]): Promise<readonly ExperienceType[]> => {
  const { items } = await given.call('experience.getMany', { collective: given.collective, ids })
  return items.map((item) => item!.type)
}

const experienceTypes = (it: Cases): void => {
  it('src/experience/types.rs test_severity_postcard_roundtrip: all four, when opened again', async (given) => {
    const types = severities.map((severity) => ({ ...typesByKind.difficulty, severity }))
    const ids = await recordMany(given, types.length, (index) => ({ type: types[index] }))
    await given.store.reopen()
    expect(await typesOf(given, ids)).toEqual(types)
    expect(severities).toEqual(['low', 'medium', 'high', 'critical'])
  })

  it('src/experience/types.rs test_experience_type_default: generic, without a category', async (given) => {
    expect((await read(given, await record(given))).type).toEqual({ kind: 'generic' })
  })

  it('src/experience/types.rs test_experience_type_tag_mapping: nine kinds in PulseDB’s numbering', async (given) => {
    expect(experienceKinds).toEqual([
      ...['difficulty', 'solution', 'errorPattern', 'successPattern', 'userPreference'],
      ...['architecturalDecision', 'techInsight', 'fact', 'generic'],
    ])
    await expectInvalid(record(given, { type: { kind: 'opinion' } }), 'INVALID_FIELD', 'type.kind')
  })

  it('src/experience/types.rs test_experience_type_postcard_roundtrip_all_variants: all nine', async (given) => {
    const types = experienceKinds.map((kind) => typesByKind[kind])
    const ids = await recordMany(given, types.length, (index) => ({ type: types[index] }))
    await given.store.reopen()
    expect(await typesOf(given, ids)).toEqual(types)
  })

  it('src/experience/types.rs test_experience_postcard_roundtrip: the same when opened again', async (given) => {
    const id = await record(given, { domain: ['a', 'a', ''], relatedFiles: ['x'], sourceTask: '', importance: 0.1 })
    const before = await read(given, id)
    await given.store.reopen()
    expect(await read(given, id)).toEqual(before)
    expect(before).toMatchObject({ domain: ['a', 'a', ''], sourceTask: '', importance: Math.fround(0.1) })
  })

  it('src/experience/types.rs test_experience_embedding_skipped_in_serialization: unless asked for', async (given) => {
    const id = await record(given)
    const [shown] = await recent(given)
    expect(shown).not.toHaveProperty('embedding')
    const [whole] = await recent(given, { include: ['embedding'] })
    expect(whole?.embedding).toEqual(vectorOf(1))
    expect((await read(given, id)).embedding).toEqual(vectorOf(1))
  })

  it('src/experience/types.rs test_new_experience_default: 0.5, 0.5, anonymous, empty lists', async (given) => {
    expect(await read(given, await record(given))).toMatchObject({
      ...{ importance: 0.5, confidence: 0.5, sourceAgent: 'anonymous', domain: [], relatedFiles: [] },
    })
  })

  it('src/experience/types.rs test_experience_update_default: changes nothing, and is no change', async (given) => {
    const { call, collective } = given
    const id = await record(given)
    const { next } = await call('watch.next', { collective })
    await call('experience.update', { collective, id, patch: {} })
    expect((await read(given, id)).version).toBe(1)
    expect((await call('watch.next', { collective, from: next })).changes).toEqual([])
  })
}

const identifiers = (it: Cases): void => {
  it('src/types.rs test_collective_id_new_is_unique: of two of one name', async (given) => {
    const ids = [await createCollective(given), await createCollective(given)]
    expect(new Set([given.collective, ...ids]).size).toBe(3)
    for (const id of ids) expect(isUuid(id)).toBe(true)
  })

  it('src/types.rs test_experience_id_new_is_unique: of two that say the same', async (given) => {
    const ids = [await record(given), await record(given)]
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(isUuid(id)).toBe(true)
  })

  it('src/types.rs test_relation_id_new_is_unique: of two relations', async (given) => {
    const [a, b] = await recordMany(given, 2)
    const ids = [await relate(given, { source: a, target: b }), await relate(given, { source: b, target: a })]
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(isUuid(id)).toBe(true)
  })

  it('src/types.rs test_insight_id_new_is_unique: of two that say the same', async (given) => {
    const sources = [await record(given)]
    const ids = [await storeInsight(given, { sources }), await storeInsight(given, { sources })]
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(isUuid(id)).toBe(true)
  })

  it('src/types.rs test_timestamp_now: whole milliseconds of the store’s clock', async (given) => {
    const { createdAt } = await read(given, await record(given))
    expect(createdAt).toBe(given.store.nowMs())
    expect(Number.isInteger(createdAt)).toBe(true)
  })

  it('src/types.rs test_timestamp_ordering: later is greater', async (given) => {
    const first = await read(given, await record(given))
    given.store.advance(1)
    const second = await read(given, await record(given))
    expect(second.createdAt).toBe(first.createdAt + 1)
  })

  it('src/types.rs test_user_id: any text owns a collective', async (given) => {
    const collective = await createCollective(given, { owner: 'Zoë / 7' })
    expect((await given.call('collective.get', { collective })).collective?.owner).toBe('Zoë / 7')
  })

  it('src/types.rs test_agent_id: any text names an agent', async (given) => {
    expect((await read(given, await record(given, { sourceAgent: 'Zoë / 7' }))).sourceAgent).toBe('Zoë / 7')
  })

  it('src/types.rs test_task_id: any text names a task, the empty one too', async (given) => {
    for (const sourceTask of ['', 'Zoë / 7'])
      expect((await read(given, await record(given, { sourceTask }))).sourceTask).toBe(sourceTask)
  })
}

const schema = (it: Cases): void => {
  const listed = async ({ call, collective }: ParityCase): Promise<readonly string[]> =>
    idsOf((await call('experience.list', { collective })).items)

  it('src/storage/schema.rs test_schema_version: one number, which opening again does not change', async (given) => {
    const versions: number[] = []
    for (let round = 0; round < 2; round += 1) {
      versions.push((await given.store.storage(given.tenant)).metadata().schemaVersion)
      await given.store.reopen()
    }
    expect(versions[0]).toBe(versions[1])
    expect(Number.isInteger(versions[0])).toBe(true)
  })

  it.empty('src/storage/schema.rs test_database_metadata_new: created when it is first opened', async (given) => {
    const metadata = (await given.store.storage(given.tenant)).metadata()
    expect(metadata.createdAt).toBeLessThanOrEqual(given.store.nowMs())
    expect(metadata.lastOpenedAt).toBeGreaterThanOrEqual(metadata.createdAt)
  })

  it.empty(
    'src/storage/schema.rs test_database_metadata_touch: opening moves one time, not the other',
    async (given) => {
      const before = (await given.store.storage(given.tenant)).metadata()
      given.store.advance(5)
      await given.store.reopen()
      const after = (await given.store.storage(given.tenant)).metadata()
      expect([after.createdAt, after.lastOpenedAt]).toEqual([before.createdAt, before.lastOpenedAt + 5])
    },
  )

  it.empty('src/storage/schema.rs test_database_metadata_serialization: kept over openings', async (given) => {
    const before = (await given.store.storage(given.tenant)).metadata()
    await given.store.reopen()
    const { schemaVersion, embeddingDimension, createdAt } = (await given.store.storage(given.tenant)).metadata()
    expect({ schemaVersion, embeddingDimension, createdAt }).toEqual({
      schemaVersion: before.schemaVersion,
      embeddingDimension: before.embeddingDimension,
      createdAt: before.createdAt,
    })
  })

  it('src/storage/schema.rs test_encode_collective_timestamp_key: time orders a collective', async (given) => {
    const ids: string[] = []
    for (const delay of [0, 1, 255, 256, 65_536, 2 ** 32]) {
      given.store.advance(delay)
      ids.push(await record(given))
    }
    expect(await listed(given)).toEqual(ids)
  })

  it('src/storage/schema.rs test_key_ordering: of one millisecond in the order of their writes', async (given) => {
    const ids = [...(await recordMany(given, 3)), await record(given), ...(await recordMany(given, 3))]
    expect(await listed(given)).toEqual(ids)
    expect(idsOf(await recent(given))).toEqual(ids.toReversed())
  })

  it('src/storage/schema.rs test_collective_range: exactly its own, between others', async (given) => {
    const before = { ...given, collective: await createCollective(given) }
    const after = { ...given, collective: await createCollective(given) }
    for (const one of [before, given, after, given, before]) await record(one)
    expect((await listed(given)).length + (await listed(before)).length * 10).toBe(22)
    expect(await listed(after)).toHaveLength(1)
  })

  it('src/storage/schema.rs test_experience_type_tag_from_u8_roundtrip: a filter finds each kind', async (given) => {
    const ids = await recordMany(given, 9, (index) => ({ type: typesByKind[experienceKinds[index]!] }))
    for (const [index, kind] of experienceKinds.entries())
      expect(foundIds(await search(given, { filter: { types: [kind] } }))).toEqual([ids[index]])
  })

  it('src/storage/schema.rs test_experience_type_tag_from_u8_invalid: a tenth is refused', async (given) => {
    await expectInvalid(search(given, { filter: { types: ['opinion'] } }), 'INVALID_FIELD', 'filter.types[0]')
  })

  it('src/storage/schema.rs test_experience_type_tag_all_variants: nine', async (given) => {
    const ids = await recordMany(given, 9, (index) => ({ type: typesByKind[experienceKinds[index]!] }))
    expect(new Set((await typesOf(given, ids)).map(({ kind }) => kind)).size).toBe(9)
  })

  it('src/storage/schema.rs test_experience_type_tag_postcard_roundtrip: filters hold, opened again', async (given) => {
    const [, fact] = await recordMany(given, 2, (index) => ({ type: [typesByKind.solution, typesByKind.fact][index] }))
    await given.store.reopen()
    expect(foundIds(await search(given, { filter: { types: ['fact'] } }))).toEqual([fact])
  })

  it('src/storage/schema.rs test_activity_key_encode_decode_roundtrip: any name comes back', async (given) => {
    const names = ['a', 'Zoë / 7', 'x'.repeat(255), '\u0000', 'a b']
    for (const name of names) await register(given, name)
    expect((await active(given)).map(({ agent }) => agent).sort()).toEqual([...names].sort())
  })

  it('src/storage/schema.rs test_activity_key_different_agents_produce_different_keys: prefixes too', async (given) => {
    for (const agent of ['agent', 'agent-', 'agent-1', 'agent-10']) await register(given, agent, { task: agent })
    const found = await active(given)
    expect(found.map(({ agent, task }) => agent === task)).toEqual([true, true, true, true])
  })

  it('src/storage/schema.rs test_activity_key_different_collectives_produce_different_keys: of one', async (given) => {
    const other = { ...given, collective: await createCollective(given) }
    await register(given, 'agent-1', { task: 'here' })
    await register(other, 'agent-1', { task: 'there' })
    expect((await active(given)).map(({ task }) => task)).toEqual(['here'])
    expect((await active(other)).map(({ task }) => task)).toEqual(['there'])
  })
}

const embeddings = (it: Cases): void => {
  it('src/embedding/mod.rs test_external_embedding_dimension: the collective’s', async (given) => {
    const other = { ...given, collective: await createCollective(given, { dimension: 8 }) }
    expect((await read(other, await record(other, { embedding: vectorOf(1, 8) }))).embedding).toHaveLength(8)
  })

  it('src/embedding/mod.rs test_external_embedding_embed_returns_error: nothing makes one', async (given) => {
    await expectInvalid(record(given, { embedding: undefined }), 'REQUIRED_FIELD', 'embedding')
  })

  it('src/embedding/mod.rs test_external_embedding_embed_batch_returns_error: nor several', async (given) => {
    const recording = recordMany(given, 2, (index) => (index === 1 ? { embedding: undefined } : {}))
    await expectInvalid(recording, 'REQUIRED_FIELD', 'experiences[1].embedding')
    expect(await recent(given)).toEqual([])
  })

  it('src/embedding/mod.rs test_validate_embedding_correct_dimension: 384', async (given) => {
    expect((await read(given, await record(given, { embedding: vectorOf(5) }))).embedding).toEqual(vectorOf(5))
  })

  it('src/embedding/mod.rs test_validate_embedding_wrong_dimension: one less, one more', async (given) => {
    for (const dimension of [383, 385])
      await expectInvalid(record(given, { embedding: vectorOf(5, dimension) }), 'DIMENSION_MISMATCH', 'embedding')
  })

  it('src/embedding/mod.rs test_create_embedding_service_external: where no embedder is named', async (given) => {
    const { collective } = await given.call('collective.get', { collective: given.collective })
    expect(collective).not.toHaveProperty('embedder')
  })

  it('src/embedding/mod.rs external_embedding_identity_is_stable_and_nonempty: the name is kept', async (given) => {
    const collective = await createCollective(given, { embedder: 'hashing-1' })
    await given.store.reopen()
    expect((await given.call('collective.get', { collective })).collective?.embedder).toBe('hashing-1')
    await expectInvalid(createCollective(given, { embedder: '' }), 'REQUIRED_FIELD', 'embedder')
  })
}
