/** Putting an export back: with the fields that the server owns, and without doubling what is there. */
import type { Experience } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { RestoreInput } from '../inputs.ts'
import {
  everything,
  experience,
  exported,
  expectRefusal,
  givenId,
  idsOf,
  insight,
  recorded,
  relation,
  typesByKind,
} from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

/** An experience as an export holds it: all of it but the collective, which is another one where it is restored. */
const exportOf = ({ collective: _, ...fields }: Experience): RestoreInput => ({
  ...fields,
  embedding: fields.embedding ?? [],
})

/** All that a collective holds, as an export has it. */
const wholeExport = async (hive: CollectiveHandle) => ({
  experiences: (await everything(hive)).map(exportOf),
  relations: (await hive.relations({ limit: 1000 })).items.map(({ collective: _, ...fields }) => fields),
  insights: (await hive.listInsights({ limit: 1000, include: ['embedding'] })).items.map(
    ({ collective: _, stale: _stale, embedding = new Float32Array(0), ...fields }) => ({ ...fields, embedding }),
  ),
})

const whole = exported(givenId(1), {
  type: typesByKind.solution,
  importance: 0.9,
  domain: ['a', 'b'],
  relatedFiles: ['f.ts'],
  sourceAgent: 'agent-7',
  sourceTask: 'task-7',
  applications: 3,
  createdAt: 1000,
  lastReinforced: 2000,
  archived: true,
  version: 9,
})

