/** PulseDB's `tests/search_similar.rs`, `src/search/filter.rs`, `src/search/mod.rs`, and `tests/vector_index.rs`. */
import { expect } from 'vitest'
import type { Cases, ParityCase } from './parity-store.ts'
import {
  axis,
  between,
  createCollective,
  expectAbsent,
  expectDescending,
  expectInvalid,
  foundIds,
  record,
  recordMany,
  search,
  typesByKind,
  unknownId,
  vectorOf,
} from './samples.ts'

const archive = async ({ call, collective }: ParityCase, id: string): Promise<void> => {
  await call('experience.archive', { collective, id })
}

/** Ten records, of which those of even number have `fields`, and those five alone are found. */
const expectHalf = async (given: ParityCase, fields: object, others: object, filter: object): Promise<void> => {
  const ids = await recordMany(given, 10, (index) => (index % 2 === 0 ? fields : others))
  const found = foundIds(await search(given, { k: 10, filter }))
  expect([...found].sort()).toEqual(ids.filter((_, index) => index % 2 === 0).sort())
}

export const searchParity = (it: Cases): void => {
  similar(it)
  refusing(it)
  filters(it)
  vectorIndex(it)
}

const similar = (it: Cases): void => {
  it('search_similar.rs test_search_similar_returns_sorted: 5, best first, the best above 0.5', async (given) => {
    await recordMany(given, 10)
    const hits = await search(given, { k: 5 })
    expect(hits).toHaveLength(5)
    expectDescending(hits.map(({ similarity }) => similarity!))
    expect(hits[0]!.similarity).toBeGreaterThan(0.5)
  })

  it('search_similar.rs test_search_excludes_archived: exactly 8 of 10', async (given) => {
    const ids = await recordMany(given, 10)
    for (const id of ids.slice(0, 2)) await archive(given, id)
    const found = foundIds(await search(given, { k: 10 }))
    expect([...found].sort()).toEqual(ids.slice(2).sort())
  })

  it('search_similar.rs test_search_respects_domain_filter: exactly 5', async (given) => {
    await expectHalf(given, { domain: ['rust'] }, { domain: ['python'] }, { domains: ['rust'] })
  })

  it('search_similar.rs test_search_respects_importance_filter: exactly 5', async (given) => {
    await expectHalf(given, { importance: 0.9 }, { importance: 0.3 }, { minImportance: 0.7 })
  })

  it('search_similar.rs test_search_respects_confidence_filter: exactly 5', async (given) => {
    await expectHalf(given, { confidence: 0.9 }, { confidence: 0.3 }, { minConfidence: 0.7 })
  })

  it('search_similar.rs test_search_respects_type_filter: exactly 5', async (given) => {
    await expectHalf(given, { type: typesByKind.fact }, {}, { types: ['fact'] })
  })

  it('search_similar.rs test_search_respects_since_filter: exactly the 5 newer ones', async (given) => {
    await recordMany(given, 5)
    given.store.advance(50)
    const since = given.store.nowMs()
    const newer = await recordMany(given, 5)
    const found = foundIds(await search(given, { k: 10, filter: { since } }))
    expect([...found].sort()).toEqual([...newer].sort())
  })

  it('search_similar.rs test_search_collective_isolation: 3 and 2', async (given) => {
    const other = { ...given, collective: await createCollective(given) }
    const [ours, theirs] = [await recordMany(given, 3), await recordMany(other, 2)]
    expect([...foundIds(await search(given))].sort()).toEqual([...ours].sort())
    expect([...foundIds(await search(other))].sort()).toEqual([...theirs].sort())
  })

  it('search_similar.rs test_search_empty_index: empty', async (given) => {
    expect(await search(given)).toEqual([])
  })

  it('src/search/mod.rs test_search_result_clone_and_debug: a hit is the record and two numbers', async (given) => {
    const id = await record(given, { embedding: vectorOf(3) })
    const { experience } = await given.call('experience.get', { collective: given.collective, id })
    const { embedding: _, ...shown } = experience!
    const [hit] = await search(given, { embedding: vectorOf(3) })
    expect(hit).toEqual({ experience: shown, similarity: hit!.similarity, score: hit!.similarity })
  })

  it('src/search/mod.rs test_search_result_similarity_identity: the same direction is 1', async (given) => {
    await record(given, { embedding: axis(0) })
    const [hit] = await search(given, { embedding: axis(0).map((component) => component * 3) })
    expect(hit?.similarity).toBe(1)
  })

  it('src/search/mod.rs test_search_result_similarity_can_be_negative: the opposite one is -1', async (given) => {
    await record(given, { embedding: axis(0).map((component) => -component) })
    const [hit] = await search(given, { embedding: axis(0) })
    expect(hit?.similarity).toBe(-1)
  })
}

