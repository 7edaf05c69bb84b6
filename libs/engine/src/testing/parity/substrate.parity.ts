/** PulseDB's `tests/substrate_integration.rs`: what its hosts call, on the same operations. */
import { expect } from 'vitest'
import type { Cases } from './parity-store.ts'
import {
  active,
  DIMENSION,
  foundIds,
  idsOf,
  manyOf,
  newExperience,
  read,
  recent,
  record,
  recordMany,
  register,
  relate,
  search,
  storeInsight,
  unknownId,
  vectorOf,
} from './samples.ts'

export const substrateParity = (it: Cases): void => {
  memory(it)
  collectives(it)
}

const memory = (it: Cases): void => {
  it('substrate_integration.rs test_store_and_get_experience: round trip', async (given) => {
    const id = await record(given, { content: 'kept' })
    expect(await read(given, id)).toMatchObject({ id, content: 'kept' })
  })

  it('substrate_integration.rs test_get_experience_not_found: nothing', async ({ call, collective }) => {
    expect((await call('experience.get', { collective, id: unknownId() })).experience).toBeUndefined()
  })

  it('substrate_integration.rs test_search_similar_returns_tuples: 2, the exact one first', async (given) => {
    const [exact] = await recordMany(given, 2, (index) => ({ embedding: vectorOf(index * 100) }))
    const hits = await search(given, { embedding: vectorOf(0) })
    expect(hits).toHaveLength(2)
    expect(hits[0]?.experience.id).toBe(exact)
    for (const { similarity } of hits) {
      expect(similarity).toBeGreaterThan(0)
      expect(similarity).toBeLessThanOrEqual(1)
    }
  })

  it('substrate_integration.rs test_search_similar_empty_collective: empty', async (given) => {
    expect(await search(given)).toEqual([])
  })

  it('substrate_integration.rs test_get_recent: the newest two, also of one millisecond', async (given) => {
    const ids = [await record(given), await record(given), await record(given)]
    expect(idsOf(await recent(given, { limit: 2 }))).toEqual([ids[2], ids[1]])
  })

  it('substrate_integration.rs test_store_and_get_relation: target and relation', async (given) => {
    const [source, target] = await recordMany(given, 2)
    const id = await relate(given, { source, target })
    const { items } = await given.call('relation.related', { collective: given.collective, id: source })
    expect(items.map(({ experience, relation }) => [experience.id, relation.id])).toEqual([[target, id]])
  })

  it('substrate_integration.rs test_get_related_returns_both_directions: the target sees the source', async (given) => {
    const [source, target] = await recordMany(given, 2)
    await relate(given, { source, target })
    const { items } = await given.call('relation.related', { collective: given.collective, id: target })
    expect(items.map(({ experience }) => experience.id)).toEqual([source])
  })

  it('substrate_integration.rs test_store_and_search_insights: one, similarity in (0, 1]', async (given) => {
    const id = await storeInsight(given, { sources: [await record(given)] })
    const asked = { collective: given.collective, embedding: vectorOf(1), k: 5 }
    const { results } = await given.call('insight.search', asked)
    expect(results.map(({ insight }) => insight.id)).toEqual([id])
    expect(results[0]!.similarity).toBeCloseTo(1, 6)
    expect((await given.call('insight.search', { ...asked, k: 0 })).results).toEqual([])
  })

  it('substrate_integration.rs test_get_activities: the active agent', async (given) => {
    await register(given, 'agent-1')
    expect((await active(given)).map(({ agent }) => agent)).toEqual(['agent-1'])
  })

  it('substrate_integration.rs test_get_context_candidates: similar and recent', async (given) => {
    const id = await record(given)
    const context = await given.call('context.get', { collective: given.collective, embedding: vectorOf(1) })
    expect([foundIds(context.similar), idsOf(context.recent)]).toEqual([[id], [id]])
  })

  it('substrate_integration.rs test_watch_delivers_events: created, while it waits', async (given) => {
    const { call, collective } = given
    const { next } = await call('watch.next', { collective })
    const waiting = call('watch.next', { collective, from: next, waitMs: 20_000 })
    const id = await record(given)
    expect((await waiting).changes).toMatchObject([{ kind: 'created', id }])
  })

  it('substrate_integration.rs test_reinforce_and_energy_through_trait_object: 1, no less energy', async (given) => {
    const { call, collective, store } = given
    const id = await record(given)
    store.advance(24 * 60 * 60 * 1_000)
    const before = (await call('experience.energy', { collective, id })).energy
    expect(await call('experience.reinforce', { collective, id })).toMatchObject({ applications: 1 })
    const after = (await call('experience.energy', { collective, id })).energy
    expect(before).toBeLessThan(0.5)
    expect(after).toBeGreaterThan(0.5)
    expect(after).toBeLessThanOrEqual(1)
  })

  it('substrate_integration.rs test_clone_and_concurrent_operations: 5 at once, 5 ids', async (given) => {
    const { call, collective } = given
    const writes = manyOf(5, (seed) =>
      call('experience.record', newExperience(collective, { embedding: vectorOf(seed) })),
    )
    const ids = idsOf(await Promise.all(writes))
    expect(new Set(ids).size).toBe(5)
    expect([...idsOf(await recent(given))].sort()).toEqual([...ids].sort())
  })
}

const collectives = (it: Cases): void => {
  const named = { name: 'payments', dimension: DIMENSION }

  it.empty('substrate_integration.rs test_substrate_create_collective: listed with its name', async ({ call }) => {
    await call('collective.create', named)
    expect((await call('collective.list')).items.map(({ name }) => name)).toEqual(['payments'])
  })

  it.empty('substrate_integration.rs test_substrate_get_or_create_collective_new: makes it once', async ({ call }) => {
    const { collective, created } = await call('collective.getOrCreate', named)
    expect(created).toBe(true)
    expect((await call('collective.list')).items).toEqual([collective])
  })

  it.empty(
    'substrate_integration.rs test_substrate_get_or_create_collective_idempotent: the same twice',
    async (given) => {
      const { call } = given
      // At once, too: PulseDB's looks and creates in two steps.
      const made = await Promise.all([call('collective.getOrCreate', named), call('collective.getOrCreate', named)])
      const again = await call('collective.getOrCreate', named)
      expect(new Set([...made, again].map(({ collective }) => collective.id)).size).toBe(1)
      expect(again.created).toBe(false)
      expect((await call('collective.list')).items).toHaveLength(1)
    },
  )

  it.empty(
    'substrate_integration.rs test_substrate_list_collectives_multiple: three names',
    async ({ call, store }) => {
      for (const name of ['one', 'two', 'three']) {
        await call('collective.getOrCreate', { ...named, name })
        store.advance(1)
      }
      const names = (await call('collective.list')).items.map(({ name }) => name)
      expect(names).toEqual(['one', 'two', 'three'])
    },
  )

  it.empty(
    'substrate_integration.rs test_substrate_get_or_create_then_store_experience: usable at once',
    async (given) => {
      const { collective } = await given.call('collective.getOrCreate', named)
      const usable = { ...given, collective: collective.id }
      const id = await record(usable)
      expect(foundIds(await search(usable))).toEqual([id])
    },
  )
}
