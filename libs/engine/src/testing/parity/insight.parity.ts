/** PulseDB's `tests/insight.rs`, `src/insight/mod.rs` and `src/insight/types.rs`. */
import { insightTypes, type Insight } from '@waggle/protocol'
import { expect } from 'vitest'
import type { Cases, ParityCase } from './parity-store.ts'
import {
  axis,
  createCollective,
  expectAbsent,
  expectInvalid,
  manyOf,
  newInsight,
  record,
  recordMany,
  storeInsight,
  textOf,
  unknownId,
  vectorOf,
} from './samples.ts'

const insightOf = async ({ call, collective }: ParityCase, id: string): Promise<Insight | undefined> =>
  (await call('insight.get', { collective, id })).insight

const near = async ({ call, collective }: ParityCase, fields: object = {}) =>
  (await call('insight.search', { collective, embedding: vectorOf(1), k: 10, ...fields })).results

/** With one experience as its evidence, unless `fields` name others. */
const store = async (given: ParityCase, fields: object = {}) =>
  storeInsight(given, { sources: [await record(given)], ...fields })

const refused = async (given: ParityCase, fields: object, code: string, field: string) =>
  expectInvalid(store(given, fields), code, field)

export const insightParity = (it: Cases): void => {
  storing(it)
  refusing(it)
  fields(it)
}

const storing = (it: Cases): void => {
  it('insight.rs test_store_insight: all fields round-trip', async (given) => {
    const sources = await recordMany(given, 2)
    const fields = {
      ...{ content: 'locks come in pairs', sources, type: 'synthesis', confidence: 0.8, domain: ['sql'] },
      embedding: vectorOf(5),
    }
    const id = await storeInsight(given, fields)
    const nowMs = given.store.nowMs()
    expect(await insightOf(given, id)).toEqual({
      ...fields,
      id,
      collective: given.collective,
      confidence: Math.fround(0.8),
      createdAt: nowMs,
      updatedAt: nowMs,
      stale: false,
      lostSources: [],
    })
  })

  it('insight.rs test_get_insight_by_id: there for a known one, nothing for an unknown one', async (given) => {
    const id = await store(given)
    expect((await insightOf(given, id))?.id).toBe(id)
    expect(await insightOf(given, unknownId())).toBeUndefined()
  })

  it('insight.rs test_get_insights_similar: nearest first, similarity in (0, 1]', async (given) => {
    const sources = [await record(given)]
    const ids: string[] = []
    for (const seed of [1, 50, 300]) ids.push(await storeInsight(given, { sources, embedding: vectorOf(seed) }))
    const found = await near(given)
    expect(found).toHaveLength(3)
    expect(found[0]?.insight.id).toBe(ids[0])
    const similarities = found.map(({ similarity }) => similarity)
    expect(similarities).toEqual([...similarities].sort((left, right) => right - left))
    for (const similarity of similarities) {
      expect(similarity).toBeGreaterThan(0)
      expect(similarity).toBeLessThanOrEqual(1)
    }
  })

  it('insight.rs test_delete_insight: gone from get and from search', async (given) => {
    const { call, collective } = given
    const id = await store(given)
    await call('insight.delete', { collective, id })
    expect(await insightOf(given, id)).toBeUndefined()
    expect(await near(given)).toEqual([])
    await expectAbsent(call('insight.delete', { collective, id }), 'insight')
  })

  it('insight.rs test_insight_collective_cascade_delete: insight and sources gone', async (given) => {
    const { call, collective } = given
    await store(given)
    await call('collective.delete', { collective })
    await expectAbsent(near(given), 'collective')
    await expectAbsent(call('insight.list', { collective }), 'collective')
  })

  it('insight.rs test_all_insight_types: four round-trip', async (given) => {
    const sources = [await record(given)]
    const types: (string | undefined)[] = []
    for (const type of insightTypes)
      types.push((await insightOf(given, await storeInsight(given, { sources, type })))?.type)
    expect(types).toEqual(['pattern', 'synthesis', 'abstraction', 'correlation'])
  })
}

