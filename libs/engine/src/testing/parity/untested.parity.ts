/** What PulseDB's own tests leave out, by what our notes on its contract name. */
import { expect } from 'vitest'
import type { Cases, ParityCase } from './parity-store.ts'
import {
  createCollective,
  DIMENSION,
  expectInvalid,
  expectRefusal,
  idsOf,
  manyOf,
  newInsight,
  record,
  recordMany,
  relate,
  search,
  storeInsight,
} from './samples.ts'

const LISTS = ['experience.list', 'relation.list', 'insight.list'] as const

const pagesOf = async (
  { call, collective }: ParityCase,
  operation: (typeof LISTS)[number],
  limit: number,
): Promise<readonly (readonly string[])[]> => {
  const pages: (readonly string[])[] = []
  for (let offset = 0; ; offset += limit) {
    const { items } = await call(operation, { collective, limit, offset })
    if (items.length === 0) return pages
    pages.push(idsOf(items))
  }
}

/** Everything that takes a vector. */
const withVector = (
  given: ParityCase,
  source: string,
  embedding: Float32Array,
): readonly (() => Promise<unknown>)[] => {
  const { call, collective } = given
  return [
    () => record(given, { embedding }),
    () => call('insight.store', newInsight(collective, { embedding, sources: [source] })),
    () => search(given, { embedding }),
    () => call('insight.search', { collective, embedding }),
    () => call('context.get', { collective, embedding }),
  ]
}

export const untestedParity = (it: Cases): void => {
  it('untested limit_0_on_lists: refused, where PulseDB gives one item', async (given) => {
    await recordMany(given, 2)
    for (const operation of LISTS) {
      const listing = given.call(operation, { collective: given.collective, limit: 0 })
      await expectInvalid(listing, 'INVALID_FIELD', 'limit')
    }
    // Through the port, whose contract takes any limit, 0 gives none.
    const storage = await given.store.storage(given.tenant)
    expect(await storage.listExperienceIdsPaginated(given.collective, 0, 0)).toEqual([])
    expect(await storage.getRecentExperienceIds(given.collective, 0)).toEqual([])
  })

  it('untested offset_paging_order: oldest first, nothing twice, nothing left out', async (given) => {
    const ids: string[] = []
    for (let round = 0; round < 3; round += 1) {
      ids.push(...(await recordMany(given, 3)))
      given.store.advance(round)
    }
    const relations: string[] = []
    for (const target of ids.slice(1)) relations.push(await relate(given, { source: ids[0], target }))
    const insights: string[] = []
    for (const source of ids.slice(0, 7)) insights.push(await storeInsight(given, { sources: [source] }))
    expect((await pagesOf(given, 'experience.list', 4)).map(({ length }) => length)).toEqual([4, 4, 1])
    expect((await pagesOf(given, 'experience.list', 4)).flat()).toEqual(ids)
    expect((await pagesOf(given, 'relation.list', 3)).flat()).toEqual(relations)
    expect((await pagesOf(given, 'insight.list', 2)).flat()).toEqual(insights)
    const both = given.call('experience.list', { collective: given.collective, offset: 1, cursor: 'x' })
    await expectInvalid(both, 'INVALID_FIELD', 'offset')
  })

  it.empty('untested duplicate_name_collectives: two of one name; the name alone is ambiguous', async (given) => {
    const { call } = given
    const first = await createCollective(given, { name: 'twin' })
    given.store.advance(1)
    const ids = [first, await createCollective(given, { name: 'twin' })]
    expect(new Set(ids).size).toBe(2)
    expect(idsOf((await call('collective.list')).items)).toEqual(ids)
    const { kind } = await expectRefusal(call('collective.get', { name: 'twin' }), 'AMBIGUOUS_NAME', 'name')
    expect(kind).toBe('conflict')
    await expectRefusal(
      call('collective.getOrCreate', { name: 'twin', dimension: DIMENSION }),
      'AMBIGUOUS_NAME',
      'name',
    )
  })

  it('untested zero_vectors: refused in a record, an insight and a question', async (given) => {
    const embedding = new Float32Array(DIMENSION)
    const source = await record(given)
    for (const ask of withVector(given, source, embedding)) await expectInvalid(ask(), 'INVALID_FIELD', 'embedding')
    expect(await search(given)).toHaveLength(1)
  })

  it('untested nan_and_infinite_vectors: refused in a record, an insight and a question', async (given) => {
    const source = await record(given)
    for (const component of [NaN, Infinity, -Infinity]) {
      const embedding = new Float32Array(DIMENSION).fill(0.5)
      embedding[5] = component
      for (const ask of withVector(given, source, embedding))
        await expectInvalid(ask(), 'INVALID_FIELD', 'embedding[5]')
    }
    expect(await search(given)).toHaveLength(1)
  })

  it('untested concurrent_duplicate_relations: of ten at once, one is stored', async (given) => {
    const [source, target] = await recordMany(given, 2)
    const outcomes = await Promise.allSettled(manyOf(10, () => relate(given, { source, target })))
    const stored = outcomes.filter(({ status }) => status === 'fulfilled')
    expect(stored).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'ALREADY_EXISTS' })
    const { items } = await given.call('relation.list', { collective: given.collective })
    expect(items).toHaveLength(1)
  })

  it.reopening('untested read_only_activity_writes: refused, where PulseDB writes', async (given) => {
    const { call, collective, store } = given
    await call('activity.register', { collective, agent: 'agent-1' })
    await store.reopen({ readOnly: true })
    for (const operation of ['activity.register', 'activity.heartbeat', 'activity.end'] as const)
      await expectRefusal(call(operation, { collective, agent: 'agent-1' }), 'READ_ONLY')
    expect((await call('activity.active', { collective })).items).toHaveLength(1)
  })

  it('untested wal_gaps: who polls from before what was compacted is told that changes are gone', async (given) => {
    const ids = [await record(given), await record(given), await record(given)]
    const storage = await given.store.storage(given.tenant)
    const before = await storage.pollSyncEvents({ sequence: 0, index: 0 } as never, 10)
    expect(await storage.compactWalEvents(before[1]!.address)).toBe(2)
    const polled = await storage.pollWatchEvents({ sequence: 0, index: 0 } as never, 10)
    expect(polled.lost).toBe(true)
    expect(polled.events.map(({ entityId }) => entityId)).toEqual(ids.slice(1))
    expect(await storage.pollWatchEvents(before[1]!.address, 10)).not.toHaveProperty('lost')
  })

  it('untested long_running_watch: 400 changes in small pieces, each once and in order', async (given) => {
    const { call, collective } = given
    const ids: string[] = []
    const seen: string[] = []
    let { next } = await call('watch.next', { collective })
    for (let round = 0; round < 40; round += 1) {
      ids.push(...(await recordMany(given, 10, (index) => ({ embedding: [...manyOf(DIMENSION, () => 1 + index)] }))))
      const reply = await call('watch.next', { collective, from: next, max: 7 })
      seen.push(...reply.changes.map(({ id }) => id))
      next = reply.next
    }
    for (let quiet = false; !quiet;) {
      const reply = await call('watch.next', { collective, from: next, max: 7 })
      seen.push(...reply.changes.map(({ id }) => id))
      next = reply.next
      quiet = reply.changes.length === 0
    }
    expect(seen).toEqual(ids)
  })
}
