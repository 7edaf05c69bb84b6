/** Several writes of one collective: all or none, each seeing those before it (P3). */
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { BatchCommandInput } from '../inputs.ts'
import {
  everything,
  experience,
  expectRefusal,
  givenId,
  idsOf,
  insight,
  noStats,
  recorded,
  relation,
} from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

const record = (id: string, content = `record ${id}`): BatchCommandInput => ({
  operation: 'experience.record',
  ...experience({ id, content }),
})

const contents = async (hive: CollectiveHandle): Promise<unknown> => [
  await everything(hive),
  (await hive.relations({ limit: 1000 })).items,
  (await hive.listInsights({ limit: 1000 })).items,
  await hive.stats(),
]

export const batchContract = (open: OpenStore): void => {
  describe('batches', () => {
    const store = sharedStore(open)

    it('P3 records, relates and concludes in one go; each command answers as it does alone', async () => {
      const hive = await store.collective()
      const [there, doomed] = (await recorded(hive, 2)) as [string, string]
      const { results, token } = await hive.commit([
        { operation: 'experience.record', ...experience({ id: givenId(1) }) },
        { operation: 'experience.record', ...experience() },
        { operation: 'relation.create', ...relation(givenId(1), there) },
        { operation: 'insight.store', ...insight([givenId(1), there]) },
        { operation: 'experience.update', id: there, patch: { importance: 1 }, ifVersion: 1 },
        { operation: 'experience.archive', id: givenId(1) },
        { operation: 'experience.unarchive', id: givenId(1) },
        { operation: 'experience.reinforce', id: there },
        { operation: 'experience.delete', id: doomed },
      ])
      const [given, made, related, concluded, updated, archived, shown, reinforced, deleted] = results
      expect([given, updated, archived, shown, reinforced, deleted]).toEqual([
        ...[{ id: givenId(1) }, { version: 2 }, { version: 2 }, { version: 3 }, { applications: 1, version: 3 }, {}],
      ])
      expect(await hive.get(made.id, { token })).toMatchObject({ version: 1 })
      expect(await hive.getRelation(related.id)).toMatchObject({ source: givenId(1), target: there })
      expect(await hive.getInsight(concluded.id)).toMatchObject({ sources: [givenId(1), there], stale: false })
      expect(await hive.stats()).toMatchObject({ experienceCount: 3, relationCount: 1, insightCount: 1 })
    })

    it('order counts: a record that the batch deletes takes along what the batch hung on it', async () => {
      const hive = await store.collective()
      await hive.commit([
        record(givenId(1)),
        record(givenId(2)),
        { operation: 'relation.create', ...relation(givenId(1), givenId(2)) },
        { operation: 'insight.store', ...insight([givenId(1), givenId(2)], { id: givenId(3) }) },
        { operation: 'experience.delete', id: givenId(2) },
      ])
      expect(await hive.getInsight(givenId(3))).toMatchObject({ stale: true, lostSources: [givenId(2)] })
      expect(await hive.stats()).toMatchObject({ experienceCount: 1, relationCount: 0, insightCount: 1 })
    })

    it('what one commit recorded is listed in the order of its commands', async () => {
      const hive = await store.collective()
      const { results } = await hive.commit(
        Array.from({ length: 20 }, () => ({ operation: 'experience.record' as const, ...experience() })),
      )
      expect(idsOf(await everything(hive))).toEqual(results.map(({ id }) => id))
    })

    it('of no commands is one that does nothing', async () => {
      const hive = await store.collective()
      const { results, token } = await hive.commit([])
      expect([results, typeof token]).toEqual([[], 'string'])
      expect(await hive.stats()).toEqual(noStats)
    })

    it('missing embeddings of records and insights are made by the embedder', async () => {
      const hive = await store.collective({ dimension: 64, embedder: 'hashing' })
      const content = 'the ledger locks at noon'
      const { results } = await hive.commit([
        { operation: 'experience.record', id: givenId(1), content },
        { operation: 'insight.store', content, sources: [givenId(1)], type: 'pattern' },
      ])
      const found = await hive.get(results[0].id)
      expect((await hive.getInsight(results[1].id))!.embedding).toEqual(found!.embedding)
      expect((await hive.search({ text: content })).results[0]!.similarity).toBeCloseTo(1, 5)
    })

    it.each<[string, BatchCommandInput, string, string]>([
      ['a record of bad fields', { ...record(givenId(5)), importance: 2 } as never, 'INVALID_FIELD', 'importance'],
      ['an id that is taken', record(givenId(1)), 'ALREADY_EXISTS', 'id'],
      ['an id that the batch has given', record(givenId(6)), 'ALREADY_EXISTS', 'id'],
      [
        'an outdated version',
        { operation: 'experience.update', id: givenId(1), patch: {}, ifVersion: 7 },
        ...(['VERSION_MISMATCH', 'ifVersion'] as const),
      ],
      [
        'a relation to itself',
        { operation: 'relation.create', ...relation(givenId(1), givenId(1)) },
        ...(['INVALID_FIELD', 'target'] as const),
      ],
      [
        'a relation to nothing',
        { operation: 'relation.create', ...relation(givenId(1), givenId(9)) },
        ...(['NOT_FOUND', 'target'] as const),
      ],
      [
        'an insight of nothing',
        { operation: 'insight.store', ...insight([givenId(9)]) },
        ...(['NOT_FOUND', 'sources[0]'] as const),
      ],
      ['an operation that no batch takes', { operation: 'collective.delete' } as never, 'INVALID_FIELD', 'operation'],
      ['no operation', { id: givenId(1) } as never, 'INVALID_FIELD', 'operation'],
      ['a field of another', { ...record(givenId(5)), patch: {} } as never, 'UNKNOWN_FIELD', 'patch'],
      ['a collective', { ...record(givenId(5)), collective: givenId(5) } as never, 'UNKNOWN_FIELD', 'collective'],
    ])('P3 %s refuses all of it, and the fault names the command', async (_title, command, code, field) => {
      const hive = await store.collective()
      await hive.record(experience({ id: givenId(1) }))
      const before = await contents(hive)
      const commands = [record(givenId(6)), { operation: 'experience.reinforce', id: givenId(1) } as const, command]
      await expectRefusal(hive.commit([...commands, record(givenId(7))]), code, `commands[2].${field}`)
      expect(await contents(hive)).toEqual(before)
      expect((await hive.search({ embedding: [1, 0, 0, 0] })).results).toHaveLength(1)
    })

    it('P3 a command on what is not there names its place', async () => {
      const hive = await store.collective()
      const missing = { operation: 'experience.delete', id: givenId(9) } as const
      await expectRefusal(hive.commit([record(givenId(1)), missing]), 'NOT_FOUND', 'commands[1]')
      expect(await hive.stats()).toEqual(noStats)
    })

    it('P2 the same key gives the same ids, whatever happened since', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: DIMENSION })
        const options = { idempotencyKey: 'batch 1' }
        const commands: readonly BatchCommandInput[] = [
          { operation: 'experience.record', ...experience() },
          { operation: 'experience.record', ...experience() },
        ]
        const first = await hive.commit(commands, options)
        const [one, two] = first.results as readonly { id: string }[]
        expect(one!.id).not.toBe(two!.id)
        await hive.delete(two!.id)
        expect(await hive.commit(commands, options)).toEqual(first)
        const again = await (await own.reopen()).collective('kept')
        expect(await again.commit(commands, options)).toEqual(first)
        expect((await again.stats()).experienceCount).toBe(1)
        await expectRefusal(again.commit(commands.slice(1), options), 'IDEMPOTENCY_KEY_REUSED', 'idempotencyKey')
      })
    })

    it('P10 at most 1000 commands, in a list', async () => {
      const hive = await store.collective()
      const commands = Array.from({ length: 1001 }, (_, n) => record(givenId(n), 'x'))
      await expectRefusal(hive.commit(commands), 'TOO_MANY_ITEMS', 'commands')
      await expectRefusal(hive.commit({} as never), 'INVALID_FIELD', 'commands')
      await hive.commit(commands.slice(1))
      expect((await hive.stats()).experienceCount).toBe(1000)
    })

    it('P12 what stands in another collective is absent', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      const [theirs] = await recorded(right, 1)
      const update = { operation: 'experience.update', id: theirs!, patch: { importance: 1 } } as const
      await expectRefusal(left.commit([record(givenId(1)), update]), 'NOT_FOUND', 'commands[1]')
      expect(await left.stats()).toEqual(noStats)
      expect(await right.get(theirs!)).toMatchObject({ importance: 0.5 })
    })

    it('P3 a batch of megabytes, which travels in parts, is seen whole or not at all', async () => {
      const hive = await store.collective()
      const ids = Array.from({ length: 40 }, (_, n) => givenId(n))
      const odd: number[] = []
      let isOver = false
      const watch = async () => {
        while (!isOver) {
          const { experienceCount, relationCount } = await hive.stats()
          if (experienceCount % 40 !== 0 || relationCount % 39 !== 0) odd.push(experienceCount)
        }
      }
      const watching = watch()
      await hive
        .commit([
          ...ids.map((id) => record(id, 'x'.repeat(100_000))),
          ...ids.slice(1).map((id) => ({ operation: 'relation.create' as const, ...relation(ids[0]!, id) })),
        ])
        .finally(() => {
          isOver = true
        })
      await watching
      expect(odd).toEqual([])
      expect(await hive.stats()).toMatchObject({ experienceCount: 40, relationCount: 39 })
    })
  })
}