const refusing = (it: Cases): void => {
  it('insight.rs test_insight_source_validation: an unknown source is absent', async (given) => {
    const known = await record(given)
    const storing = storeInsight(given, { sources: [known, unknownId()] })
    const { details } = await expectAbsent(storing, 'experience')
    expect(details).toMatchObject({ field: 'sources[1]', id: unknownId() })
  })

  it('insight.rs test_insight_cross_collective_rejected: absent, for collectives are isolated', async (c) => {
    const other = { ...c, collective: await createCollective(c) }
    const sources = [await record(other)]
    const { details } = await expectAbsent(storeInsight(c, { sources }), 'experience')
    expect(details.field).toBe('sources[0]')
  })

  it('insight.rs test_insight_embedding_dimension_validation: 768 into 384', async (given) => {
    const { details } = await refused(given, { embedding: vectorOf(1, 768) }, 'DIMENSION_MISMATCH', 'embedding')
    expect(details).toMatchObject({ expected: 384, got: 768 })
  })

  it('insight.rs test_insight_confidence_validation: 1.5 and -0.1', async (given) => {
    for (const confidence of [1.5, -0.1]) await refused(given, { confidence }, 'INVALID_FIELD', 'confidence')
  })

  it('insight.rs test_insight_empty_content_rejected: refused', async (given) => {
    await refused(given, { content: '' }, 'REQUIRED_FIELD', 'content')
  })

  it('insight.rs test_insight_empty_sources_rejected: refused', async (given) => {
    await refused(given, { sources: [] }, 'REQUIRED_FIELD', 'sources')
  })

  it('insight.rs test_insight_too_many_sources_rejected: 101', async (given) => {
    await refused(given, { sources: manyOf(101, unknownId) }, 'TOO_MANY_ITEMS', 'sources')
  })
}

const fields = (it: Cases): void => {
  it('src/insight/mod.rs test_valid_insight_passes: with the least that it needs', async (given) => {
    const id = await store(given)
    expect(await insightOf(given, id)).toMatchObject({ confidence: 0.5, domain: [], type: 'pattern' })
  })

  it('src/insight/mod.rs test_empty_content_rejected: before anything is looked up', async ({ call }) => {
    const storing = call('insight.store', newInsight(unknownId() as never, { content: '', confidence: 7 }))
    await expectInvalid(storing, 'REQUIRED_FIELD', 'content')
  })

  it('src/insight/mod.rs test_content_too_large_rejected: 51,201 bytes', async (given) => {
    const { details } = await refused(given, { content: textOf(51_201) }, 'CONTENT_TOO_LARGE', 'content')
    expect(details).toMatchObject({ size: 51_201, limit: 51_200 })
    const id = await store(given, { content: textOf(51_200) })
    expect((await insightOf(given, id))?.content).toHaveLength(51_200)
  })

  it('src/insight/mod.rs test_confidence_below_zero_rejected: and no number', async (given) => {
    for (const confidence of [-0.01, NaN]) await refused(given, { confidence }, 'INVALID_FIELD', 'confidence')
  })

  it('src/insight/mod.rs test_confidence_above_one_rejected: refused', async (given) => {
    await refused(given, { confidence: 1.01 }, 'INVALID_FIELD', 'confidence')
  })

  it('src/insight/mod.rs test_confidence_boundary_values: exactly 0 and 1', async (given) => {
    for (const confidence of [0, 1])
      expect((await insightOf(given, await store(given, { confidence })))?.confidence).toBe(confidence)
  })

  it('src/insight/mod.rs test_empty_sources_rejected: also where they are left out', async ({ call, collective }) => {
    await expectInvalid(call('insight.store', newInsight(collective)), 'REQUIRED_FIELD', 'sources')
  })

  it('src/insight/mod.rs test_too_many_sources_rejected: before one of them is looked up', async (given) => {
    const { details } = await refused(given, { sources: manyOf(101, unknownId) }, 'TOO_MANY_ITEMS', 'sources')
    expect(details).toMatchObject({ count: 101, limit: 100 })
  })

  it('src/insight/mod.rs test_sources_at_limit_passes: 100', async (given) => {
    const sources = await recordMany(given, 100, () => ({ embedding: axis(0) }))
    const id = await storeInsight(given, { sources })
    expect((await insightOf(given, id))?.sources).toEqual(sources)
  })

  it('src/insight/types.rs test_insight_type_postcard_roundtrip: all four, when opened again', async (given) => {
    const sources = [await record(given)]
    for (const type of insightTypes) await storeInsight(given, { sources, type })
    await given.store.reopen()
    const { items } = await given.call('insight.list', { collective: given.collective })
    expect(items.map(({ type }) => type)).toEqual(insightTypes)
  })

  it('src/insight/types.rs test_derived_insight_postcard_roundtrip: the same when opened again', async (given) => {
    const id = await store(given, { confidence: 0.3, domain: ['a', 'a'], embedding: vectorOf(8) })
    const before = await insightOf(given, id)
    await given.store.reopen()
    expect(await insightOf(given, id)).toEqual(before)
    expect(before).toMatchObject({ domain: ['a', 'a'], embedding: vectorOf(8) })
  })

  it('src/insight/types.rs test_insight_type_copy_and_eq: one that is none of them is refused', async (given) => {
    await refused(given, { type: 'guess' }, 'INVALID_FIELD', 'type')
  })

  it('src/insight/types.rs test_insight_type_all_variants_distinct: four names', async (given) => {
    const sources = [await record(given)]
    for (const type of insightTypes) await storeInsight(given, { sources, type })
    const { items } = await given.call('insight.list', { collective: given.collective })
    expect(new Set(items.map(({ type }) => type)).size).toBe(4)
  })
}
