/** How experiences bear on one another: relations, and what hangs on them. */
import { limits, relationTypes, type Relation } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { RelationInput } from '../inputs.ts'
import { allPages, expectRefusal, givenId, idsOf, recorded, refusal, relation } from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

/** Two experiences and a relation from the first to the second. */
const related = async (hive: CollectiveHandle, fields: Partial<RelationInput> = {}) => {
  const [from, to] = (await recorded(hive, 2)) as [string, string]
  const { id } = await hive.relate(relation(from, to, fields))
  return { from, to, id }
}

const everyRelation = async (hive: CollectiveHandle, limit = 1000): Promise<readonly Relation[]> =>
  allPages(async (cursor) => hive.relations({ limit, cursor }))

export const relationsContract = (open: OpenStore): void => {
  describe('relations', () => {
    const store = sharedStore(open)

    it('test_store_and_get_relation: every field comes back, numbers in single precision', async () => {
      const hive = await store.collective()
      const [source, target] = (await recorded(hive, 2)) as [string, string]
      const before = Date.now() - 60_000
      const given = { source, target, type: 'contradicts', strength: 0.7, metadata: '{"by": "ana"}' } as const
      const { id, token } = await hive.relate(given)
      const found = await hive.getRelation(id, { token })
      expect(found).toEqual({
        ...{ ...given, id, collective: hive.id, strength: Math.fround(0.7) },
        createdAt: expect.any(Number) as number,
      })
      expect(found!.createdAt).toBeGreaterThan(before)
      expect((await hive.relations()).items).toEqual([found])
    })

    it('a relation of the least: strength 1, no metadata', async () => {
      const hive = await store.collective()
      const { id } = await related(hive)
      const found = await hive.getRelation(id)
      expect(found).toMatchObject({ type: 'supports', strength: 1 })
      expect(found).not.toHaveProperty('metadata')
    })

    it('test_get_relation_nonexistent: undefined', async () => {
      expect(await (await store.collective()).getRelation(givenId(1))).toBeUndefined()
    })

    it('test_get_related_outgoing, test_get_related_incoming: seen from either end, and nowhere else', async () => {
      const hive = await store.collective()
      const { from, to, id } = await related(hive)
      const ends = async (end: string, direction: 'outgoing' | 'incoming') =>
        (await hive.related(end, { direction })).map((item) => [item.experience.id, item.relation.id])
      expect(await ends(from, 'outgoing')).toEqual([[to, id]])
      expect(await ends(to, 'incoming')).toEqual([[from, id]])
      expect([...(await ends(from, 'incoming')), ...(await ends(to, 'outgoing'))]).toEqual([])
      expect(await hive.related(givenId(99))).toEqual([])
    })

    it('test_get_related_both: outgoing first, then incoming, each oldest first; archived ends included', async () => {
      const hive = await store.collective()
      const [middle, ...others] = (await recorded(hive, 5)) as [string, string, string, string, string]
      const [a, b, c, d] = others
      const relate = async (source: string, target: string) => (await hive.relate(relation(source, target))).id
      const ids = [await relate(a, middle), await relate(middle, b), await relate(c, middle), await relate(middle, d)]
      await hive.archive(b)
      const found = await hive.related(middle)
      expect(found.map((item) => item.relation.id)).toEqual([ids[1], ids[3], ids[0], ids[2]])
      expect(found.map((item) => item.experience.id)).toEqual([b, d, a, c])
      expect(found[0]!.experience).toMatchObject({ archived: true })
      expect(found[0]!.experience).not.toHaveProperty('embedding')
      const [first] = await hive.related(middle, {}, { include: ['embedding'] })
      expect(first!.experience).toEqual(await hive.get(b))
    })

    it('test_relation_type_filter, test_relation_different_type_allowed: by type and strength', async () => {
      const hive = await store.collective()
      const [from, to] = (await recorded(hive, 2)) as [string, string]
      for (const [n, type] of relationTypes.entries())
        await hive.relate({ source: from, target: to, type, strength: n / 5 })
      const types = async (query: object) => (await hive.related(from, query)).map((item) => item.relation.type)
      expect(await types({})).toEqual(relationTypes)
      expect(await types({ type: 'implies' })).toEqual(['implies'])
      expect(await types({ minStrength: 0.6 })).toEqual(['supersedes', 'implies', 'relatedTo'])
      expect(await types({ type: 'supports', minStrength: 0.1 })).toEqual([])
    })

    it('all of 1,500 relations of one experience come, each once', async () => {
      const hive = await store.collective()
      const ids = [...(await recorded(hive, 1000)), ...(await recorded(hive, 501))]
      const [middle, ...others] = ids as [string, ...string[]]
      const [targets, sources] = [others.slice(0, 750), others.slice(750)]
      await hive.commit(targets.map((target) => ({ operation: 'relation.create', ...relation(middle, target) })))
      await hive.commit(sources.map((source) => ({ operation: 'relation.create', ...relation(source, middle) })))
      expect((await hive.related(middle)).map((item) => item.experience.id)).toEqual(others)
      expect((await hive.stats()).relationCount).toBe(1500)
    })

    it('test_delete_relation: gone from get, lists and both ends', async () => {
      const hive = await store.collective()
      const { from, to, id } = await related(hive)
      await hive.unrelate(id)
      expect(await hive.getRelation(id)).toBeUndefined()
      expect([...(await hive.related(from)), ...(await hive.related(to)), ...(await everyRelation(hive))]).toEqual([])
      const fault = await expectRefusal(hive.unrelate(id), 'NOT_FOUND')
      expect(fault.details.entity).toBe('relation')
      expect((await hive.relate(relation(from, to))).id).not.toBe(id)
    })

    it('test_relation_cascade_delete_experience: relations go with either end, the other end stays', async () => {
      const hive = await store.collective()
      const [a, b, c] = (await recorded(hive, 3)) as [string, string, string]
      await hive.relate(relation(a, b))
      await hive.relate(relation(b, a, { type: 'implies' }))
      const { id: kept } = await hive.relate(relation(a, c))
      await hive.delete(b)
      expect(idsOf(await everyRelation(hive))).toEqual([kept])
      expect((await hive.related(a)).map((item) => item.experience.id)).toEqual([c])
      expect(await hive.stats()).toMatchObject({ experienceCount: 2, relationCount: 1 })
    })

    it('test_collective_cascade_deletes_relations', async () => {
      const hive = await store.collective()
      await related(hive)
      await hive.deleteCollective()
      const anew = await store.waggle.createCollective({ id: hive.id, name: 'anew', dimension: DIMENSION })
      expect(await everyRelation(anew)).toEqual([])
      expect((await anew.stats()).relationCount).toBe(0)
    })

    it('test_duplicate_relation_rejected: the same ends and type, whatever its strength', async () => {
      const hive = await store.collective()
      const { from, to, id } = await related(hive)
      const fault = await expectRefusal(hive.relate(relation(from, to, { strength: 0.5 })), 'ALREADY_EXISTS', 'type')
      expect(fault.details).toMatchObject({ id, entity: 'relation' })
      await hive.relate(relation(to, from))
      expect(await everyRelation(hive)).toHaveLength(2)
    })

    it('of many that race for the same relation exactly one is created', async () => {
      const hive = await store.collective()
      const [from, to] = (await recorded(hive, 2)) as [string, string]
      const rivals = await Promise.allSettled(Array.from({ length: 20 }, () => hive.relate(relation(from, to))))
      expect(rivals.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const rival of rivals)
        if (rival.status === 'rejected') expect(rival.reason).toMatchObject({ code: 'ALREADY_EXISTS' })
      expect(await everyRelation(hive)).toHaveLength(1)
    })

    it('lists page by page, by cursor and by offset, oldest first', async () => {
      const hive = await store.collective()
      const [from, ...others] = (await recorded(hive, 8)) as [string, ...string[]]
      const ids: string[] = []
      for (const other of others) ids.push((await hive.relate(relation(from, other))).id)
      expect(idsOf(await everyRelation(hive, 3))).toEqual(ids)
      expect(idsOf((await hive.relations({ limit: 2, offset: 3 })).items)).toEqual(ids.slice(3, 5))
      expect((await hive.relations({ offset: 7 })).items).toEqual([])
      const { cursor } = await hive.relations({ limit: 1 })
      await expectRefusal(hive.relations({ cursor, offset: 1 }), 'INVALID_FIELD', 'offset')
      await expectRefusal(hive.list({ cursor }), 'INVALID_CURSOR', 'cursor')
    })

    it('P1 relations survive a restart', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: DIMENSION })
        const { from, id } = await related(hive, { metadata: 'why' })
        const before = await hive.getRelation(id)
        const again = await (await own.reopen()).collective('kept')
        expect(await again.getRelation(id)).toEqual(before)
        expect((await again.related(from)).map((item) => item.relation)).toEqual([before])
      })
    })
  })

  describe('bad relations', () => {
    const store = sharedStore(open)

    it.each<[string, object, string, string]>([
      ['test_self_relation_rejected', { target: givenId(1) }, 'INVALID_FIELD', 'target'],
      ['a strength above 1', { strength: 1.01 }, 'INVALID_FIELD', 'strength'],
      ['a strength below 0', { strength: -0.01 }, 'INVALID_FIELD', 'strength'],
      ['a strength that is no number', { strength: NaN }, 'INVALID_FIELD', 'strength'],
      ['metadata of 10,241 bytes', { metadata: 'x'.repeat(10_241) }, 'CONTENT_TOO_LARGE', 'metadata'],
      ['metadata that are no text', { metadata: { by: 'ana' } }, 'INVALID_FIELD', 'metadata'],
      ['an unknown type', { type: 'refutes' }, 'INVALID_FIELD', 'type'],
      ['no type', { type: undefined }, 'REQUIRED_FIELD', 'type'],
      ['no source', { source: undefined }, 'REQUIRED_FIELD', 'source'],
      ['a target that is no id', { target: 'x' }, 'INVALID_FIELD', 'target'],
      ['test_relation_nonexistent_source', { source: givenId(8) }, 'NOT_FOUND', 'source'],
      ['test_relation_nonexistent_target', { target: givenId(9) }, 'NOT_FOUND', 'target'],
      ['an unknown field', { weight: 1 }, 'UNKNOWN_FIELD', 'weight'],
      ['another collective', { collective: givenId(1) }, 'UNKNOWN_FIELD', 'collective'],
    ])('P10 %s is refused, and nothing is stored', async (_title, fields, code, field) => {
      const hive = await store.collective()
      const ends = [givenId(1), givenId(2)] as const
      await hive.recordMany(ends.map((id) => ({ id, content: 'an end', embedding: [1, 0, 0, 0] })))
      await expectRefusal(hive.relate({ ...relation(...ends), ...fields }), code, field)
      expect((await hive.stats()).relationCount).toBe(0)
      await hive.relate(relation(...ends, { strength: 0, metadata: 'x'.repeat(10_240) }))
    })

    it('P10 of several broken rules the published first one is named', async () => {
      const hive = await store.collective()
      const [a, b] = [givenId(11), givenId(12)]
      const metadata = 'x'.repeat(10_241)
      await expectRefusal(hive.relate(relation(a, a, { strength: 2, metadata })), 'INVALID_FIELD', 'target')
      await expectRefusal(hive.relate(relation(a, b, { strength: 2, metadata })), 'INVALID_FIELD', 'strength')
      await expectRefusal(hive.relate(relation(a, b, { metadata })), 'CONTENT_TOO_LARGE', 'metadata')
      await expectRefusal(hive.relate(relation(a, b)), 'NOT_FOUND', 'source')
      await hive.deleteCollective()
      await expectRefusal(hive.relate(relation(a, b, { metadata })), 'CONTENT_TOO_LARGE', 'metadata')
      expect((await refusal(hive.relate(relation(a, b)))).details.entity).toBe('collective')
    })

    it('P11 so many relations lead from one experience, and no more', async () => {
      const hive = await store.collective()
      const limit = limits.LINKS_PER_EXPERIENCE_MAX
      const ids = [...(await recorded(hive, 1000)), ...(await recorded(hive, limit - 1000 + 2))]
      const [from, last, ...others] = ids as [string, string, ...string[]]
      for (const part of [others.slice(0, 1000), others.slice(1000)])
        await hive.commit(part.map((target) => ({ operation: 'relation.create', ...relation(from, target) })))
      const fault = await expectRefusal(hive.relate(relation(from, last)), 'TOO_MANY_ITEMS', 'source')
      expect(fault.details.limit).toBe(limit)
      await hive.relate(relation(last, from))
    })

    it('P10 a given id is used, once', async () => {
      const hive = await store.collective()
      const { from, to, id } = await related(hive, { id: givenId(5) })
      expect(id).toBe(givenId(5))
      await expectRefusal(hive.relate(relation(to, from, { id })), 'ALREADY_EXISTS', 'id')
    })

    it('P12 test_cross_collective_rejected: an end in another collective is absent, and so is a relation', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      const [mine, theirs] = [(await recorded(left, 1))[0]!, await related(right)]
      await expectRefusal(left.relate(relation(mine, theirs.to)), 'NOT_FOUND', 'target')
      await expectRefusal(left.relate(relation(theirs.from, mine)), 'NOT_FOUND', 'source')
      expect(await left.getRelation(theirs.id)).toBeUndefined()
      expect([...(await left.related(theirs.from)), ...(await left.relations()).items]).toEqual([])
      await expectRefusal(left.unrelate(theirs.id), 'NOT_FOUND')
      expect(await right.getRelation(theirs.id)).toBeDefined()
    })

    it('P10 a query that names what the method fills in is refused', async () => {
      const hive = await store.collective()
      const { from } = await related(hive)
      for (const [name, value] of Object.entries({ id: from, limit: 5, cursor: 'x', collective: hive.id }))
        await expectRefusal(hive.related(from, { [name]: value }), 'UNKNOWN_FIELD', name)
    })
  })

  describe('paths', () => {
    const store = sharedStore(open)

    /** a → b → c → d, and a → d by another type; e apart. */
    const graph = async () => {
      const hive = await store.collective()
      const nodes = (await recorded(hive, 5)) as [string, string, string, string, string]
      const [a, b, c, d] = nodes
      const relate = async (source: string, target: string, fields: Partial<RelationInput> = {}) =>
        (await hive.relate(relation(source, target, fields))).id
      const ids = [await relate(a, b), await relate(b, c, { strength: 0.5 }), await relate(c, d)] as const
      return { hive, nodes, ids, direct: await relate(a, d, { type: 'contradicts' }) }
    }

    it('from one experience to another, shortest first, within types, strength and depth', async () => {
      const { hive, nodes, ids, direct } = await graph()
      const [a, b, c, d] = nodes
      const long = { experiences: [a, b, c, d], relations: ids }
      const paths = async (query: object) => {
        const found = await hive.paths({ from: a, to: d, ...query })
        expect(found.truncated).toBe(false)
        return found.paths.map((path) => ({ ...path, relations: idsOf(path.relations) }))
      }
      expect(await paths({})).toEqual([{ experiences: [a, d], relations: [direct] }, long])
      expect(await paths({ types: ['supports'] })).toEqual([long])
      expect(await paths({ types: ['supports'], maxDepth: 2 })).toEqual([])
      expect(await paths({ types: ['supports'], minStrength: 0.6 })).toEqual([])
      expect(await paths({ from: d, to: a })).toEqual([])
      expect(await paths({ from: d, to: a, direction: 'incoming', types: ['supports'] })).toEqual([
        { experiences: [d, c, b, a], relations: ids.toReversed() },
      ])
    })

    it('without an end: one shortest path to each that can be reached', async () => {
      const { hive, nodes } = await graph()
      const [a, b, c, d] = nodes
      const { paths } = await hive.paths({ from: a })
      expect(paths.map(({ experiences }) => experiences)).toEqual([
        [a, b],
        [a, d],
        [a, b, c],
      ])
    })

    it('P11 a limit or a budget ends the search, and it says so', async () => {
      const { hive, nodes } = await graph()
      const { paths, truncated } = await hive.paths({ from: nodes[0], limit: 1 })
      expect([paths.length, truncated]).toEqual([1, true])
      expect((await hive.paths({ from: nodes[0], budget: 1 })).truncated).toBe(true)
      expect(await hive.paths({ from: nodes[4] })).toEqual({ paths: [], truncated: false })
    })

    it('P11 a cycle has an end', async () => {
      const hive = await store.collective()
      const ids = await recorded(hive, 4)
      for (const [n, id] of ids.entries()) await hive.relate(relation(id, ids[(n + 1) % 4]!))
      const { paths, truncated } = await hive.paths({ from: ids[0]!, maxDepth: 8 })
      expect([paths.map(({ experiences }) => experiences.at(-1)), truncated]).toEqual([ids.slice(1), false])
    })

    it.each<[string, object, string]>([
      ['no start', { from: undefined }, 'from'],
      ['depth 0', { maxDepth: 0 }, 'maxDepth'],
      ['depth 9', { maxDepth: 9 }, 'maxDepth'],
      ['limit 0', { limit: 0 }, 'limit'],
      ['budget 0', { budget: 0 }, 'budget'],
      ['budget 10,001', { budget: 10_001 }, 'budget'],
      ['an unknown type', { types: ['refutes'] }, 'types[0]'],
      ['an unknown direction', { direction: 'up' }, 'direction'],
    ])('P10 %s is refused', async (_title, fields, field) => {
      const hive = await store.collective()
      const fault = await refusal(hive.paths({ from: givenId(1), ...fields }))
      expect([fault.kind, fault.details.field]).toEqual(['invalid', field])
    })
  })
}