export const restoreContract = (open: OpenStore): void => {
  describe('restore', () => {
    const store = sharedStore(open)

    it('every field comes back as it was exported, those of the server too', async () => {
      const hive = await store.collective()
      const { restored, existing } = await hive.restore([whole])
      expect([restored, existing]).toEqual([1, 0])
      expect(await hive.get(whole.id)).toEqual({
        ...whole,
        collective: hive.id,
        importance: Math.fround(0.9),
        embedding: Float32Array.from(whole.embedding),
      })
    })

    it('P2 what is there already, byte for byte, is counted and left alone', async () => {
      const hive = await store.collective()
      const batch = [whole, exported(givenId(2))]
      await hive.restore(batch)
      const before = await everything(hive)
      const { restored, existing } = await hive.restore([...batch, exported(givenId(3))])
      expect([restored, existing]).toEqual([1, 2])
      expect((await everything(hive)).filter(({ id }) => id !== givenId(3))).toEqual(before)
      expect((await hive.stats()).experienceCount).toBe(3)
    })

    it.each<[string, Partial<RestoreInput>]>([
      ['content', { content: 'other' }],
      ['type', { type: { ...typesByKind.solution, worked: false } }],
      ['embedding', { embedding: [1, 0.5, 0, 0.25] }],
      ['importance', { importance: 0.8 }],
      ['domain', { domain: ['b', 'a'] }],
      ['relatedFiles', { relatedFiles: [] }],
      ['sourceAgent', { sourceAgent: 'agent-8' }],
      ['sourceTask', { sourceTask: 'task-8' }],
      ['applications', { applications: 4 }],
      ['createdAt', { createdAt: 1001 }],
      ['lastReinforced', { lastReinforced: 2001 }],
      ['archived', { archived: false }],
      ['version', { version: 8 }],
    ])(
      'P3 one that differs in %s is ALREADY_EXISTS, and nothing else of the request is restored',
      async (_name, fields) => {
        const hive = await store.collective()
        await hive.restore([whole])
        const before = await everything(hive)
        const batch = [exported(givenId(2)), { ...whole, ...fields }]
        await expectRefusal(hive.restore(batch), 'ALREADY_EXISTS', 'experiences[1].id')
        expect(await everything(hive)).toEqual(before)
      },
    )

    it('a task that was dropped or added is a difference too', async () => {
      const hive = await store.collective()
      const { sourceTask: _, ...without } = whole
      await hive.restore([whole, { ...without, id: givenId(2) as RestoreInput['id'] }])
      await expectRefusal(hive.restore([without]), 'ALREADY_EXISTS', 'experiences[0].id')
      const withTask = { ...whole, id: givenId(2) as RestoreInput['id'] }
      await expectRefusal(hive.restore([withTask]), 'ALREADY_EXISTS', 'experiences[0].id')
    })

    it('an id that the request holds twice is refused', async () => {
      const hive = await store.collective()
      await expectRefusal(hive.restore([whole, whole]), 'ALREADY_EXISTS', 'experiences[1].id')
      expect((await hive.stats()).experienceCount).toBe(0)
    })

    it('P8 an export that is restored elsewhere and exported again is the same export', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'from', dimension: DIMENSION })
        const ids: string[] = []
        for (const type of Object.values(typesByKind))
          ids.push((await hive.record(experience({ type, importance: 0.3, sourceTask: type.kind }))).id)
        await hive.archive(ids[0]!)
        for (let turn = 0; turn < 3; turn += 1) await hive.reinforce(ids[1]!)
        await hive.update(ids[2]!, { confidence: 0.1, domain: ['x'] })
        await hive.delete(ids[3]!)
        const copy = (await everything(hive)).map(exportOf)
        const to = await own.waggle.createCollective({ name: 'to', dimension: DIMENSION })
        // In two requests and against the order, which is one of time.
        await to.restore(copy.slice(4))
        await to.restore(copy.slice(0, 4))
        expect((await everything(to)).map(exportOf).toSorted(byId)).toEqual(copy.toSorted(byId))
        expect(await to.stats()).toMatchObject({ experienceCount: 8, archivedCount: 1 })
        const again = await (await own.reopen()).collective('to')
        expect((await again.restore(copy)).existing).toBe(8)
      })
    })

    it('a restored record goes on like any other: found, reinforced, changed, deleted', async () => {
      const hive = await store.collective()
      await hive.restore([whole])
      expect((await hive.reinforce(whole.id)).applications).toBe(4)
      expect((await hive.unarchive(whole.id)).version).toBe(11)
      const { results } = await hive.search({ embedding: whole.embedding })
      expect(idsOf(results.map((hit) => hit.experience))).toEqual([whole.id])
      await expectRefusal(hive.restore([whole]), 'ALREADY_EXISTS', 'experiences[0].id')
      await hive.delete(whole.id)
      expect((await hive.restore([whole])).restored).toBe(1)
    })

    it('P8 relations and insights come along, and the second export is the first', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'from', dimension: DIMENSION })
        const [a, b, gone] = (await recorded(hive, 3)) as [string, string, string]
        await hive.relate(relation(a, b, { strength: 0.3, metadata: 'why' }))
        await hive.relate(relation(b, a, { type: 'implies' }))
        await hive.storeInsight(insight([a, gone, b], { confidence: 0.7, domain: ['x'] }))
        await hive.storeInsight(insight([b]))
        await hive.delete(gone)
        const copy = await wholeExport(hive)
        const to = await own.waggle.createCollective({ name: 'to', dimension: DIMENSION })
        expect(await to.restore(copy)).toMatchObject({ restored: 6, existing: 0 })
        expect(await wholeExport(to)).toEqual(copy)
        expect(await to.restore(copy)).toMatchObject({ restored: 0, existing: 6 })
        expect(await to.stats()).toMatchObject({ experienceCount: 2, relationCount: 2, insightCount: 2 })
        const [stale] = copy.insights
        expect(await to.getInsight(stale!.id)).toMatchObject({ stale: true, lostSources: [gone] })
        expect((await to.related(a)).map((item) => item.experience.id)).toEqual([b, b])
        expect(await to.insights({ embedding: [1, 0, 0, 0] })).toHaveLength(2)
        // They hang on the experiences as the first ones do.
        await to.delete(b)
        expect(await to.stats()).toMatchObject({ relationCount: 0, insightCount: 2 })
        expect(await to.getInsight(stale!.id)).toMatchObject({ lostSources: [gone, b] })
      })
    })

    it('relations and insights may come after the experiences they hang on, in requests of their own', async () => {
      const hive = await store.collective()
      await hive.restore([exported(givenId(1)), exported(givenId(2))])
      const times = { createdAt: 1000, updatedAt: 2000 }
      const evidence = {
        ...insight([givenId(1)]),
        confidence: 0.5,
        domain: [],
        lostSources: [],
        ...times,
        id: givenId(4),
      }
      const link = { ...relation(givenId(1), givenId(2)), strength: 1, createdAt: 1000, id: givenId(3) }
      expect((await hive.restore({ relations: [link] as never })).restored).toBe(1)
      expect((await hive.restore({ insights: [evidence] as never })).restored).toBe(1)
      expect(await hive.getRelation(givenId(3))).toEqual({ ...link, collective: hive.id })
      expect(await hive.getInsight(givenId(4))).toMatchObject({ ...times, sources: [givenId(1)], stale: false })
      const other = { ...link, strength: 0.5 }
      await expectRefusal(hive.restore({ relations: [other] as never }), 'ALREADY_EXISTS', 'relations[0].id')
      const changed = { ...evidence, content: 'other' }
      await expectRefusal(hive.restore({ insights: [changed] as never }), 'ALREADY_EXISTS', 'insights[0].id')
    })

    it('P3 one that hangs on nothing refuses the request, and names its place', async () => {
      const hive = await store.collective()
      const link = { ...relation(givenId(1), givenId(2)), strength: 1, createdAt: 1000, id: givenId(3) }
      const batch = { experiences: [exported(givenId(1))], relations: [link] as never }
      await expectRefusal(hive.restore(batch), 'NOT_FOUND', 'relations[0].target')
      expect((await hive.stats()).experienceCount).toBe(0)
      await expectRefusal(hive.restore(null as never), 'INVALID_FIELD', 'experiences')
    })

    it('applications saturate at 2^32 - 1', async () => {
      const hive = await store.collective()
      await hive.restore([exported(givenId(1), { applications: 2 ** 32 - 2 })])
      expect((await hive.reinforce(givenId(1))).applications).toBe(2 ** 32 - 1)
      expect((await hive.reinforce(givenId(1))).applications).toBe(2 ** 32 - 1)
      expect((await hive.get(givenId(1)))?.applications).toBe(2 ** 32 - 1)
    })

    it.each<[string, object, string, string]>([
      ['no id', { id: undefined }, 'REQUIRED_FIELD', 'id'],
      ['no embedding', { embedding: undefined }, 'REQUIRED_FIELD', 'embedding'],
      ['no version', { version: undefined }, 'REQUIRED_FIELD', 'version'],
      ['version 0', { version: 0 }, 'INVALID_FIELD', 'version'],
      ['a negative count', { applications: -1 }, 'INVALID_FIELD', 'applications'],
      ['a count beyond 2^32 - 1', { applications: 2 ** 32 }, 'INVALID_FIELD', 'applications'],
      ['a time before 1970', { createdAt: -1 }, 'INVALID_FIELD', 'createdAt'],
      ['a time after the year 9999', { lastReinforced: 253_402_300_800_000 }, 'INVALID_FIELD', 'lastReinforced'],
      ['a flag that is none', { archived: 1 }, 'INVALID_FIELD', 'archived'],
      ['a collective', { collective: givenId(3) }, 'UNKNOWN_FIELD', 'collective'],
    ])('P10 a record with %s is refused', async (_title, fields, code, field) => {
      const hive = await store.collective()
      const record = { ...whole, ...fields }
      await expectRefusal(hive.restore([exported(givenId(2)), record]), code, `experiences[1].${field}`)
      expect((await hive.stats()).experienceCount).toBe(0)
    })

    it('P10 at most 1000 at once', async () => {
      const hive = await store.collective()
      const batch = Array.from({ length: 1000 }, (_, n) => exported(givenId(n)))
      await expectRefusal(hive.restore([...batch, exported(givenId(1000))]), 'TOO_MANY_ITEMS', 'experiences')
      expect((await hive.restore(batch)).restored).toBe(1000)
    })
  })
}

const byId = (left: RestoreInput, right: RestoreInput): number => (left.id < right.id ? -1 : 1)
