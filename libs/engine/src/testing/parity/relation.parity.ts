/** PulseDB's `tests/relation.rs`, `src/relation/mod.rs` and `src/relation/types.rs`. */
import { relationTypes, type ExperienceId, type Related } from '@waggle/protocol'
import { expect } from 'vitest'
import type { Cases, ParityCase } from './parity-store.ts'
import {
  createCollective,
  expectAbsent,
  expectInvalid,
  expectRefusal,
  record,
  recordMany,
  relate,
  textOf,
  unknownId,
} from './samples.ts'

const pair = async (given: ParityCase): Promise<readonly [ExperienceId, ExperienceId]> => {
  const [source, target] = await recordMany(given, 2)
  return [source!, target!]
}

const related = async (
  { call, collective }: ParityCase,
  id: string,
  fields: object = {},
): Promise<readonly Related[]> => (await call('relation.related', { collective, id, ...fields })).items

const endsOf = async (given: ParityCase, id: string, fields: object = {}): Promise<readonly string[]> =>
  (await related(given, id, fields)).map(({ experience }) => experience.id)

const relationOf = async ({ call, collective }: ParityCase, id: string) =>
  (await call('relation.get', { collective, id })).relation

export const relationParity = (it: Cases): void => {
  storing(it)
  traversing(it)
  leaving(it)
  refusing(it)
  fields(it)
}

const storing = (it: Cases): void => {
  it('relation.rs test_store_and_get_relation: all fields round-trip', async (given) => {
    const [source, target] = await pair(given)
    const fields = { source, target, type: 'supports', strength: 0.8, metadata: '{"why":"both fail"}' }
    const id = await relate(given, fields)
    expect(await relationOf(given, id)).toEqual({
      ...fields,
      id,
      collective: given.collective,
      strength: Math.fround(0.8),
      createdAt: given.store.nowMs(),
    })
  })

  it('relation.rs test_get_relation_nonexistent: nothing, and no fault', async (given) => {
    expect(await relationOf(given, unknownId())).toBeUndefined()
  })

  it('relation.rs test_relation_different_type_allowed: two types on one pair', async (given) => {
    const [source, target] = await pair(given)
    await relate(given, { source, target, type: 'supports' })
    await relate(given, { source, target, type: 'elaborates' })
    const found = await related(given, source, { direction: 'outgoing' })
    expect(found.map(({ relation }) => relation.type)).toEqual(['supports', 'elaborates'])
  })
}

const traversing = (it: Cases): void => {
  it('relation.rs test_get_related_outgoing: target from the source, nothing from the target', async (given) => {
    const [source, target] = await pair(given)
    const id = await relate(given, { source, target })
    const found = await related(given, source, { direction: 'outgoing' })
    expect(found.map(({ experience, relation }) => [experience.id, relation.id])).toEqual([[target, id]])
    expect(await endsOf(given, target, { direction: 'outgoing' })).toEqual([])
  })

  it('relation.rs test_get_related_incoming: the mirror image', async (given) => {
    const [source, target] = await pair(given)
    await relate(given, { source, target })
    expect(await endsOf(given, target, { direction: 'incoming' })).toEqual([source])
    expect(await endsOf(given, source, { direction: 'incoming' })).toEqual([])
  })

  it('relation.rs test_get_related_both: one outgoing, then one incoming', async (given) => {
    const [a, b, c] = await recordMany(given, 3)
    await relate(given, { source: c, target: b })
    await relate(given, { source: b, target: a })
    expect(await endsOf(given, b!, { direction: 'both' })).toEqual([a, c])
    expect(await endsOf(given, b!)).toEqual([a, c])
  })

  it('relation.rs test_relation_type_filter: supports, contradicts, none, all', async (given) => {
    const [a, b, c] = await recordMany(given, 3)
    await relate(given, { source: a, target: b, type: 'supports' })
    await relate(given, { source: a, target: c, type: 'contradicts' })
    const find = (fields: object) => endsOf(given, a!, { direction: 'outgoing', ...fields })
    expect(await find({ type: 'supports' })).toEqual([b])
    expect(await find({ type: 'contradicts' })).toEqual([c])
    expect(await find({ type: 'implies' })).toEqual([])
    expect(await find({})).toEqual([b, c])
  })

  it('src/relation/types.rs test_relation_direction_variants: three, and no other', async (given) => {
    const [source, target] = await pair(given)
    await relate(given, { source, target })
    const counts: number[] = []
    for (const direction of ['outgoing', 'incoming', 'both'])
      counts.push((await related(given, source, { direction })).length)
    expect(counts).toEqual([1, 0, 1])
    await expectInvalid(related(given, source, { direction: 'sideways' }), 'INVALID_FIELD', 'direction')
  })
}

const leaving = (it: Cases): void => {
  it('relation.rs test_delete_relation: gone from get and traversal', async (given) => {
    const [source, target] = await pair(given)
    const id = await relate(given, { source, target })
    await given.call('relation.delete', { collective: given.collective, id })
    expect(await relationOf(given, id)).toBeUndefined()
    for (const end of [source, target]) expect(await endsOf(given, end)).toEqual([])
    await expectAbsent(given.call('relation.delete', { collective: given.collective, id }), 'relation')
  })

  it('relation.rs test_relation_cascade_delete_experience: gone with an end; the other end stays', async (given) => {
    const [a, b, c] = await recordMany(given, 3)
    const gone = [await relate(given, { source: a, target: b }), await relate(given, { source: b, target: c })]
    const kept = await relate(given, { source: a, target: c })
    await given.call('experience.delete', { collective: given.collective, id: b })
    for (const id of gone) expect(await relationOf(given, id)).toBeUndefined()
    expect((await relationOf(given, kept))?.id).toBe(kept)
    expect(await endsOf(given, a!)).toEqual([c])
    expect(await endsOf(given, c!)).toEqual([a])
  })

  it('relation.rs test_collective_cascade_deletes_relations: all gone', async (given) => {
    const [source, target] = await pair(given)
    await relate(given, { source, target })
    await given.call('collective.delete', { collective: given.collective })
    await expectAbsent(given.call('relation.list', { collective: given.collective }), 'collective')
  })
}

