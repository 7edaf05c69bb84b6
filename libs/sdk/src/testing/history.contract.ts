/**
 * Random histories against a plain model: whatever is written, refused, repeated and restarted in whatever order, every
 * outcome and every reading is the model's (P1, P2, P4, P5).
 */
import { isFault } from '@waggle/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { WriteOptions } from '../session.ts'
import { isExplained, Model, type KeyedWrite, type Told, type Write } from './history-model.ts'
import { everything, experience, givenId } from './samples.ts'
import { DIMENSION, withStore, type Abilities, type OpenStore } from './store-under-test.ts'

type Step = { readonly kind: 'write'; readonly keyed: KeyedWrite } | { readonly kind: 'restart' }

const id = fc.integer({ min: 1, max: 6 })

const arbitraryPatch = fc.record(
  {
    importance: fc.constantFrom(0, 0.25, 0.75, 1),
    domain: fc.subarray(['a', 'b']),
    archived: fc.boolean(),
  },
  { requiredKeys: [] },
)

const arbitraryWrite: fc.Arbitrary<Write> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('record'), id, content: fc.constantFrom('x', 'y') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('recordMany'),
      // Not empty: what two empty requests do not say cannot tell them apart.
      ids: fc.array(id, { minLength: 1, maxLength: 3 }),
      content: fc.constantFrom('x', 'y'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('update'),
      id,
      patch: arbitraryPatch,
      ifVersion: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 2 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('archive', 'unarchive', 'reinforce', 'delete'), id }) },
)

const arbitraryStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('write'),
      keyed: fc.record({ write: arbitraryWrite, key: fc.integer({ min: 0, max: 25 }).map((n) => `key ${n}`) }),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'restart' }) },
)

const input = (number: number, content: string) => experience({ id: givenId(number), content })

const perform = async (hive: CollectiveHandle, write: Write, options: WriteOptions): Promise<Told> => {
  switch (write.kind) {
    case 'record':
      return `ids ${(await hive.record(input(write.id, write.content), options)).id}`
    case 'recordMany':
      return `ids ${(
        await hive.recordMany(
          write.ids.map((each) => input(each, write.content)),
          options,
        )
      ).ids.join()}`
    case 'update': {
      const { ifVersion, patch } = write
      return `version ${(await hive.update(givenId(write.id), patch, { ...options, ifVersion })).version}`
    }
    case 'archive':
      return `version ${(await hive.archive(givenId(write.id), options)).version}`
    case 'unarchive':
      return `version ${(await hive.unarchive(givenId(write.id), options)).version}`
    case 'reinforce':
      return `applications ${(await hive.reinforce(givenId(write.id), options)).applications}`
    case 'delete':
      await hive.delete(givenId(write.id), options)
      return 'done'
  }
}

const told = async (hive: CollectiveHandle, { write, key }: KeyedWrite): Promise<Told> => {
  try {
    return await perform(hive, write, { idempotencyKey: key })
  } catch (error) {
    if (isFault(error)) return error.code
    throw error
  }
}

/** The records as a reader finds them, in order. */
const found = async (hive: CollectiveHandle) =>
  (await everything(hive, { limit: 2 })).map(
    ({ id: seenId, content, importance, domain, archived, applications, version }) => {
      return { id: seenId, content, importance, domain, archived, applications, version }
    },
  )

const expected = (records: Model['records']) => records.map(([number, record]) => ({ id: givenId(number), ...record }))

/** That every way of reading shows the model's records. */
const expectSame = async (hive: CollectiveHandle, model: Model): Promise<void> => {
  const records = expected(model.records)
  expect(await found(hive)).toEqual(records)
  const all = await everything(hive)
  const shown = records.filter(({ archived }) => !archived).map((record) => record.id)
  expect((await hive.recent({ limit: 100 })).map((record) => record.id)).toEqual(shown.toReversed())
  const { results } = await hive.search({ embedding: [1, 0, 0, 0], k: 100 })
  expect(results.map((hit) => hit.experience.id)).toEqual(shown.toSorted())
  expect(await hive.stats()).toMatchObject({
    experienceCount: records.length,
    archivedCount: records.length - shown.length,
  })
  const ids = [1, 2, 3, 4, 5, 6].map(givenId)
  const got = await hive.getMany(ids, { include: ['embedding'] })
  expect(got.filter((record) => record !== undefined)).toEqual(all.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
}

export const historyContract = (open: OpenStore, { keepsSendingOrder }: Abilities): void => {
  describe('histories', () => {
    it('P1 P2 P4 P5 any history of writes, repeats and restarts ends as a plain model says', async () => {
      await withStore(open, async (store) => {
        let { waggle } = store
        let run = 0
        await fc.assert(
          fc.asyncProperty(fc.array(arbitraryStep, { minLength: 1, maxLength: 40 }), async (steps) => {
            run += 1
            let hive = await waggle.createCollective({ name: `run ${run}`, dimension: DIMENSION })
            const model = new Model()
            for (const step of steps) {
              if (step.kind === 'write') expect(await told(hive, step.keyed)).toBe(model.take(step.keyed))
              else {
                waggle = await store.reopen()
                hive = await waggle.collective(`run ${run}`)
                await expectSame(hive, model)
              }
            }
            await expectSame(hive, model)
          }),
          { numRuns: 40 },
        )
      })
    })

    const arbitraryWrites = (maxLength: number) =>
      fc.array(fc.record({ write: arbitraryWrite, key: fc.constantFrom('k 1', 'k 2', 'k 3', 'k 4') }), {
        minLength: 2,
        maxLength,
      })

    it.runIf(keepsSendingOrder)(
      'P2 P4 writes that one client sends at once happen once each, in the order in which it sent them',
      async () => {
        await withStore(open, async ({ waggle }) => {
          await fc.assert(
            fc.asyncProperty(arbitraryWrites(60), async (writes) => {
              const hive = await waggle.createCollective({ name: 'at once', dimension: DIMENSION })
              // A client hands its writes over in the order in which they were made.
              const outcomes = await Promise.all(writes.map(async (keyed) => told(hive, keyed)))
              const model = new Model()
              expect(outcomes).toEqual(writes.map((keyed) => model.take(keyed)))
              await expectSame(hive, model)
            }),
            { numRuns: 30 },
          )
        })
      },
    )

    it('P2 P4 writes that are sent at once happen once each, one after the other in some order', async () => {
      await withStore(open, async ({ waggle }) => {
        await fc.assert(
          fc.asyncProperty(arbitraryWrites(10), async (writes) => {
            const hive = await waggle.createCollective({ name: 'at once', dimension: DIMENSION })
            const outcomes = await Promise.all(writes.map(async (keyed) => told(hive, keyed)))
            const left = JSON.stringify(await found(hive))
            const isLeft = (records: Model['records']): boolean => JSON.stringify(expected(records)) === left
            expect(isExplained({ writes, told: outcomes, isLeft }), `${JSON.stringify(outcomes)} ${left}`).toBe(true)
          }),
          { numRuns: 40 },
        )
      })
    })
  })
}
