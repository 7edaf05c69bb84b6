/** Lists, pages, cursors and the newest records: in the order `(createdAt, sequence, index)`. */
import { decodeListCursor, encodeListCursor, type Generation } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { RestoreInput } from '../inputs.ts'
import { everything, experience, exported, expectRefusal, givenId, idsOf } from './samples.ts'
import { sharedStore, withStore, type OpenStore } from './store-under-test.ts'

const record = async (hive: CollectiveHandle, count: number): Promise<readonly string[]> =>
  (await hive.recordMany(Array.from({ length: count }, (_, n) => experience({ content: `number ${n}` })))).ids

export const listsContract = (open: OpenStore): void => {
  describe('lists', () => {
    const store = sharedStore(open)

    it('test_list_experiences_basic: oldest first, archived included, vectors when asked for', async () => {
      const hive = await store.collective()
      const ids = [...(await record(hive, 3)), ...(await record(hive, 2))]
      await hive.archive(ids[1]!)
      const { items, cursor } = await hive.list()
      expect([idsOf(items), cursor]).toEqual([ids, undefined])
      expect(items.map((item) => [item.archived, 'embedding' in item])).toEqual([
        [false, false],
        [true, false],
        [false, false],
        [false, false],
        [false, false],
      ])
      const found = await hive.getMany(ids, { include: ['embedding'] })
      expect((await hive.list({ include: ['embedding'] })).items).toEqual(found)
      expect((await hive.list({}, { include: ['embedding'] })).items).toEqual(found)
      expect(await hive.get(ids[0]!)).toEqual(found[0])
    })

    it('test_list_experiences_pagination: pages are disjoint and complete, and the last has no cursor', async () => {
      const hive = await store.collective()
      const ids = await record(hive, 10)
      const pages: (readonly string[])[] = []
      for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
        const page = await hive.list({ limit: 3, cursor })
        pages.push(idsOf(page.items))
        cursor = page.cursor
      }
      expect(pages).toEqual([ids.slice(0, 3), ids.slice(3, 6), ids.slice(6, 9), ids.slice(9)])
    })

    it('a page that ends with the last record has no cursor; nothing is listed of nothing', async () => {
      const hive = await store.collective()
      expect(await hive.list()).toEqual({ items: [] })
      await record(hive, 4)
      expect((await hive.list({ limit: 4 })).cursor).toBeUndefined()
      const { cursor } = await hive.list({ limit: 2 })
      expect((await hive.list({ limit: 2, cursor })).cursor).toBeUndefined()
    })

    it('a page is 100 records when no limit is given', async () => {
      const hive = await store.collective()
      await record(hive, 101)
      const { items, cursor } = await hive.list()
      expect([items.length, cursor === undefined]).toEqual([100, false])
    })

    it.each([0, -1, 1.5, 1001, NaN, Infinity])(
      'P10 test_recent_invalid_limit_zero, test_recent_invalid_limit_too_large: limit %d is refused',
      async (limit) => {
        const hive = await store.collective()
        const fault = await expectRefusal(hive.list({ limit }), 'INVALID_FIELD', 'limit')
        expect(fault.details).toMatchObject({ min: 1, max: 1000 })
        await expectRefusal(hive.recent({ limit }), 'INVALID_FIELD', 'limit')
      },
    )

    it('test_recent_limit_boundary_1000: limits of 1 and 1000 are accepted, and kept', async () => {
      const hive = await store.collective()
      await record(hive, 1000)
      await record(hive, 1)
      for (const limit of [1, 1000]) {
        expect((await hive.list({ limit })).items).toHaveLength(limit)
        expect(await hive.recent({ limit })).toHaveLength(limit)
      }
    })

    it('a large page ends early, with a cursor, and nothing is lost over the pages', async () => {
      const hive = await store.collective()
      const content = 'x'.repeat(100_000)
      const ids: string[] = []
      for (let turn = 0; turn < 2; turn += 1)
        ids.push(...(await hive.recordMany(Array.from({ length: 30 }, () => experience({ content })))).ids)
      const { items, cursor } = await hive.list({ limit: 1000 })
      expect(items.length).toBeLessThan(60)
      expect(cursor).toBeDefined()
      expect(idsOf(await everything(hive))).toEqual(ids)
    })

    it('P6 what is there throughout is listed once and in order while records come and go', async () => {
      const hive = await store.collective()
      const ids = await record(hive, 60)
      const doomed = new Set(ids.filter((_, n) => n % 3 === 0))
      const kept = ids.filter((id) => !doomed.has(id))
      const deleteDoomed = async (id: string | undefined): Promise<void> => {
        if (id !== undefined && doomed.delete(id)) await hive.delete(id)
      }
      const added: string[] = []
      const seen: string[] = []
      for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
        const page = await hive.list({ limit: 5, cursor })
        seen.push(...idsOf(page.items))
        cursor = page.cursor
        await deleteDoomed([...doomed].at(-1))
        // The record that the cursor stands on goes too.
        await deleteDoomed(page.items.at(-1)?.id)
        if (added.length < 10) added.push((await hive.record(experience())).id)
      }
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen.filter((id) => kept.includes(id))).toEqual(kept)
      expect(seen.filter((id) => added.includes(id))).toEqual(added)
    })

    it('order is (createdAt, sequence, index), whenever a record came: a property over restored records', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 8 }), { maxLength: 4 }),
          fc.integer({ min: 1, max: 7 }),
          async (batches, limit) => {
            const hive = await store.collective()
            const all: RestoreInput[] = []
            for (const times of batches) {
              const batch = times.map((createdAt, n) => exported(givenId(all.length + n), { createdAt }))
              await hive.restore(batch)
              all.push(...batch)
            }
            const ordered = idsOf(all.toSorted((left, right) => left.createdAt - right.createdAt))
            expect(idsOf(await everything(hive, { limit }))).toEqual(ordered)
            expect(idsOf(await hive.recent({ limit: 1000 }))).toEqual(ordered.toReversed())
          },
        ),
        { numRuns: 15 },
      )
    })
  })

  describe('cursors', () => {
    const store = sharedStore(open)

    const cursorOf = async (hive: CollectiveHandle): Promise<string> => {
      await record(hive, 3)
      return (await hive.list({ limit: 1 })).cursor!
    }

    it('P10 a damaged cursor is INVALID_CURSOR, wherever it is damaged', async () => {
      const hive = await store.collective()
      const cursor = await cursorOf(hive)
      const swapped = (at: number) => cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1)
      const damaged = [...cursor].map((_, at) => swapped(at))
      const others = ['', 'x', cursor.slice(0, -1), `${cursor}A`, `${cursor}=`, ` ${cursor}`, cursor.toLowerCase()]
      for (const text of [...damaged, ...others])
        await expectRefusal(hive.list({ cursor: text }), 'INVALID_CURSOR', 'cursor')
      await expectRefusal(hive.list({ cursor: 'x'.repeat(201) }), 'CONTENT_TOO_LARGE', 'cursor')
    })

    it('P10 a token is no cursor, and a cursor no token', async () => {
      const hive = await store.collective()
      const cursor = await cursorOf(hive)
      const { token } = await hive.record(experience())
      await expectRefusal(hive.list({ cursor: token }), 'INVALID_CURSOR', 'cursor')
      await expectRefusal(hive.list({}, { token: cursor }), 'INVALID_TOKEN', 'token')
    })

    it('a cursor of another life of the store is GENERATION_CHANGED, and the session keeps its token', async () => {
      const hive = await store.collective()
      const cursor = decodeListCursor(await cursorOf(hive))
      const foreign = encodeListCursor({ ...cursor, generation: '00000000000000aa' as Generation })
      const fault = await expectRefusal(hive.list({ cursor: foreign }), 'GENERATION_CHANGED', 'cursor')
      expect(fault.kind).toBe('lost')
      expect((await hive.list()).items).toHaveLength(3)
    })

    it('a cursor outlives the record that it names, and a restart', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: 4 })
        const ids = await record(hive, 5)
        const { cursor } = await hive.list({ limit: 2 })
        await hive.delete(ids[1]!)
        const again = await (await own.reopen()).collective('kept')
        expect(idsOf((await again.list({ cursor })).items)).toEqual(ids.slice(2))
      })
    })
  })

  describe('recent', () => {
    const store = sharedStore(open)

    it('test_get_recent_ordered_by_time: the exact reverse of the order of recording', async () => {
      const hive = await store.collective()
      const ids: string[] = []
      for (let n = 0; n < 5; n += 1) ids.push((await hive.record(experience())).id)
      ids.push(...(await record(hive, 5)))
      expect(idsOf(await hive.recent({ limit: 100 }))).toEqual(ids.toReversed())
    })

    it('test_recent_respects_limit: 3 of 12, 10 when none is given, all of them when there are fewer', async () => {
      const hive = await store.collective()
      const newestFirst = (await record(hive, 12)).toReversed()
      expect(idsOf(await hive.recent({ limit: 3 }))).toEqual(newestFirst.slice(0, 3))
      expect(idsOf(await hive.recent())).toEqual(newestFirst.slice(0, 10))
      expect(idsOf(await hive.recent({ limit: 100 }))).toEqual(newestFirst)
    })

    it('test_recent_excludes_archived, test_recent_includes_archived_when_filter_allows', async () => {
      const hive = await store.collective()
      const ids = await record(hive, 5)
      await hive.archive(ids[0]!)
      await hive.archive(ids[3]!)
      expect(idsOf(await hive.recent())).toEqual([ids[4], ids[2], ids[1]])
      expect(idsOf(await hive.recent({ filter: { includeArchived: true } }))).toEqual(ids.toReversed())
      await hive.unarchive(ids[3]!)
      expect(idsOf(await hive.recent())).toEqual([ids[4], ids[3], ids[2], ids[1]])
    })

    it('as many as are asked for when so many match, however many do not', async () => {
      const hive = await store.collective()
      const wanted = (await hive.record(experience({ domain: ['wanted'] }))).id
      await record(hive, 300)
      expect(idsOf(await hive.recent({ limit: 1, filter: { domains: ['wanted'] } }))).toEqual([wanted])
    })

    it('test_recent_empty_collective: nothing of nothing; vectors come when they are asked for', async () => {
      const hive = await store.collective()
      expect(await hive.recent()).toEqual([])
      const { id } = await hive.record(experience())
      const found = await hive.get(id)
      expect(await hive.recent({ include: ['embedding'] })).toEqual([found])
      expect(await hive.recent({}, { include: ['embedding'] })).toEqual([found])
      expect((await hive.recent())[0]).not.toHaveProperty('embedding')
    })

    it('test_recent_collective_not_found: NOT_FOUND', async () => {
      const hive = await store.collective()
      await hive.deleteCollective()
      await expectRefusal(hive.recent(), 'NOT_FOUND')
    })

    it('test_recent_collective_isolation: separate lists', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      const [leftIds, rightIds] = [await record(left, 2), await record(right, 3)]
      expect(idsOf(await left.recent())).toEqual(leftIds.toReversed())
      expect(idsOf(await right.recent())).toEqual(rightIds.toReversed())
    })
  })
}
