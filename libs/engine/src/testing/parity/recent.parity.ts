/** PulseDB's `tests/recent_experiences.rs`. */
import { expect } from 'vitest'
import type { Cases, ParityCase } from './parity-store.ts'
import {
  createCollective,
  expectAbsent,
  expectInvalid,
  idsOf,
  recent,
  record,
  recordMany,
  typesByKind,
  unknownId,
} from './samples.ts'

const archive = async ({ call, collective }: ParityCase, ids: readonly string[]): Promise<void> => {
  for (const id of ids) await call('experience.archive', { collective, id })
}

export const recentParity = (it: Cases): void => {
  it('recent_experiences.rs test_get_recent_ordered_by_time: the exact reverse of their insertion', async (given) => {
    const ids: string[] = []
    for (let index = 0; index < 5; index += 1) {
      ids.push(await record(given))
      // Two of them within one millisecond.
      if (index !== 2) given.store.advance(5)
    }
    expect(idsOf(await recent(given))).toEqual(ids.toReversed())
  })

  it('recent_experiences.rs test_recent_respects_limit: 3 of 10; 100 gives 10', async (given) => {
    const ids = await recordMany(given, 10)
    expect(idsOf(await recent(given, { limit: 3 }))).toEqual(ids.slice(-3).toReversed())
    expect(await recent(given, { limit: 100 })).toHaveLength(10)
  })

  it('recent_experiences.rs test_recent_invalid_limit_zero: refused', async (given) => {
    await expectInvalid(recent(given, { limit: 0 }), 'INVALID_FIELD', 'limit')
  })

  it('recent_experiences.rs test_recent_invalid_limit_too_large: 1,001', async (given) => {
    const { details } = await expectInvalid(recent(given, { limit: 1_001 }), 'INVALID_FIELD', 'limit')
    expect(details).toMatchObject({ min: 1, max: 1_000 })
  })

  it('recent_experiences.rs test_recent_limit_boundary_1000: taken', async (given) => {
    const id = await record(given)
    expect(idsOf(await recent(given, { limit: 1_000 }))).toEqual([id])
  })

  it('recent_experiences.rs test_recent_excludes_archived: 3 of 5', async (given) => {
    const ids = await recordMany(given, 5)
    await archive(given, [ids[1]!, ids[3]!])
    expect(idsOf(await recent(given))).toEqual([ids[4], ids[2], ids[0]])
  })

  it('recent_experiences.rs test_recent_includes_archived_when_filter_allows: 3 of 3', async (given) => {
    const ids = await recordMany(given, 3)
    await archive(given, [ids[1]!])
    expect(idsOf(await recent(given, { filter: { includeArchived: true } }))).toEqual(ids.toReversed())
  })

  it('recent_experiences.rs test_recent_with_domain_filter: 2 of 3', async (given) => {
    const domains = [['sql'], ['css'], ['css', 'sql']]
    const ids = await recordMany(given, 3, (index) => ({ domain: domains[index] }))
    expect(idsOf(await recent(given, { filter: { domains: ['sql'] } }))).toEqual([ids[2], ids[0]])
  })

  it('recent_experiences.rs test_recent_with_type_filter: by kind, whatever its fields say', async (given) => {
    const types = [typesByKind.fact, typesByKind.difficulty, { ...typesByKind.fact, source: 'another book' }]
    const ids = await recordMany(given, 3, (index) => ({ type: types[index] }))
    expect(idsOf(await recent(given, { filter: { types: ['fact'] } }))).toEqual([ids[2], ids[0]])
  })

  it('recent_experiences.rs test_recent_empty_collective: empty', async (given) => {
    expect(await recent(given)).toEqual([])
  })

  it('recent_experiences.rs test_recent_collective_not_found: absent', async ({ call }) => {
    await expectAbsent(call('experience.recent', { collective: unknownId() }), 'collective')
  })

  it('recent_experiences.rs test_recent_with_importance_filter: only the high one', async (given) => {
    const [, high] = await recordMany(given, 3, (index) => ({ importance: [0.2, 0.9, 0.5][index] }))
    expect(idsOf(await recent(given, { filter: { minImportance: 0.8 } }))).toEqual([high])
  })

  it('recent_experiences.rs test_recent_collective_isolation: separate lists', async (given) => {
    const other = { ...given, collective: await createCollective(given) }
    const [ours, theirs] = [await recordMany(given, 2), await recordMany(other, 3)]
    expect(idsOf(await recent(given))).toEqual(ours.toReversed())
    expect(idsOf(await recent(other))).toEqual(theirs.toReversed())
  })
}
