/**
 * Random histories against a plain model: whatever is written, refused, repeated and restarted in whatever order, every
 * outcome and every reading is the model's (P1, P2, P4, P5).
 */
import { isFault } from '@waggle/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { PatchInput } from '../inputs.ts'
import type { WriteOptions } from '../session.ts'
import { everything, experience, givenId } from './samples.ts'
import { DIMENSION, withStore, type OpenStore } from './store-under-test.ts'

interface ModelRecord {
  readonly content: string
  readonly importance: number
  readonly domain: readonly string[]
  readonly archived: boolean
  readonly applications: number
  readonly version: number
}

/** One write, as data: the model and the store do the same with it. */
type Write =
  | { readonly kind: 'record'; readonly id: number; readonly content: string }
  | { readonly kind: 'recordMany'; readonly ids: readonly number[]; readonly content: string }
  | { readonly kind: 'update'; readonly id: number; readonly patch: PatchInput; readonly ifVersion: number | undefined }
  | { readonly kind: 'archive' | 'unarchive' | 'reinforce' | 'delete'; readonly id: number }

interface KeyedWrite {
  readonly write: Write
  /** Few keys, so that they meet again: with the same write, and with others. */
  readonly key: string
}

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

/** What a caller is told, as one text. */
type Told = string

class Model {
  /** In order of recording. */
  readonly #records = new Map<number, ModelRecord>()
  readonly #told = new Map<string, { readonly request: string; readonly told: Told }>()

  take({ write, key }: KeyedWrite): Told {
    const [scope, request] = [`${write.kind} ${key}`, JSON.stringify(write)]
    const before = this.#told.get(scope)
    if (before !== undefined) return before.request === request ? before.told : 'IDEMPOTENCY_KEY_REUSED'
    const told = this.#decide(write)
    this.#told.set(scope, { request, told })
    return told
  }

  get records(): readonly (readonly [number, ModelRecord])[] {
    return [...this.#records]
  }

  #decide(write: Write): Told {
    if (write.kind === 'record') return this.#insert([write.id], write.content)
    if (write.kind === 'recordMany') return this.#insert(write.ids, write.content)
    const record = this.#records.get(write.id)
    if (record === undefined) return 'NOT_FOUND'
    switch (write.kind) {
      case 'update':
        if (write.ifVersion !== undefined && write.ifVersion !== record.version) return 'VERSION_MISMATCH'
        return this.#change(write.id, write.patch as Partial<ModelRecord>)
      case 'archive':
      case 'unarchive': {
        const archived = write.kind === 'archive'
        return this.#change(write.id, archived === record.archived ? {} : { archived })
      }
      case 'reinforce':
        this.#change(write.id, { applications: record.applications + 1 })
        return `applications ${record.applications + 1}`
      case 'delete':
        this.#records.delete(write.id)
        return 'done'
    }
  }

  #insert(ids: readonly number[], content: string): Told {
    const isTaken = ids.some((each, index) => this.#records.has(each) || ids.indexOf(each) !== index)
    if (isTaken) return 'ALREADY_EXISTS'
    const fresh = { content, importance: 0.5, domain: [], archived: false, applications: 0, version: 1 }
    for (const each of ids) this.#records.set(each, fresh)
    return `ids ${ids.map(givenId).join()}`
  }

  #change(number: number, fields: Partial<ModelRecord>): Told {
    const record = this.#records.get(number)!
    const version = record.version + (Object.keys(fields).length === 0 ? 0 : 1)
    this.#records.set(number, { ...record, ...fields, version })
    return `version ${version}`
  }
}

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

/** That every way of reading shows the model's records. */
const expectSame = async (hive: CollectiveHandle, model: Model): Promise<void> => {
  const expected = model.records.map(([number, record]) => ({ id: givenId(number), ...record }))
  const all = await everything(hive, { limit: 2 })
  const seen = all.map(({ id: seenId, content, importance, domain, archived, applications, version }) => {
    return { id: seenId, content, importance, domain, archived, applications, version }
  })
  expect(seen).toEqual(expected)
  const shown = expected.filter(({ archived }) => !archived).map((record) => record.id)
  expect((await hive.recent({ limit: 100 })).map((record) => record.id)).toEqual(shown.toReversed())
  const { results } = await hive.search({ embedding: [1, 0, 0, 0], k: 100 })
  expect(results.map((hit) => hit.experience.id)).toEqual(shown.toSorted())
  expect(await hive.stats()).toMatchObject({
    experienceCount: expected.length,
    archivedCount: expected.length - shown.length,
  })
  const ids = [1, 2, 3, 4, 5, 6].map(givenId)
  const got = await hive.getMany(ids, { include: ['embedding'] })
  expect(got.filter((record) => record !== undefined)).toEqual(all.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
}

export const historyContract = (open: OpenStore): void => {
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

    it('P2 P4 writes that one client sends at once happen once each, in the order in which it sent them', async () => {
      await withStore(open, async ({ waggle }) => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.record({ write: arbitraryWrite, key: fc.constantFrom('k 1', 'k 2', 'k 3', 'k 4') }), {
              minLength: 2,
              maxLength: 60,
            }),
            async (writes) => {
              const hive = await waggle.createCollective({ name: 'at once', dimension: DIMENSION })
              // A client hands its writes over in the order in which they were made.
              const outcomes = await Promise.all(writes.map(async (keyed) => told(hive, keyed)))
              const model = new Model()
              expect(outcomes).toEqual(writes.map((keyed) => model.take(keyed)))
              await expectSame(hive, model)
            },
          ),
          { numRuns: 30 },
        )
      })
    })
  })
}
