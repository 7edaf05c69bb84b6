/** Relations: what refuses them, in which order, and that of many that race for one triple one wins. */
import { concatBytes, isFault, uuidBytes } from '@waggle/kernel'
import { limits, relationTypes, type TenantId } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { linksKey, LINK } from '../../state/keyspace.ts'
import { idOf, refusalOf, TestGraph } from '../../testing/test-graph.ts'

let graph: TestGraph

beforeEach(async () => {
  graph = await TestGraph.open()
  await graph.record(1, 2, 3)
})

const [one, two] = [idOf(1), idOf(2)]
const good = { source: one, target: two, type: 'supports' }

describe('relation.create', () => {
  test('a relation is there as it was created, in single precision, and is never changed', async () => {
    graph.engine.clock.advance(7)
    const metadata = 'é'.repeat(limits.RELATION_METADATA_BYTES_MAX / 2)
    const id = await graph.relate(1, 2, { strength: 0.1, metadata, type: 'implies' })
    const { relation } = await graph.call('relation.get', { id })
    expect(relation).toEqual({
      ...{ id, collective: graph.collective, source: one, target: two, type: 'implies' },
      ...{ strength: Math.fround(0.1), metadata, createdAt: graph.engine.clock.nowMs() },
    })
    expect(await graph.relations()).toEqual([relation])
  })

  test('without a strength it is 1; without metadata it has none', async () => {
    const id = await graph.relate(1, 2)
    const { relation } = await graph.call('relation.get', { id })
    expect(relation).toMatchObject({ strength: 1 })
    expect(relation).not.toHaveProperty('metadata')
  })

  test('what is not there is not got', async () => {
    expect((await graph.call('relation.get', { id: idOf(9) })).relation).toBeUndefined()
  })

  const tooLong = 'x'.repeat(limits.RELATION_METADATA_BYTES_MAX + 1)
  const absent = idOf(9)
  // Each case is also wrong in all that comes after it: what is told is what is checked first.
  test.each([
    [
      'itself',
      { source: absent, target: absent, strength: 2, metadata: tooLong, collective: absent },
      'INVALID_FIELD',
      'target',
    ],
    [
      'a strength above 1',
      { source: absent, strength: 1.5, metadata: tooLong, collective: absent },
      'INVALID_FIELD',
      'strength',
    ],
    ['a strength below 0', { strength: -0.1 }, 'INVALID_FIELD', 'strength'],
    ['a strength that is no number', { strength: NaN }, 'INVALID_FIELD', 'strength'],
    ['a long text', { source: absent, metadata: tooLong, collective: absent }, 'CONTENT_TOO_LARGE', 'metadata'],
    ['no such collective', { source: absent, collective: absent }, 'NOT_FOUND', undefined],
    ['no such source', { source: absent, target: idOf(8) }, 'NOT_FOUND', 'source'],
    ['no such target', { target: absent }, 'NOT_FOUND', 'target'],
    ['a type that is none', { type: 'loves' }, 'INVALID_FIELD', 'type'],
  ])('P10 %s is refused', async (_, fields, code, field) => {
    const before = await graph.tables()
    const refused = await refusalOf(graph.call('relation.create', { ...good, ...fields }))
    expect([refused.code, refused.details.field]).toEqual([code, field])
    // An outcome that the state decided is remembered, and nothing else.
    expect({ ...(await graph.tables()), 6: 0 }).toEqual({ ...before, 6: 0 })
  })

  test('P12 an end in another collective or of another tenant is absent', async () => {
    const other = await graph.beside()
    await other.record(7)
    expect((await refusalOf(graph.relate(1, 7))).details).toMatchObject({ field: 'target', id: idOf(7) })
    expect((await refusalOf(graph.relate(7, 1))).details).toMatchObject({ field: 'source', id: idOf(7) })
    const id = await graph.relate(1, 2)
    expect((await other.call('relation.get', { id })).relation).toBeUndefined()
    expect((await refusalOf(other.call('relation.delete', { id }))).code).toBe('NOT_FOUND')
    const foreign = graph.engine.engine.execute('evil' as TenantId, 'relation.get', {
      collective: graph.collective,
      id,
    })
    expect((await refusalOf(foreign)).code).toBe('NOT_FOUND')
  })

  test('of one type at most one leads from one to another; the other way and other types are free', async () => {
    const id = await graph.relate(1, 2, { strength: 0.25 })
    const refused = await refusalOf(graph.relate(1, 2, { id: idOf(77), strength: 0.75 }))
    expect([refused.code, refused.details]).toEqual(['ALREADY_EXISTS', { field: 'type', entity: 'relation', id }])
    await graph.relate(2, 1)
    for (const type of relationTypes.slice(1)) await graph.relate(1, 2, { type })
    expect(await graph.relations()).toHaveLength(7)
    await graph.call('relation.delete', { id })
    await graph.relate(1, 2)
  })

  test('an id that is taken is refused after the triple', async () => {
    const id = await graph.relate(1, 2)
    expect((await refusalOf(graph.relate(1, 2, { id }))).details.field).toBe('type')
    const refused = await refusalOf(graph.relate(2, 3, { id }))
    expect([refused.code, refused.details]).toEqual(['ALREADY_EXISTS', { field: 'id', entity: 'relation', id }])
  })

  test('P2 the same key meets the same relation; another key meets its triple', async () => {
    const first = await graph.relate(1, 2, { idempotencyKey: 'k' })
    expect(await graph.relate(1, 2, { idempotencyKey: 'k' })).toBe(first)
    expect((await refusalOf(graph.relate(1, 2, { idempotencyKey: 'l' }))).details.id).toBe(first)
    expect(await graph.relations()).toHaveLength(1)
  })

  test('T2 of many that race for one triple in one tick exactly one is created', async () => {
    const racing = Array.from({ length: 100 }, async (_, n) => graph.relate(1, 2, { idempotencyKey: `racer ${n}` }))
    const outcomes = await Promise.allSettled(racing)
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    expect(won).toHaveLength(1)
    const id = (await graph.relations())[0]?.id
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(isFault(outcome.reason) && [outcome.reason.code, outcome.reason.details.id]).toEqual([
          'ALREADY_EXISTS',
          id,
        ])
      else expect(outcome.value).toBe(id)
    expect(await graph.relations()).toHaveLength(1)
    expect(await graph.stats()).toMatchObject({ relationCount: 1 })
  })

  test('T1 what races with the deletion of its end is refused or goes with it', async () => {
    const outcomes = await Promise.allSettled([
      graph.relate(1, 2),
      graph.delete(2),
      graph.relate(3, 2),
      graph.conclude([2]),
      graph.relate(1, 3),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled'],
    ])
    expect(await graph.relations()).toMatchObject([{ source: one, target: idOf(3) }])
  })

  test.each([
    ['outgoing', LINK.outgoing, 'source'],
    ['incoming', LINK.incoming, 'target'],
  ] as const)('P11 %s relations of one experience have a limit', async (_, link, field) => {
    // Written past the engine: one short of the limit, by ids of relations that nobody reads.
    const ids = Array.from({ length: limits.LINKS_PER_EXPERIENCE_MAX - 1 }, (_unused, n) => uuidBytes(idOf(n + 100)))
    const key = linksKey(graph.scope, link, one)
    await graph.engine.store.write([{ key, value: concatBytes(...ids) }], { sync: true })
    const relate = async (other: number) => (field === 'source' ? graph.relate(1, other) : graph.relate(other, 1))
    await relate(2)
    const refused = await refusalOf(relate(3))
    expect([refused.code, refused.details]).toEqual([
      'TOO_MANY_ITEMS',
      { field, count: limits.LINKS_PER_EXPERIENCE_MAX + 1, limit: limits.LINKS_PER_EXPERIENCE_MAX },
    ])
    // The other side of the same experience, and others, have room.
    await (field === 'source' ? graph.relate(3, 1) : graph.relate(1, 3))
    await graph.relate(2, 3)
  })
})

