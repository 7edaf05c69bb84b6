/** PulseDB's `tests/collective.rs`, `src/collective/mod.rs` and `src/collective/types.rs`. */
import { isUuid } from '@waggle/kernel'
import { expect } from 'vitest'
import type { Cases, EmptyCase } from './parity-store.ts'
import { createCollective, DIMENSION, expectAbsent, expectInvalid, recordMany, textOf, unknownId } from './samples.ts'

const listed = async ({ call }: EmptyCase, fields: object = {}): Promise<readonly string[]> =>
  (await call('collective.list', fields)).items.map(({ name }) => name)

/** Each in a millisecond of its own: of one millisecond they come in the order of their ids. */
const createAll = async ({ call, store }: EmptyCase, bodies: readonly object[]): Promise<void> => {
  for (const body of bodies) {
    await call('collective.create', body)
    store.advance(1)
  }
}

const named = (name: string): object => ({ name, dimension: DIMENSION })

export const collectiveParity = (it: Cases): void => {
  it.empty('collective.rs test_create_collective: name kept, dimension 384, no owner', async ({ call, store }) => {
    const { collective } = await call('collective.create', named('payments'))
    expect(isUuid(collective.id)).toBe(true)
    const nowMs = store.nowMs()
    expect(collective).toEqual({
      ...{ id: collective.id, name: 'payments', dimension: 384, createdAt: nowMs, updatedAt: nowMs },
    })
  })

  it.empty('collective.rs test_create_collective_with_owner: owner kept', async ({ call }) => {
    const { collective } = await call('collective.create', { ...named('payments'), owner: 'alice' })
    expect(collective.owner).toBe('alice')
  })

  it.empty('collective.rs test_create_collective_empty_name_rejected: refused', async ({ call }) => {
    await expectInvalid(call('collective.create', named('')), 'REQUIRED_FIELD', 'name')
  })

  it.empty('collective.rs test_create_collective_whitespace_name_rejected: refused', async ({ call }) => {
    await expectInvalid(call('collective.create', named(' \t\n ')), 'INVALID_FIELD', 'name')
  })

  it.empty('collective.rs test_create_collective_long_name_rejected: 256 characters', async ({ call }) => {
    await expectInvalid(call('collective.create', named(textOf(256))), 'INVALID_FIELD', 'name')
  })

  it.empty('collective.rs test_create_collective_max_length_name_accepted: 255 characters', async (given) => {
    await given.call('collective.create', named(textOf(255)))
    expect(await listed(given)).toEqual([textOf(255)])
  })

  it.empty('collective.rs test_create_collective_with_owner_empty_owner_rejected: refused', async ({ call }) => {
    const creating = call('collective.create', { ...named('payments'), owner: '' })
    await expectInvalid(creating, 'REQUIRED_FIELD', 'owner')
  })

  it.empty('collective.rs test_get_collective: found by id', async ({ call }) => {
    const { collective } = await call('collective.create', named('payments'))
    expect(await call('collective.get', { collective: collective.id })).toMatchObject({ collective })
  })

  it.empty('collective.rs test_get_collective_nonexistent: nothing, and no fault', async ({ call }) => {
    expect((await call('collective.get', { collective: unknownId() })).collective).toBeUndefined()
  })

  it.empty('collective.rs test_list_collectives: all three, in order of creation', async (given) => {
    await createAll(given, ['one', 'two', 'three'].map(named))
    expect(await listed(given)).toEqual(['one', 'two', 'three'])
  })

  it.empty('collective.rs test_list_collectives_empty: an empty list', async (given) => {
    expect(await listed(given)).toEqual([])
  })

  it.empty(
    'collective.rs test_list_collectives_by_owner: 2, 1 and 0; unowned ones are not among them',
    async (given) => {
      const owners = { one: 'alice', two: 'bob', three: 'alice', four: undefined }
      await createAll(
        given,
        Object.entries(owners).map(([name, owner]) => ({ ...named(name), owner })),
      )
      expect(await listed(given, { owner: 'alice' })).toEqual(['one', 'three'])
      expect(await listed(given, { owner: 'bob' })).toEqual(['two'])
      expect(await listed(given, { owner: 'nobody' })).toEqual([])
      expect(await listed(given)).toHaveLength(4)
    },
  )

  it('collective.rs test_get_collective_stats: zeros, and no times, for a new one', async ({ call, collective }) => {
    const { stats } = await call('collective.stats', { collective })
    expect(stats).toEqual({
      ...{ experienceCount: 0, archivedCount: 0, relationCount: 0, insightCount: 0 },
      ...{ keyCount: 0, vectorCount: 0, payloadCount: 0, pageCount: 0, storageBytes: 0 },
    })
  })

  it.empty('collective.rs test_get_collective_stats_nonexistent: absent', async ({ call }) => {
    await expectAbsent(call('collective.stats', { collective: unknownId() }), 'collective')
  })

  it('collective.rs test_delete_collective: gone', async ({ call, collective }) => {
    await call('collective.delete', { collective })
    expect((await call('collective.get', { collective })).collective).toBeUndefined()
  })

  it.empty('collective.rs test_delete_collective_nonexistent: absent', async ({ call }) => {
    await expectAbsent(call('collective.delete', { collective: unknownId() }), 'collective')
  })

  it('collective.rs test_delete_collective_removes_from_list: only the other remains', async (given) => {
    await createCollective(given, { name: 'other' })
    await given.call('collective.delete', { collective: given.collective })
    expect(await listed(given)).toEqual(['other'])
  })

  it('collective.rs test_delete_collective_cascades: works with no experiences', async ({ call, collective }) => {
    await call('collective.delete', { collective })
    await expectAbsent(call('collective.stats', { collective }), 'collective')
  })

  it('collective.rs test_embedding_dimension_locked_to_config: others than its own are refused', async (given) => {
    expect((await given.call('collective.get', { collective: given.collective })).collective?.dimension).toBe(384)
    const recording = recordMany(given, 1, () => ({ embedding: new Float32Array(385).fill(1) }))
    await expectInvalid(recording, 'DIMENSION_MISMATCH', 'experiences[0].embedding')
  })

  it.empty(
    'collective.rs test_embedding_dimension_matches_custom_config: 768 where it is created so',
    async (given) => {
      const collective = await createCollective(given, { dimension: 768 })
      expect((await given.call('collective.get', { collective })).collective?.dimension).toBe(768)
    },
  )

  it.empty('collective.rs test_collectives_persist_across_reopen: name, owner and dimension survive', async (given) => {
    await createAll(given, [{ ...named('payments'), owner: 'alice' }, named('search')])
    const before = await given.call('collective.list')
    await given.store.reopen()
    expect((await given.call('collective.list')).items).toEqual(before.items)
    expect(before.items).toMatchObject([{ name: 'payments', owner: 'alice', dimension: 384 }, { name: 'search' }])
  })

  it.empty('src/collective/mod.rs test_validate_collective_name_valid: kept as it is, untrimmed', async (given) => {
    await createAll(given, ['a', ' padded ', 'Zoë-7_ü'].map(named))
    expect(await listed(given)).toEqual(['a', ' padded ', 'Zoë-7_ü'])
  })

  it.empty('src/collective/mod.rs test_validate_collective_name_empty: also where it is left out', async ({ call }) => {
    await expectInvalid(call('collective.create', { dimension: 4 }), 'REQUIRED_FIELD', 'name')
  })

  it.empty('src/collective/mod.rs test_validate_collective_name_whitespace_only: refused', async ({ call }) => {
    for (const name of [' ', '\n', textOf(300).replaceAll('x', ' ')])
      await expectInvalid(call('collective.create', named(name)), 'INVALID_FIELD', 'name')
  })

  it.empty('src/collective/mod.rs test_validate_collective_name_too_long: counted in bytes', async ({ call }) => {
    const { details } = await expectInvalid(call('collective.create', named('é'.repeat(128))), 'INVALID_FIELD', 'name')
    expect(details).toMatchObject({ size: 256, limit: 255 })
  })

  it.empty('src/collective/mod.rs test_validate_collective_name_exactly_max_length: 255 bytes', async (given) => {
    const name = `x${'é'.repeat(127)}`
    await given.call('collective.create', named(name))
    expect(await listed(given)).toEqual([name])
  })

  it.empty('src/collective/types.rs test_collective_new: both times are now', async ({ call, store }) => {
    const { collective } = await call('collective.create', named('payments'))
    expect([collective.createdAt, collective.updatedAt]).toEqual([store.nowMs(), store.nowMs()])
    expect(collective).not.toHaveProperty('owner')
  })

  it.empty('src/collective/types.rs test_collective_with_owner: both times are now, owner kept', async (given) => {
    const { collective } = await given.call('collective.create', { ...named('payments'), owner: 'alice' })
    const nowMs = given.store.nowMs()
    expect(collective).toMatchObject({ owner: 'alice', createdAt: nowMs, updatedAt: nowMs })
  })

  it.empty('src/collective/types.rs test_collective_postcard_roundtrip: the same when opened again', async (given) => {
    const { collective } = await given.call('collective.create', named('payments'))
    await given.store.reopen()
    expect((await given.call('collective.get', { collective: collective.id })).collective).toEqual(collective)
  })

  it.empty('src/collective/types.rs test_collective_postcard_roundtrip_with_owner: with its owner', async (given) => {
    const { collective } = await given.call('collective.create', { ...named('payments'), owner: 'alice' })
    await given.store.reopen()
    expect((await given.call('collective.get', { collective: collective.id })).collective).toEqual(collective)
  })
}
