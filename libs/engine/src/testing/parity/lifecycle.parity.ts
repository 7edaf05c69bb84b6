/** PulseDB's `tests/lifecycle.rs`, `tests/storage_acid.rs`, `src/db.rs` and `src/storage/mod.rs`. */
import { faultOf } from '@waggle/kernel/testing'
import { DECAY_DEFAULT } from '@waggle/protocol'
import { expect } from 'vitest'
import { decodeSettings, DEFAULT_SETTINGS } from '../../settings.ts'
import type { Cases, ParityCase } from './parity-store.ts'
import { createCollective, expectInvalid, manyOf, read, record, recordMany, refusal, vectorOf } from './samples.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

const coldOf = async ({ call, collective }: ParityCase, fields: object = {}) =>
  (await call('experience.cold', { collective, ...fields })).items

export const lifecycleParity = (it: Cases): void => {
  opening(it)
  surviving(it)
  cold(it)
}

const opening = (it: Cases): void => {
  it.empty('lifecycle.rs test_open_with_default_config: dimension 384 where a collective says so', async (given) => {
    const collective = await createCollective(given)
    const { collective: found } = await given.call('collective.get', { collective })
    expect(found).toMatchObject({ dimension: 384 })
    // Without an embedder vectors come from the caller: PulseDB's `External`.
    expect(found).not.toHaveProperty('embedder')
    expect(DEFAULT_SETTINGS).toEqual({ decay: DECAY_DEFAULT, activityStaleMs: 300_000 })
  })

  it.empty('lifecycle.rs test_open_with_custom_dimension: 768', async (given) => {
    const custom = { ...given, collective: await createCollective(given, { dimension: 768 }) }
    const id = await record(custom, { embedding: vectorOf(1, 768) })
    expect((await read(custom, id)).embedding).toHaveLength(768)
  })

  it.empty('lifecycle.rs test_open_with_custom_embedding_dimension: 1,536', async (given) => {
    const custom = { ...given, collective: await createCollective(given, { dimension: 1_536 }) }
    const id = await record(custom, { embedding: vectorOf(1, 1_536) })
    expect((await read(custom, id)).embedding).toHaveLength(1_536)
  })

  it('lifecycle.rs test_open_existing_database: what is there is there again', async (given) => {
    const id = await record(given)
    await given.store.reopen()
    expect((await read(given, id)).content).toBe('a lesson')
  })

  it('lifecycle.rs test_metadata_preserved_across_opens: created once, opened later', async (given) => {
    const before = (await given.store.storage(given.tenant)).metadata()
    given.store.advance(1_000)
    await given.store.reopen()
    const after = (await given.store.storage(given.tenant)).metadata()
    expect(after.createdAt).toBe(before.createdAt)
    expect(after.lastOpenedAt).toBe(before.lastOpenedAt + 1_000)
  })

  it.empty('lifecycle.rs test_invalid_config_custom_dimension_zero: refused', async ({ call }) => {
    await expectInvalid(call('collective.create', { name: 'a', dimension: 0 }), 'INVALID_FIELD', 'dimension')
  })

  it.empty('lifecycle.rs test_invalid_config_custom_dimension_too_large: 5,000', async ({ call }) => {
    await expectInvalid(call('collective.create', { name: 'a', dimension: 5_000 }), 'INVALID_FIELD', 'dimension')
  })

  it.empty('lifecycle.rs test_dimension_mismatch_returns_error: expected 384, got 768', async ({ call }) => {
    await call('collective.getOrCreate', { name: 'a', dimension: 384 })
    const again = call('collective.getOrCreate', { name: 'a', dimension: 768 })
    const { details } = await expectInvalid(again, 'DIMENSION_MISMATCH', 'dimension')
    expect(details).toMatchObject({ expected: 384, got: 768 })
  })

  it.empty(
    'lifecycle.rs test_dimension_mismatch_custom_to_standard: 512, then 384; equal ones match',
    async ({ call }) => {
      await call('collective.getOrCreate', { name: 'a', dimension: 512 })
      await expectInvalid(
        call('collective.getOrCreate', { name: 'a', dimension: 384 }),
        'DIMENSION_MISMATCH',
        'dimension',
      )
      // PulseDB refuses its own `Custom(384)` for `D384`.
      expect(await call('collective.getOrCreate', { name: 'a', dimension: 512 })).toMatchObject({ created: false })
    },
  )

  it('lifecycle.rs test_close_flushes_data: and the schema is the same', async (given) => {
    const { schemaVersion } = (await given.store.storage(given.tenant)).metadata()
    const id = await record(given)
    await given.store.reopen()
    expect((await given.store.storage(given.tenant)).metadata().schemaVersion).toBe(schemaVersion)
    expect((await read(given, id)).id).toBe(id)
  })

  it('lifecycle.rs test_multiple_open_close_cycles: five', async (given) => {
    const ids: string[] = []
    for (let cycle = 0; cycle < 5; cycle += 1) {
      ids.push(await record(given))
      await given.store.reopen()
    }
    const { items } = await given.call('experience.list', { collective: given.collective })
    expect(items.map(({ id }) => id)).toEqual(ids)
  })

  it.empty('lifecycle.rs test_error_is_validation: of kind invalid and no other', async ({ call }) => {
    const fault = await refusal(call('collective.create', { name: '', dimension: 384 }))
    expect(fault.kind).toBe('invalid')
  })

  it('src/db.rs test_open_existing_database: with what was written', async (given) => {
    const before = await given.call('collective.get', { collective: given.collective })
    await given.store.reopen()
    expect((await given.call('collective.get', { collective: given.collective })).collective).toEqual(before.collective)
  })

  it.empty('src/db.rs test_dimension_mismatch: a vector of another one is refused', async (given) => {
    const other = { ...given, collective: await createCollective(given, { dimension: 768 }) }
    await expectInvalid(record(other, { embedding: vectorOf(1) }), 'DIMENSION_MISMATCH', 'embedding')
  })

  it.empty('src/db.rs test_metadata_access: what the port says of the store', async ({ store, tenant }) => {
    const metadata = (await store.storage(tenant)).metadata()
    expect(metadata.schemaVersion).toBeGreaterThan(0)
    expect(metadata.createdAt).toBeLessThanOrEqual(metadata.lastOpenedAt)
  })

  it.empty('src/db.rs test_config_validation: a setting out of its range is named', async () => {
    const refusals = [
      faultOf(() => decodeSettings({ decay: { halfLifeMs: 0 } })),
      faultOf(() => decodeSettings({ decay: { floor: 2 } })),
      faultOf(() => decodeSettings({ activityStaleMs: -1 })),
    ]
    expect(refusals.map(({ kind, details }) => [kind, details.field])).toEqual([
      ['invalid', 'decay.halfLifeMs'],
      ['invalid', 'decay.floor'],
      ['invalid', 'activityStaleMs'],
    ])
    expect(decodeSettings({})).toEqual(DEFAULT_SETTINGS)
  })

  it.reopening(
    'src/storage/redb.rs test_read_only_open_of_current_store_writes_nothing: not even when',
    async (given) => {
      const { store, tenant } = given
      await record(given)
      const storage = await store.storage(tenant)
      const before = { metadata: storage.metadata(), newest: await storage.getWalSequence() }
      store.advance(1_000)
      await store.reopen({ readOnly: true })
      const readOnly = await store.storage(tenant)
      expect({ metadata: readOnly.metadata(), newest: await readOnly.getWalSequence() }).toEqual(before)
    },
  )

  it.empty('src/storage/mod.rs test_open_storage: the port over an open store', async ({ store, tenant }) => {
    expect(await (await store.storage(tenant)).listCollectives()).toEqual([])
  })
}