const refusing = (it: Cases): void => {
  it('relation.rs test_self_relation_rejected: refused', async (given) => {
    const id = await record(given)
    await expectInvalid(relate(given, { source: id, target: id }), 'INVALID_FIELD', 'target')
  })

  it('relation.rs test_cross_collective_rejected: absent, for collectives are isolated', async (given) => {
    const other = { ...given, collective: await createCollective(given) }
    const [source, target] = [await record(given), await record(other)]
    const { details } = await expectAbsent(relate(given, { source, target }), 'experience')
    expect(details).toMatchObject({ field: 'target', id: target })
    expect(await endsOf(given, source)).toEqual([])
  })

  it('relation.rs test_duplicate_relation_rejected: whatever its strength', async (given) => {
    const [source, target] = await pair(given)
    const id = await relate(given, { source, target, strength: 0.5 })
    const { kind, details } = await expectRefusal(
      relate(given, { source, target, strength: 1 }),
      'ALREADY_EXISTS',
      'type',
    )
    expect([kind, details.id]).toEqual(['conflict', id])
    // The other way round is another relation.
    await relate(given, { source: target, target: source })
  })

  it('relation.rs test_relation_nonexistent_source: absent', async (given) => {
    const target = await record(given)
    const { details } = await expectAbsent(relate(given, { source: unknownId(), target }), 'experience')
    expect(details.field).toBe('source')
  })

  it('relation.rs test_relation_nonexistent_target: absent', async (given) => {
    const source = await record(given)
    const { details } = await expectAbsent(relate(given, { source, target: unknownId() }), 'experience')
    expect(details.field).toBe('target')
  })
}

const fields = (it: Cases): void => {
  it('src/relation/mod.rs test_valid_relation_passes: with and without what may be left out', async (given) => {
    const [source, target] = await pair(given)
    const id = await relate(given, { source, target, type: 'implies' })
    const relation = await relationOf(given, id)
    expect(relation).toMatchObject({ source, target, type: 'implies', strength: 1 })
    expect(relation).not.toHaveProperty('metadata')
  })

  it('src/relation/mod.rs test_self_relation_rejected: before anything is looked up', async (given) => {
    const relating = relate(given, { source: unknownId(), target: unknownId(), strength: 7 })
    await expectInvalid(relating, 'INVALID_FIELD', 'target')
  })

  it('src/relation/mod.rs test_strength_below_zero_rejected: -0.1', async (given) => {
    const [source, target] = await pair(given)
    await expectInvalid(relate(given, { source, target, strength: -0.1 }), 'INVALID_FIELD', 'strength')
  })

  it('src/relation/mod.rs test_strength_above_one_rejected: 1.1, and no number', async (given) => {
    const [source, target] = await pair(given)
    for (const strength of [1.1, NaN])
      await expectInvalid(relate(given, { source, target, strength }), 'INVALID_FIELD', 'strength')
  })

  it('src/relation/mod.rs test_strength_boundary_values: exactly 0 and 1', async (given) => {
    const [source, target] = await pair(given)
    const ids = [
      await relate(given, { source, target, strength: 0 }),
      await relate(given, { source: target, target: source }),
    ]
    const strengths: (number | undefined)[] = []
    for (const id of ids) strengths.push((await relationOf(given, id))?.strength)
    expect(strengths).toEqual([0, 1])
  })

  it('src/relation/mod.rs test_metadata_too_large_rejected: 10,241 bytes', async (given) => {
    const [source, target] = await pair(given)
    const relating = relate(given, { source, target, metadata: textOf(10_241) })
    const { details } = await expectInvalid(relating, 'CONTENT_TOO_LARGE', 'metadata')
    expect(details).toMatchObject({ size: 10_241, limit: 10_240 })
  })

  it('src/relation/mod.rs test_metadata_at_limit_passes: 10,240 bytes', async (given) => {
    const [source, target] = await pair(given)
    const id = await relate(given, { source, target, metadata: 'é'.repeat(5_120) })
    expect((await relationOf(given, id))?.metadata).toBe('é'.repeat(5_120))
  })

  it('src/relation/types.rs test_relation_type_postcard_roundtrip: all six, when opened again', async (given) => {
    const [source, target] = await pair(given)
    for (const type of relationTypes) await relate(given, { source, target, type })
    await given.store.reopen()
    const found = await related(given, source, { direction: 'outgoing' })
    expect(found.map(({ relation }) => relation.type)).toEqual(relationTypes)
    expect(relationTypes).toHaveLength(6)
  })

  it('src/relation/types.rs test_experience_relation_postcard_roundtrip: the same when opened again', async (given) => {
    const [source, target] = await pair(given)
    const id = await relate(given, { source, target, strength: 0.3, metadata: 'kept' })
    const before = await relationOf(given, id)
    await given.store.reopen()
    expect(await relationOf(given, id)).toEqual(before)
    expect(before).toMatchObject({ strength: Math.fround(0.3), metadata: 'kept' })
  })

  it('src/relation/types.rs test_relation_type_copy_and_eq: the six are told apart', async (given) => {
    const [source, target] = await pair(given)
    for (const type of relationTypes) await relate(given, { source, target, type })
    for (const type of relationTypes) {
      const found = await related(given, source, { type })
      expect(found.map(({ relation }) => relation.type)).toEqual([type])
    }
  })
}
