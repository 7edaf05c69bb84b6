/** The changes of a collective: every one, in order, once (P6). */
import {
  decodeWatchCursor,
  encodeWatchCursor,
  type Change,
  type ChangeEntity,
  type ChangeKind,
  type Generation,
} from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { ChangeFilterInput } from '../inputs.ts'
import { experience, expectRefusal, givenId, idsOf, insight, recorded, relation, typesByKind } from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

/** All changes from a place to the present. */
const changesFrom = async (
  hive: CollectiveHandle,
  from = 'start',
  query: { readonly filter?: ChangeFilterInput; readonly max?: number; readonly include?: readonly 'embedding'[] } = {},
): Promise<readonly Change[]> => {
  const all: Change[] = []
  for (let place = from; ;) {
    const { changes, next, lost } = await hive.poll({ ...query, from: place })
    expect(lost).toBeUndefined()
    if (changes.length === 0) return all
    all.push(...changes)
    place = next
  }
}

/** The place that a watcher stands at who has seen everything. */
const present = async (hive: CollectiveHandle): Promise<string> => (await hive.poll()).next

/** The next so many changes of a watch, which ends then. */
const take = async (watch: AsyncIterable<Change>, count: number): Promise<readonly Change[]> => {
  const taken: Change[] = []
  for await (const change of watch) if (taken.push(change) === count) break
  return taken
}

const said = ({ kind, entity, id }: Change): string => `${kind} ${entity} ${id}`

interface Told {
  readonly title: string
  readonly kind: ChangeKind
  readonly entity: ChangeEntity
  /** Makes the change, and says whose it is. */
  readonly change: (hive: CollectiveHandle) => Promise<string>
}

const there = givenId(1)
const related = givenId(2)
const concluded = givenId(3)

const withId = async (id: string, write: Promise<unknown>): Promise<string> => {
  await write
  return id
}

const told: readonly Told[] = [
  {
    ...{ title: 'test_record_experience_emits_created_event', kind: 'created', entity: 'experience' },
    change: async (hive) => (await hive.record(experience())).id,
  },
  {
    ...{ title: 'test_update_experience_emits_updated_event', kind: 'updated', entity: 'experience' },
    change: async (hive) => withId(there, hive.update(there, { importance: 1 })),
  },
  {
    ...{ title: 'test_archive_experience_emits_archived_event', kind: 'archived', entity: 'experience' },
    change: async (hive) => withId(there, hive.archive(there)),
  },
  {
    ...{ title: 'an update that archives', kind: 'archived', entity: 'experience' },
    change: async (hive) => withId(there, hive.update(there, { archived: true })),
  },
  {
    ...{ title: 'test_reinforce_experience_emits_updated_event', kind: 'updated', entity: 'experience' },
    change: async (hive) => withId(there, hive.reinforce(there)),
  },
  {
    ...{ title: 'relate', kind: 'created', entity: 'relation' },
    change: async (hive) => (await hive.relate(relation(there, givenId(4)))).id,
  },
  {
    ...{ title: 'unrelate', kind: 'deleted', entity: 'relation' },
    change: async (hive) => withId(related, hive.unrelate(related)),
  },
  {
    ...{ title: 'storeInsight', kind: 'created', entity: 'insight' },
    change: async (hive) => (await hive.storeInsight(insight([there]))).id,
  },
  {
    ...{ title: 'deleteInsight', kind: 'deleted', entity: 'insight' },
    change: async (hive) => withId(concluded, hive.deleteInsight(concluded)),
  },
  {
    ...{ title: 'updateCollective', kind: 'updated', entity: 'collective' },
    change: async (hive) => withId(hive.id, hive.updateCollective({ owner: 'ana' })),
  },
]