describe('relation.delete', () => {
  test('it is gone with all that belonged to it, and once only', async () => {
    const before = await graph.tables()
    const stats = await graph.stats()
    const id = await graph.relate(1, 2, { metadata: 'm' })
    expect(await graph.stats()).toMatchObject({ relationCount: 1 })
    await graph.call('relation.delete', { id })
    expect((await graph.call('relation.get', { id })).relation).toBeUndefined()
    expect(await graph.stats()).toEqual(stats)
    // Left are two rows of the journal.
    expect(await graph.tables()).toEqual({ ...before, 5: (before[5] as number) + 2, 6: (await graph.tables())[6] })
    expect((await refusalOf(graph.call('relation.delete', { id }))).details).toEqual({ entity: 'relation', id })
    expect((await graph.journal()).slice(-2)).toEqual([`relation created ${id}`, `relation deleted ${id}`])
  })

  test('of others, and of other lists, nothing is lost', async () => {
    const ids = [await graph.relate(1, 2), await graph.relate(1, 3), await graph.relate(3, 2), await graph.relate(2, 1)]
    await graph.call('relation.delete', { id: ids[1] })
    expect((await graph.relations()).map(({ id }) => id)).toEqual([ids[0], ids[2], ids[3]])
    const { items } = await graph.call('relation.related', { id: one })
    expect((items as { relation: { id: string } }[]).map(({ relation }) => relation.id)).toEqual([ids[0], ids[3]])
  })

  test('P10 in no such collective', async () => {
    const refused = await refusalOf(graph.call('relation.delete', { collective: idOf(9), id: idOf(8) }))
    expect(refused.details).toEqual({ entity: 'collective', id: idOf(9) })
  })
})