const surviving = (it: Cases): void => {
  it.empty('storage_acid.rs test_committed_data_survives_normal_close: a collective of the port', async (given) => {
    const nowMs = given.store.nowMs()
    const collective = { id: uuid(1), name: 'kept', dimension: 384, createdAt: nowMs, updatedAt: nowMs }
    await (await given.store.storage(given.tenant)).saveCollective(collective)
    await given.store.reopen()
    expect(await (await given.store.storage(given.tenant)).getCollective(uuid(1))).toEqual(collective)
  })

  it.empty('storage_acid.rs test_bulk_data_survives_crash: 100 collectives', async (given) => {
    const creating = manyOf(100, (index) => given.call('collective.create', { name: `hive ${index}`, dimension: 4 }))
    await Promise.all(creating)
    await given.store.reopen()
    const { items } = await given.call('collective.list')
    expect(new Set(items.map(({ name }) => name)).size).toBe(100)
  })
}

const uuid = (n: number) => `0190b2c0-1111-7abc-8def-${String(n).padStart(12, '0')}` as ParityCase['collective']

const cold = (it: Cases): void => {
  it('src/db.rs list_cold_experiences_surfaces_below_floor: coldest first, with their energy', async (given) => {
    const [cold, colder] = await recordMany(given, 2, (index) => ({ importance: [0.5, 0.25][index] }))
    given.store.advance(150 * DAY_MS)
    const warm = await record(given, { importance: 0.5 })
    // Five half-lives: a 32nd of what it was.
    expect(await coldOf(given, { below: 0.05 })).toEqual([
      { id: colder, energy: Math.fround(0.25 / 32) },
      { id: cold, energy: Math.fround(0.5 / 32) },
    ])
    expect((await coldOf(given, { below: 1 })).map(({ id }) => id)).toEqual([colder, cold, warm])
  })

  it('src/db.rs cold_experience_not_auto_archived_by_default: it stays where it is', async (given) => {
    const id = await record(given)
    given.store.advance(365 * DAY_MS)
    expect(await coldOf(given)).toHaveLength(1)
    expect((await read(given, id)).archived).toBe(false)
  })

  it('src/db.rs list_cold_excludes_archived_experiences: they are out of the way already', async (given) => {
    const [archived, kept] = await recordMany(given, 2)
    await given.call('experience.archive', { collective: given.collective, id: archived })
    given.store.advance(365 * DAY_MS)
    expect((await coldOf(given, { below: 0.05 })).map(({ id }) => id)).toEqual([kept])
  })
}