const refusing = (it: Cases): void => {
  it('search_similar.rs test_search_dimension_mismatch_error: the message says dimension', async (given) => {
    const searching = search(given, { embedding: vectorOf(1, 768) })
    const { message, details } = await expectInvalid(searching, 'DIMENSION_MISMATCH', 'embedding')
    expect(message).toContain('dimension')
    expect(details).toMatchObject({ expected: 384, got: 768 })
  })

  it('search_similar.rs test_search_invalid_k: 0 and 1,001 refused, 1,000 taken', async (given) => {
    const id = await record(given)
    for (const k of [0, 1_001]) {
      const { message } = await expectInvalid(search(given, { k }), 'INVALID_FIELD', 'k')
      expect(message).toContain('1..1000')
    }
    expect(foundIds(await search(given, { k: 1_000 }))).toEqual([id])
  })

  it('search_similar.rs test_search_collective_not_found: absent', async ({ call }) => {
    const searching = call('experience.search', { collective: unknownId(), embedding: vectorOf(1) })
    await expectAbsent(searching, 'collective')
  })
}

const filters = (it: Cases): void => {
  it('src/search/filter.rs test_default_filter_excludes_archived: unless it is told otherwise', async (given) => {
    const id = await record(given)
    await archive(given, id)
    expect(foundIds(await search(given))).toEqual([])
    expect(foundIds(await search(given, { filter: {} }))).toEqual([])
    expect(foundIds(await search(given, { filter: { includeArchived: true } }))).toEqual([id])
  })

  it('src/search/filter.rs test_default_filter_matches_all_non_archived: whatever they are', async (given) => {
    const fields = [{}, { importance: 0, confidence: 0 }, { domain: ['d'], type: typesByKind.fact }]
    const ids = await recordMany(given, 3, (index) => fields[index]!)
    expect([...foundIds(await search(given, { filter: {} }))].sort()).toEqual([...ids].sort())
  })

  it('src/search/filter.rs test_domain_filter: any overlap, whole tags; an empty one matches none', async (given) => {
    const id = await record(given, { domain: ['rust', 'async'] })
    const find = async (domains: readonly string[]) => foundIds(await search(given, { filter: { domains } }))
    expect(await find(['async', 'python'])).toEqual([id])
    for (const domains of [['python'], ['rus'], ['Rust'], []]) expect(await find(domains)).toEqual([])
  })

  it('src/search/filter.rs test_experience_type_filter: any of the kinds; none matches nothing', async (given) => {
    const id = await record(given, { type: typesByKind.solution })
    const find = async (types: readonly string[]) => foundIds(await search(given, { filter: { types } }))
    expect(await find(['fact', 'solution'])).toEqual([id])
    for (const types of [['fact'], []]) expect(await find(types)).toEqual([])
  })

  it('src/search/filter.rs test_importance_filter: the bound belongs to it, in single precision', async (given) => {
    const id = await record(given, { importance: 0.7 })
    const find = async (minImportance: number) => foundIds(await search(given, { filter: { minImportance } }))
    expect(await find(0.7)).toEqual([id])
    expect(await find(0.700001)).toEqual([])
  })

  it('src/search/filter.rs test_confidence_filter: the bound belongs to it, in single precision', async (given) => {
    const id = await record(given, { confidence: 0.7 })
    const find = async (minConfidence: number) => foundIds(await search(given, { filter: { minConfidence } }))
    expect(await find(0.7)).toEqual([id])
    expect(await find(0.700001)).toEqual([])
  })

  it('src/search/filter.rs test_since_filter: the moment itself belongs to it', async (given) => {
    const id = await record(given)
    const nowMs = given.store.nowMs()
    const find = async (since: number) => foundIds(await search(given, { filter: { since } }))
    expect(await find(nowMs)).toEqual([id])
    expect(await find(nowMs + 1)).toEqual([])
  })

  it('src/search/filter.rs test_combined_filters: every one of them must hold', async (given) => {
    const fields = { domain: ['rust'], importance: 0.75, confidence: 0.75, type: typesByKind.fact }
    const id = await record(given, fields)
    const filter = { domains: ['rust'], minImportance: 0.5, minConfidence: 0.5, types: ['fact'] }
    expect(foundIds(await search(given, { filter }))).toEqual([id])
    for (const other of [{ domains: ['x'] }, { minImportance: 0.8 }, { minConfidence: 0.8 }, { types: ['generic'] }])
      expect(foundIds(await search(given, { filter: { ...filter, ...other } }))).toEqual([])
  })
}