export const watchContract = (open: OpenStore): void => {
  describe('changes', () => {
    const store = sharedStore(open)

    const prepared = async (): Promise<CollectiveHandle> => {
      const hive = await store.collective()
      await hive.recordMany([there, givenId(4)].map((id) => experience({ id })))
      await hive.relate(relation(there, givenId(4), { type: 'implies', id: related }))
      await hive.storeInsight(insight([there], { id: concluded }))
      return hive
    }

    it.each(told.map((row): [string, Told] => [row.title, row]))(
      'P6 %s: told once, with what it is about',
      async (_title, { kind, entity, change }) => {
        const hive = await prepared()
        const from = await present(hive)
        const before = Date.now() - 60_000
        const id = await change(hive)
        const [seen, ...others] = await changesFrom(hive, from)
        expect([seen, others]).toMatchObject([{ kind, entity, id }, []])
        expect(seen!.time).toBeGreaterThan(before)
        // As it is now, without its vector unless that is asked for.
        if (entity !== 'experience') expect(seen).not.toHaveProperty('experience')
        else {
          const { embedding: _, ...found } = (await hive.get(id))!
          expect(seen!.experience).toEqual(found)
          const [whole] = await changesFrom(hive, from, { include: ['embedding'] })
          expect(whole!.experience).toEqual(await hive.get(id))
        }
      },
    )

    it('test_unarchive_experience_emits_updated_event, test_delete_experience_emits_deleted_event', async () => {
      const hive = await prepared()
      await hive.archive(there)
      const from = await present(hive)
      await hive.unarchive(there)
      await hive.delete(there)
      const [shown, ...gone] = await changesFrom(hive, from)
      expect(said(shown!)).toBe(`updated experience ${there}`)
      // What hung on it comes first.
      expect(gone.map(said)).toEqual([
        `deleted relation ${related}`,
        `updated insight ${concluded}`,
        `deleted experience ${there}`,
      ])
      // test_watch_event_none_on_delete
      for (const change of [shown!, ...gone]) expect(change).not.toHaveProperty('experience')
    })

    it('the first change of a collective is its creation', async () => {
      const hive = await store.collective()
      const [first] = await changesFrom(hive)
      expect(said(first!)).toBe(`created collective ${hive.id}`)
    })

    it('reads, refusals and repeated writes tell nothing', async () => {
      const hive = await prepared()
      const options = { idempotencyKey: 'once' }
      await hive.record(experience({ id: givenId(9) }), options)
      const from = await present(hive)
      await hive.record(experience({ id: givenId(9) }), options)
      await expectRefusal(hive.record(experience({ id: givenId(9) })), 'ALREADY_EXISTS', 'id')
      await hive.search({ embedding: [1, 0, 0, 0] })
      expect(await changesFrom(hive, from)).toEqual([])
    })

    it('P6 whoever goes on from any change sees exactly what came after it', async () => {
      const hive = await prepared()
      for (let n = 0; n < 5; n += 1) {
        const [id] = await recorded(hive, 3)
        await hive.archive(id!)
      }
      const all = await changesFrom(hive)
      for (const [n, { cursor }] of all.entries()) expect(await changesFrom(hive, cursor)).toEqual(all.slice(n + 1))
      for (const max of [1, 2, 7]) expect(await changesFrom(hive, 'start', { max })).toEqual(all)
    })

    it('P3 a reply ends behind a batch, however few changes are asked for', async () => {
      const hive = await store.collective()
      const from = await present(hive)
      const ids = await recorded(hive, 5)
      await recorded(hive, 1)
      const { changes, partial } = await hive.poll({ from, max: 2 })
      expect([idsOf(changes), partial]).toEqual([ids, undefined])
    })

    it('a filter judges what the change left, or what was there before it was deleted', async () => {
      const hive = await store.collective()
      const from = await present(hive)
      const record = async (fields: object) => (await hive.record(experience(fields))).id
      const plain = await record({})
      const tagged = await record({ domain: ['payments'], importance: 0.9, sourceAgent: 'scout' })
      const fact = await record({ type: typesByKind.fact })
      await hive.update(plain, { domain: ['payments'] })
      await hive.update(tagged, { domain: [] })
      await hive.delete(plain)
      await hive.archive(tagged)
      const { id: link } = await hive.relate(relation(tagged, fact))
      const seen = async (filter: ChangeFilterInput) => (await changesFrom(hive, from, { filter })).map(said)
      expect(await seen({ domains: ['payments'] })).toEqual([
        `created experience ${tagged}`,
        `updated experience ${plain}`,
        `deleted experience ${plain}`,
      ])
      expect(await seen({ minImportance: 0.7 })).toEqual([
        `created experience ${tagged}`,
        `updated experience ${tagged}`,
        `archived experience ${tagged}`,
      ])
      expect(await seen({ minImportance: 0.7, includeArchived: false })).toHaveLength(2)
      expect(await seen({ types: ['fact'] })).toEqual([`created experience ${fact}`])
      expect(await seen({ agents: ['scout'], kinds: ['created'] })).toEqual([`created experience ${tagged}`])
      expect(await seen({ entities: ['relation'] })).toEqual([`created relation ${link}`])
      expect(await seen({ kinds: ['deleted', 'archived'] })).toHaveLength(2)
      expect(await seen({ entities: [] })).toEqual([])
      expect(await seen({ since: new Date(Date.now() + 3_600_000), entities: ['experience'] })).toEqual([])
    })

    it('a poll that waits answers when something happens', async () => {
      const hive = await store.collective()
      const from = await present(hive)
      const waiting = hive.poll({ from }, { waitMs: 20_000 })
      const [id] = await recorded(hive, 1)
      const { changes } = await waiting
      expect(changes.map(said)).toEqual([`created experience ${id}`])
      expect((await hive.poll({ from: changes[0]!.cursor }, { waitMs: 30 })).changes).toEqual([])
    })

    it('P12 test_watch_isolates_collectives: nothing of another collective, and no cursor of it', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      const [from, other] = [await present(left), await present(right)]
      await recorded(right, 3)
      expect((await left.poll({ from }, { waitMs: 50 })).changes).toEqual([])
      await expectRefusal(left.poll({ from: other }), 'INVALID_CURSOR', 'from')
      await expectRefusal(take(left.watch({ from: other }), 1), 'INVALID_CURSOR', 'from')
    })

    it('a cursor of another life of the store, or of its collective, has lost what came after it', async () => {
      const hive = await store.collective()
      await recorded(hive, 2)
      const from = await present(hive)
      const foreign = encodeWatchCursor({
        ...decodeWatchCursor(from, 'from'),
        generation: '00000000000000aa' as Generation,
      })
      const { changes, next, lost } = await hive.poll({ from: foreign })
      expect([changes, lost]).toEqual([[], true])
      expect(await changesFrom(hive, next)).toEqual(await changesFrom(hive))
      const fault = await expectRefusal(take(hive.watch({ from: foreign }), 1), 'HISTORY_LOST', 'from')
      expect([fault.kind, fault.details.next]).toEqual(['lost', next])
      await hive.deleteCollective()
      const anew = await store.waggle.createCollective({ id: hive.id, name: 'anew', dimension: DIMENSION })
      expect(await anew.poll({ from })).toMatchObject({ changes: [], lost: true })
    })

    it('P10 what is no cursor is refused, wherever it is damaged', async () => {
      const hive = await store.collective()
      const cursor = await present(hive)
      const { token } = await hive.record(experience())
      const swapped = [...cursor].map(
        (_, at) => cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1),
      )
      for (const from of [...swapped, 'x', `${cursor}A`, cursor.slice(1), 'START', token])
        await expectRefusal(hive.poll({ from }), 'INVALID_CURSOR', 'from')
      await expectRefusal(hive.poll({ from: '' }), 'REQUIRED_FIELD', 'from')
    })

    it('P10 bounds and filters are judged', async () => {
      const hive = await store.collective()
      for (const max of [0, 1001]) await expectRefusal(hive.poll({ max }), 'INVALID_FIELD', 'max')
      for (const waitMs of [-1, 30_001]) await expectRefusal(hive.poll({}, { waitMs }), 'INVALID_FIELD', 'waitMs')
      const filter = (value: object) => hive.poll({ filter: value })
      await expectRefusal(filter({ entities: ['agent'] }), 'INVALID_FIELD', 'filter.entities[0]')
      await expectRefusal(filter({ kinds: ['renamed'] }), 'INVALID_FIELD', 'filter.kinds[0]')
      await expectRefusal(filter({ domain: ['x'] }), 'UNKNOWN_FIELD', 'filter.domain')
      await hive.deleteCollective()
      await expectRefusal(hive.poll(), 'NOT_FOUND')
    })
  })

  describe('watching', () => {
    const store = sharedStore(open)

    it('test_events_arrive_in_order, test_multiple_subscribers_all_receive_events: each sees all', async () => {
      const hive = await store.collective()
      const watches = [hive.watch(), hive.watch({ filter: { entities: ['experience'] } })]
      await Promise.all(watches.map(async ({ ready }) => ready))
      const taking = watches.map(async (watch) => take(watch, 3))
      const ids: string[] = []
      for (let n = 0; n < 3; n += 1) ids.push((await hive.record(experience())).id)
      for (const seen of await Promise.all(taking)) expect(seen.map(({ id }) => id)).toEqual(ids)
    })

    it('P6 replay and live are joined without gap or repeat, while many write', async () => {
      const hive = await store.collective()
      await recorded(hive, 50)
      const writers = Array.from({ length: 5 }, async (_, writer) => {
        for (let n = 0; n < 20; n += 1) await hive.record(experience({ content: `${writer}/${n}` }))
      })
      const seen = take(hive.watch({ from: 'start', filter: { entities: ['experience'] } }), 150)
      await Promise.all(writers)
      expect(idsOf(await seen)).toEqual(idsOf((await hive.list({ limit: 1000 })).items))
    })

    it('P6 whoever is cut off again and again, and goes on from the last change, misses nothing', async () => {
      const hive = await store.collective()
      const from = await present(hive)
      const seen: Change[] = []
      const writing = (async () => {
        for (let n = 0; n < 60; n += 1) await hive.record(experience())
      })()
      while (seen.length < 60) {
        const watch = hive.watch({ from: seen.at(-1)?.cursor ?? from })
        seen.push(...(await take(watch, Math.min(1 + (seen.length % 4), 60 - seen.length))))
      }
      await writing
      expect(idsOf(seen)).toEqual(idsOf((await hive.list({ limit: 1000 })).items))
    })

    it('aborting ends it without an error, also while it waits, and before it began', async () => {
      const hive = await store.collective()
      const [controller, seen] = [new AbortController(), [] as Change[]]
      const loop = (async () => {
        for await (const change of hive.watch({ signal: controller.signal })) {
          seen.push(change)
          setImmediate(() => {
            controller.abort()
          })
        }
      })()
      const watching = hive.watch()
      await watching.ready
      await hive.record(experience())
      await loop
      expect(seen).toHaveLength(1)
      for await (const change of hive.watch({ from: 'start', signal: AbortSignal.abort() })) expect(change).toBeNull()
      await watching.return()
      expect(await watching.next()).toEqual({ value: undefined, done: true })
    })

    it('test_subscriber_removed_on_stream_drop: whoever leaves the loop slows nobody', async () => {
      const hive = await store.collective()
      for await (const change of hive.watch({ from: 'start' })) {
        expect(change.entity).toBe('collective')
        break
      }
      await recorded(hive, 3)
      expect((await hive.stats()).experienceCount).toBe(3)
    })

    it('P11 test_buffer_full_graceful_degradation: who is slow misses nothing, and writers do not wait', async () => {
      const hive = await store.collective()
      const watch = hive.watch({ filter: { entities: ['experience'] } })
      await watch.ready
      const ids: string[] = []
      for (let n = 0; n < 30; n += 1) ids.push((await hive.record(experience())).id)
      expect(idsOf(await take(watch, 30))).toEqual(ids)
    })

    it('the deletion of the collective is the last thing that is told', async () => {
      const hive = await store.collective()
      const watch = hive.watch({ from: 'start' })
      await recorded(hive, 1)
      expect([await watch.next(), await watch.next()].map(({ value }) => [value?.kind, value?.entity])).toEqual([
        ['created', 'collective'],
        ['created', 'experience'],
      ])
      // Also to who asks only then.
      await hive.deleteCollective()
      expect(await watch.next()).toMatchObject({ value: { kind: 'deleted', entity: 'collective', id: hive.id } })
      expect(await watch.next()).toEqual({ value: undefined, done: true })
    })

    it('P10 an unknown option, or a signal that is none, is refused', async () => {
      const hive = await store.collective()
      const watch = (input: object) => take(hive.watch(input), 1)
      await expect((async () => watch({ since: 5 }))()).rejects.toMatchObject({ code: 'UNKNOWN_FIELD' })
      await expect((async () => watch({ signal: {} }))()).rejects.toMatchObject({ code: 'INVALID_FIELD' })
      await expectRefusal(watch({ filter: { entities: 'all' } }), 'INVALID_FIELD', 'filter.entities')
    })

    it('P6 a cursor is good after a restart, of the store and of the watcher', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: DIMENSION })
        const ids = await recorded(hive, 5)
        const seen = await take(hive.watch({ from: 'start', filter: { entities: ['experience'] } }), 2)
        const again = await (await own.reopen()).collective('kept')
        const rest = take(again.watch({ from: seen[1]!.cursor }), 4)
        const { id } = await again.record(experience())
        expect(idsOf(await rest)).toEqual([...ids.slice(2), id])
      })
    })

    it('test_stream_ends_when_db_dropped: a watch ends when its store is closed', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'closed', dimension: DIMENSION })
        const watch = hive.watch()
        await watch.ready
        const ending = watch.next().catch((error: unknown) => error)
        await own.waggle.close()
        expect(await ending).toMatchObject({ code: 'CLOSED' })
        expect(await watch.next()).toEqual({ value: undefined, done: true })
      })
    })
  })
}
