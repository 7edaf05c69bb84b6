/** Exactly once: what a repeated key gives, whenever and to whomever it is repeated (P2). */
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { WriteOptions } from '../session.ts'
import type { Waggle } from '../waggle.ts'
import { experience, exported, expectRefusal, givenId, insight, refusal, relation } from './samples.ts'
import { DIMENSION, sharedStore, withStore, type OpenStore } from './store-under-test.ts'

type Write = (hive: CollectiveHandle, options: WriteOptions, waggle: Waggle) => Promise<unknown>

/** A write of each kind, and the same with another body. */
interface KeyedWrite {
  readonly title: string
  readonly write: Write
  readonly otherBody: Write
}

const there = givenId(1)
const other = givenId(2)
const related = [givenId(11), givenId(12)] as const
const concluded = [givenId(13), givenId(14)] as const

const writes: readonly KeyedWrite[] = [
  {
    title: 'record',
    write: (hive, options) => hive.record(experience(), options),
    otherBody: (hive, options) => hive.record(experience({ importance: 0.75 }), options),
  },
  {
    title: 'recordMany',
    write: (hive, options) => hive.recordMany([experience(), experience()], options),
    otherBody: (hive, options) => hive.recordMany([experience()], options),
  },
  {
    title: 'update',
    write: (hive, options) => hive.update(there, { importance: 0.25 }, options),
    otherBody: (hive, options) => hive.update(there, { importance: 0.75 }, options),
  },
  {
    title: 'update of a version',
    write: (hive, options) => hive.update(there, { importance: 0.25 }, { ...options, ifVersion: 1 }),
    otherBody: (hive, options) => hive.update(there, { importance: 0.25 }, { ...options, ifVersion: 2 }),
  },
  {
    title: 'archive',
    write: (hive, options) => hive.archive(there, options),
    otherBody: (hive, options) => hive.archive(other, options),
  },
  {
    title: 'unarchive',
    write: (hive, options) => hive.unarchive(there, options),
    otherBody: (hive, options) => hive.unarchive(other, options),
  },
  {
    title: 'reinforce',
    write: (hive, options) => hive.reinforce(there, options),
    otherBody: (hive, options) => hive.reinforce(other, options),
  },
  {
    title: 'delete',
    write: (hive, options) => hive.delete(there, options),
    otherBody: (hive, options) => hive.delete(other, options),
  },
  {
    title: 'relate',
    write: (hive, options) => hive.relate(relation(there, other), options),
    otherBody: (hive, options) => hive.relate(relation(other, there), options),
  },
  {
    title: 'unrelate',
    write: (hive, options) => hive.unrelate(related[0], options),
    otherBody: (hive, options) => hive.unrelate(related[1], options),
  },
  {
    title: 'storeInsight',
    write: (hive, options) => hive.storeInsight(insight([there]), options),
    otherBody: (hive, options) => hive.storeInsight(insight([there, other]), options),
  },
  {
    title: 'deleteInsight',
    write: (hive, options) => hive.deleteInsight(concluded[0], options),
    otherBody: (hive, options) => hive.deleteInsight(concluded[1], options),
  },
  {
    title: 'activity.register',
    write: (hive, options) => hive.activity.register({ agent: 'bee', task: 'one' }, options),
    otherBody: (hive, options) => hive.activity.register({ agent: 'bee', task: 'two' }, options),
  },
  {
    title: 'activity.heartbeat',
    write: (hive, options) => hive.activity.heartbeat('scout', options),
    otherBody: (hive, options) => hive.activity.heartbeat('guard', options),
  },
  {
    title: 'activity.end',
    write: (hive, options) => hive.activity.end('scout', options),
    otherBody: (hive, options) => hive.activity.end('guard', options),
  },
  {
    title: 'updateCollective',
    write: (hive, options) => hive.updateCollective({ owner: 'ana', decay: { floor: 0.25 } }, options),
    otherBody: (hive, options) => hive.updateCollective({ owner: 'ana' }, options),
  },
  {
    title: 'commit',
    write: (hive, options) =>
      hive.commit(
        [
          { operation: 'experience.record', ...experience() },
          { operation: 'experience.archive', id: there },
        ],
        options,
      ),
    otherBody: (hive, options) => hive.commit([{ operation: 'experience.record', ...experience() }], options),
  },
  {
    title: 'restore',
    write: (hive, options) => hive.restore([exported(givenId(9))], options),
    otherBody: (hive, options) => hive.restore([exported(givenId(9), { version: 2 })], options),
  },
  {
    title: 'createCollective',
    write: async (_hive, options, waggle) =>
      (await waggle.createCollective({ name: 'made', dimension: DIMENSION }, options)).info,
    otherBody: async (_hive, options, waggle) =>
      (await waggle.createCollective({ name: 'made', dimension: DIMENSION + 1 }, options)).info,
  },
  {
    title: 'getOrCreateCollective',
    write: async (_hive, options, waggle) =>
      (await waggle.getOrCreateCollective({ name: 'got', dimension: DIMENSION }, options)).info,
    otherBody: async (_hive, options, waggle) =>
      (await waggle.getOrCreateCollective({ name: 'got', dimension: DIMENSION, owner: 'bob' }, options)).info,
  },
]