const vectorIndex = (it: Cases): void => {
  it('vector_index.rs test_hnsw_index_created_with_collective: it can be searched, and has nothing', async (given) => {
    expect(await search(given, { k: 1_000 })).toEqual([])
  })

  it('vector_index.rs test_hnsw_index_populated_on_record: 5 found', async (given) => {
    const ids: string[] = []
    for (let seed = 0; seed < 5; seed += 1) ids.push(await record(given, { embedding: vectorOf(seed) }))
    expect([...foundIds(await search(given, { k: 1_000 }))].sort()).toEqual(ids.sort())
  })

  it('vector_index.rs test_hnsw_soft_delete_on_experience_delete: 3, then 2 without it', async (given) => {
    const { call, collective } = given
    const ids = await recordMany(given, 3)
    expect(await search(given)).toHaveLength(3)
    await call('experience.delete', { collective, id: ids[1] })
    expect([...foundIds(await search(given))].sort()).toEqual([ids[0]!, ids[2]!].sort())
  })

  it('vector_index.rs test_hnsw_rebuild_on_reopen: 10 found, in the same order', async (given) => {
    await recordMany(given, 10)
    const before = await search(given, { k: 1_000 })
    await given.store.reopen()
    expect(await search(given, { k: 1_000 })).toEqual(before)
    expect(before).toHaveLength(10)
  })

  it('vector_index.rs test_hnsw_rebuild_when_files_missing: an index has no files; the one is found', async (given) => {
    const id = await record(given)
    await given.store.reopen()
    expect(foundIds(await search(given, { k: 1_000 }))).toEqual([id])
  })

  it('vector_index.rs test_hnsw_removed_on_collective_delete: nothing to search any more', async (given) => {
    await recordMany(given, 2)
    await given.call('collective.delete', { collective: given.collective })
    await expectAbsent(search(given), 'collective')
  })

  it('vector_index.rs test_hnsw_multi_collective_isolation: 5 and 3; deleting one leaves the other', async (given) => {
    const other = { ...given, collective: await createCollective(given) }
    await recordMany(given, 5)
    const kept = await recordMany(other, 3)
    expect(await search(given)).toHaveLength(5)
    expect(await search(other)).toHaveLength(3)
    await given.call('collective.delete', { collective: given.collective })
    expect([...foundIds(await search(other))].sort()).toEqual([...kept].sort())
  })

  it('vector_index.rs test_hnsw_search_returns_nearest_neighbors: 5 of 20, nearest first, itself', async (c) => {
    const ids = await recordMany(c, 20, (index) => ({ embedding: between(1 - index / 20) }))
    const hits = await search(c, { k: 5, embedding: between(1) })
    expect(foundIds(hits)).toEqual(ids.slice(0, 5))
    expect(1 - hits[0]!.similarity!).toBeLessThan(0.01)
  })

  it('src/vector/hnsw.rs test_new_index_is_empty: no hits', async (given) => {
    expect(await search(given, { k: 1 })).toEqual([])
  })

  it('src/vector/hnsw.rs test_insert_and_search: the nearest first', async (given) => {
    const ids = await recordMany(given, 3, (index) => ({ embedding: axis(index) }))
    const hits = await search(given, { k: 1, embedding: axis(2) })
    expect(foundIds(hits)).toEqual([ids[2]])
  })

  it('src/vector/hnsw.rs test_insert_idempotent: an update leaves it there once', async (given) => {
    const { call, collective } = given
    const id = await record(given)
    await call('experience.update', { collective, id, patch: { importance: 1 } })
    await call('experience.reinforce', { collective, id })
    expect(foundIds(await search(given))).toEqual([id])
  })

  it('src/vector/hnsw.rs test_dimension_mismatch_rejected: a vector of 3 into 384', async (given) => {
    await expectInvalid(record(given, { embedding: [1, 2, 3] }), 'DIMENSION_MISMATCH', 'embedding')
    expect(await search(given)).toEqual([])
  })

  it('src/vector/hnsw.rs test_delete_excludes_from_search: at once', async (given) => {
    const id = await record(given)
    await given.call('experience.delete', { collective: given.collective, id })
    expect(await search(given)).toEqual([])
  })

  it('src/vector/hnsw.rs test_search_k_larger_than_index: all there are', async (given) => {
    await recordMany(given, 3)
    expect(await search(given, { k: 100 })).toHaveLength(3)
  })

  it('src/vector/hnsw.rs test_search_empty_index: after the last one went', async (given) => {
    const id = await record(given)
    expect(await search(given)).toHaveLength(1)
    await given.call('experience.delete', { collective: given.collective, id })
    expect(await search(given)).toEqual([])
  })

  it('src/vector/hnsw.rs test_rebuild_from_embeddings: the stored vectors alone make it', async (given) => {
    const ids = await recordMany(given, 3, (index) => ({ embedding: axis(index) }))
    await given.store.reopen()
    for (const [index, id] of ids.entries())
      expect(foundIds(await search(given, { k: 1, embedding: axis(index) }))).toEqual([id])
  })

  it('src/vector/hnsw.rs test_rebuild_empty: from nothing', async (given) => {
    await given.store.reopen()
    expect(await search(given)).toEqual([])
  })

  it('src/vector/hnsw.rs test_brute_force_search_returns_all_items: 50 of 50', async (given) => {
    const ids = await recordMany(given, 50)
    expect([...foundIds(await search(given, { k: 50 }))].sort()).toEqual([...ids].sort())
  })

  it('src/vector/hnsw.rs test_brute_force_excludes_deleted: 49 of 50', async (given) => {
    const ids = await recordMany(given, 50)
    await given.call('experience.delete', { collective: given.collective, id: ids[25] })
    const found = foundIds(await search(given, { k: 50 }))
    expect([...found].sort()).toEqual(ids.filter((id) => id !== ids[25]).sort())
  })

  it('src/vector/hnsw.rs test_cosine_distance_identical_vectors: similarity 1', async (given) => {
    await record(given, { embedding: vectorOf(77) })
    const [hit] = await search(given, { embedding: vectorOf(77) })
    expect(hit?.similarity).toBeCloseTo(1, 6)
  })
}