const rows = writes.map((row): [string, KeyedWrite] => [row.title, row])

/** All that a store holds, so that a second effect of any sort would show. */
const contents = async (waggle: Waggle): Promise<unknown> => {
  const collectives = await waggle.collectives()
  const handles = await Promise.all(collectives.map(({ id }) => waggle.collective(id)))
  return Promise.all(
    handles.map(async (hive) => [
      hive.info,
      await hive.stats(),
      (await hive.list({ include: ['embedding'] })).items,
      (await hive.relations()).items,
      (await hive.listInsights({ include: ['embedding'] })).items,
      await hive.activity.active(),
      await hive.cursors.list(),
    ]),
  )
}

export const idempotencyContract = (open: OpenStore): void => {
  describe('idempotency keys', () => {
    const prepared = async (waggle: Waggle): Promise<CollectiveHandle> => {
      const hive = await waggle.createCollective({ name: 'prepared', dimension: DIMENSION })
      await hive.recordMany([experience({ id: there }), experience({ id: other })])
      for (const [n, type] of (['implies', 'elaborates'] as const).entries())
        await hive.relate(relation(there, other, { type, id: related[n]! }))
      for (const id of concluded) await hive.storeInsight(insight([there], { id }))
      for (const agent of ['scout', 'guard']) await hive.activity.register({ agent })
      return hive
    }

    it.each(rows)(
      'P2 %s: the same key gives the same result and token, at once and after a restart',
      async (_title, { write, otherBody }) => {
        await withStore(open, async (store) => {
          const hive = await prepared(store.waggle)
          const options = { idempotencyKey: 'key 1 🐝' }
          const first = await write(hive, options, store.waggle)
          const after = await contents(store.waggle)
          expect(await write(hive, options, store.waggle)).toEqual(first)
          expect(await contents(store.waggle)).toEqual(after)
          const reused = await refusal(otherBody(hive, options, store.waggle))
          expect([reused.code, reused.kind, reused.details.field]).toEqual([
            'IDEMPOTENCY_KEY_REUSED',
            'conflict',
            'idempotencyKey',
          ])
          const waggle = await store.reopen()
          const again = await waggle.collective('prepared')
          expect(await write(again, options, waggle)).toEqual(first)
          await expectRefusal(otherBody(again, options, waggle), 'IDEMPOTENCY_KEY_REUSED', 'idempotencyKey')
          expect(await contents(waggle)).toEqual(after)
        })
      },
    )

    it.each(rows)('P2 %s: fifty at once with one key take effect once', async (_title, { write }) => {
      await withStore(open, async ({ waggle }) => {
        const hive = await prepared(waggle)
        const options = { idempotencyKey: 'rush' }
        const results = await Promise.all(Array.from({ length: 50 }, () => write(hive, options, waggle)))
        for (const result of results) expect(result).toEqual(results[0])
        const after = await contents(waggle)
        await write(hive, options, waggle)
        expect(await contents(waggle)).toEqual(after)
      })
    })

    const store = sharedStore(open)

    it('P2 a repeated record is one record, whatever happened to it since', async () => {
      const hive = await store.collective()
      const options = { idempotencyKey: 'k' }
      const first = await hive.record(experience(), options)
      await hive.reinforce(first.id)
      expect(await hive.record(experience(), options)).toEqual(first)
      expect(await hive.get(first.id)).toMatchObject({ applications: 1 })
      await hive.delete(first.id)
      expect(await hive.record(experience(), options)).toEqual(first)
      expect(await hive.get(first.id)).toBeUndefined()
    })

    it('without a key, equal writes are writes of their own', async () => {
      const hive = await store.collective()
      expect((await hive.record(experience())).id).not.toBe((await hive.record(experience())).id)
      expect((await hive.stats()).experienceCount).toBe(2)
    })

    it('P2 the same request in another form is the same request', async () => {
      const hive = await store.collective()
      const options = { idempotencyKey: 'k' }
      const first = await hive.record({ content: 'x', embedding: [0.1, 0, 0, 1], importance: 0.9 }, options)
      const again = {
        importance: Math.fround(0.9),
        embedding: Float32Array.of(0.1, 0, 0, 1),
        content: 'x',
        domain: [],
        confidence: undefined,
        type: { kind: 'generic' as const },
      }
      expect(await hive.record(again, options)).toEqual(first)
    })

    it('P2 a key belongs to one operation, one collective and one tenant', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      const options = { idempotencyKey: 'shared' }
      const one = await left.record(experience(), options)
      const { ids } = await left.recordMany([experience()], options)
      const elsewhere = await right.record(experience({ importance: 1 }), options)
      expect(new Set([one.id, ...ids, elsewhere.id]).size).toBe(3)
      await left.archive(one.id, options)
      await left.unarchive(one.id, options)
      await left.reinforce(one.id, options)
      expect(await left.get(one.id)).toMatchObject({ version: 4, archived: false, applications: 1 })
      // Of a collective that was deleted and made anew, too.
      const id = givenId(77)
      const first = await store.waggle.createCollective({ id, name: 'first life', dimension: DIMENSION })
      await first.record(experience(), options)
      await first.deleteCollective()
      const second = await store.waggle.createCollective({ id, name: 'second life', dimension: DIMENSION })
      await second.record(experience({ content: 'another body' }), options)
      expect((await second.stats()).experienceCount).toBe(1)
    })

    it('P2 a fault that the state decided is remembered: NOT_FOUND stays, though the record came', async () => {
      const hive = await store.collective()
      const options = { idempotencyKey: 'k' }
      await expectRefusal(hive.archive(givenId(5), options), 'NOT_FOUND')
      await hive.record(experience({ id: givenId(5) }))
      const fault = await expectRefusal(hive.archive(givenId(5), options), 'NOT_FOUND')
      expect(fault.details).toEqual({ entity: 'experience', id: givenId(5) })
      expect(await hive.get(givenId(5))).toMatchObject({ archived: false })
      await expectRefusal(hive.archive(givenId(6), options), 'IDEMPOTENCY_KEY_REUSED', 'idempotencyKey')
    })

    it('P2 VERSION_MISMATCH and ALREADY_EXISTS are remembered, also over a restart', async () => {
      await withStore(open, async (own) => {
        const hive = await prepared(own.waggle)
        const options = { idempotencyKey: 'k' }
        const outdated = (handle: CollectiveHandle) =>
          handle.update(there, { importance: 1 }, { ...options, ifVersion: 2 })
        const taken = (handle: CollectiveHandle) => handle.record(experience({ id: other }), options)
        await expectRefusal(outdated(hive), 'VERSION_MISMATCH', 'ifVersion')
        await expectRefusal(taken(hive), 'ALREADY_EXISTS', 'id')
        await hive.update(there, { confidence: 1 })
        await hive.delete(other)
        await expectRefusal(outdated(hive), 'VERSION_MISMATCH', 'ifVersion')
        const again = await (await own.reopen()).collective('prepared')
        await expectRefusal(outdated(again), 'VERSION_MISMATCH', 'ifVersion')
        await expectRefusal(taken(again), 'ALREADY_EXISTS', 'id')
        expect(await again.get(there)).toMatchObject({ version: 2, importance: 0.5 })
      })
    })

    it('P2 a fault of the request itself is not remembered: mended, it takes effect under the same key', async () => {
      const hive = await store.collective()
      const options = { idempotencyKey: 'k' }
      await expectRefusal(hive.record(experience({ importance: 2 }), options), 'INVALID_FIELD', 'importance')
      await expectRefusal(hive.record(experience({ embedding: [1] }), options), 'DIMENSION_MISMATCH', 'embedding')
      expect((await hive.record(experience(), options)).id).toBeDefined()
    })

    it('P2 the deletion of a collective that is repeated succeeds, and does not touch its namesake', async () => {
      const hive = await store.collective({ name: 'twice' })
      const options = { idempotencyKey: 'delete it' }
      const first = await hive.deleteCollective(options)
      const namesake = await store.waggle.createCollective({ id: hive.id, name: 'twice', dimension: DIMENSION })
      expect(await hive.deleteCollective(options)).toEqual(first)
      expect((await store.waggle.collective('twice')).id).toBe(namesake.id)
      // A write into the collective that is gone has nowhere to be remembered.
      await expectRefusal(
        hive.deleteCollective({ idempotencyKey: 'other' }).then(() => hive.stats()),
        'NOT_FOUND',
      )
    })

    it('P2 recordMany of megabytes, which travels in parts, is repeated like any other', async () => {
      const hive = await store.collective()
      const batch = Array.from({ length: 50 }, (_, n) => experience({ content: `${n} `.repeat(20_000) }))
      const options = { idempotencyKey: 'large' }
      const results = await Promise.all([hive.recordMany(batch, options), hive.recordMany(batch, options)])
      expect(results[1]).toEqual(results[0])
      expect(await hive.recordMany(batch, options)).toEqual(results[0])
      expect((await hive.stats()).experienceCount).toBe(50)
    })

    it('P10 a key has 1 to 256 bytes', async () => {
      const hive = await store.collective()
      for (const key of ['k'.repeat(256), 'é'.repeat(128)]) await hive.record(experience(), { idempotencyKey: key })
      const keyed = (idempotencyKey: unknown) => hive.record(experience(), { idempotencyKey } as WriteOptions)
      await expectRefusal(keyed(''), 'REQUIRED_FIELD', 'idempotencyKey')
      await expectRefusal(keyed('k'.repeat(257)), 'CONTENT_TOO_LARGE', 'idempotencyKey')
      await expectRefusal(keyed('é'.repeat(128) + 'k'), 'CONTENT_TOO_LARGE', 'idempotencyKey')
      await expectRefusal(keyed('lone \ud800'), 'INVALID_FIELD', 'idempotencyKey')
      await expectRefusal(keyed(7), 'INVALID_FIELD', 'idempotencyKey')
    })
  })
}
