/** Search by meaning: exact, against a naive model. */
import { isFault } from '@waggle/kernel'
import type { Experience, SearchHit } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { EmbeddingInput, ExperienceInput, FilterInput } from '../inputs.ts'
import { everything, experience, expectRefusal, exported, givenId, idsOf, seeded, wholeVector } from './samples.ts'
import { sharedStore, withStore, type OpenStore } from './store-under-test.ts'

type Ranking = readonly (readonly [id: string, similarity: number])[]

const dot = (left: ArrayLike<number>, right: ArrayLike<number>): number =>
  Array.from(left, (component, index) => component * (right[index] ?? 0)).reduce((sum, product) => sum + product, 0)

const cosine = (left: ArrayLike<number>, right: ArrayLike<number>): number => {
  const value = dot(left, right) / (Math.sqrt(dot(left, left)) * Math.sqrt(dot(right, right)))
  return Math.fround(Math.max(-1, Math.min(1, value)))
}

/** The k best of `records`, as plainly as it can be said: by cosine, ties by id. */
const naive = (records: readonly Experience[], query: ArrayLike<number>, k: number): Ranking =>
  records
    .filter(({ archived }) => !archived)
    .map(({ id, embedding = [] }) => [id, cosine(embedding, query)] as const)
    .sort((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1))
    .slice(0, k)

const ranking = (results: readonly SearchHit[]): Ranking =>
  results.map(({ experience: { id }, similarity }) => [id, similarity!])

const search = async (
  hive: CollectiveHandle,
  embedding: EmbeddingInput,
  k?: number,
  filter?: FilterInput,
): Promise<Ranking> => ranking((await hive.search({ embedding, k, filter })).results)

/** Half of ten records have what `fields` says. */
const half = async (hive: CollectiveHandle, fields: Partial<ExperienceInput>): Promise<readonly string[]> => {
  const inputs = Array.from({ length: 10 }, (_, n) => experience(n % 2 === 0 ? fields : {}))
  return (await hive.recordMany(inputs)).ids.filter((_, n) => n % 2 === 0)
}

type Step =
  | { readonly kind: 'record'; readonly vectors: readonly (readonly number[])[] }
  | { readonly kind: 'delete' | 'archive' | 'unarchive' | 'update' | 'rerecord'; readonly pick: number }

const arbitraryVector = fc
  .array(fc.integer({ min: -3, max: 3 }), { minLength: 4, maxLength: 4 })
  .filter((vector) => vector.some((component) => component !== 0))

const arbitraryStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('record' as const),
    vectors: fc.array(arbitraryVector, { minLength: 1, maxLength: 12 }),
  }),
  fc.record({
    kind: fc.constantFrom('delete', 'archive', 'unarchive', 'update', 'rerecord'),
    pick: fc.nat(1000),
  }),
)

const take = async (hive: CollectiveHandle, step: Step, ids: string[]): Promise<void> => {
  if (step.kind === 'record') {
    ids.push(...(await hive.recordMany(step.vectors.map((embedding) => experience({ embedding })))).ids)
    return
  }
  const id = ids[step.pick % ids.length]
  if (id === undefined) return
  if (step.kind === 'archive') await hive.archive(id)
  else if (step.kind === 'unarchive') await hive.unarchive(id)
  else if (step.kind === 'update') await hive.update(id, { importance: (step.pick % 5) / 4, domain: ['touched'] })
  else {
    await hive.delete(id)
    if (step.kind === 'delete') ids.splice(ids.indexOf(id), 1)
    // The same id with another vector: the old one must not be found, nor hide the new one.
    else await hive.record(experience({ id, embedding: [step.pick % 3, 1, -1, 2] }))
  }
}

/** Records under an id whose last record is being deleted: which of the two comes first, nobody promises. */
const whenFree = async (record: () => Promise<unknown>): Promise<void> => {
  for (;;) {
    const [outcome] = await Promise.allSettled([record()])
    if (outcome.status === 'fulfilled') return
    if (!isFault(outcome.reason) || outcome.reason.code !== 'ALREADY_EXISTS') throw outcome.reason
  }
}

export const searchContract = (open: OpenStore): void => {
  describe('search', () => {
    const store = sharedStore(open)

    it('P7 prop_search_never_returns_more_than_k: what a naive cosine finds, after any history', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(arbitraryStep, { minLength: 1, maxLength: 10 }),
          fc.array(fc.tuple(arbitraryVector, fc.integer({ min: 1, max: 30 })), { minLength: 1, maxLength: 4 }),
          async (steps, queries) => {
            const hive = await store.collective()
            const ids: string[] = []
            // Searched from the beginning, so that the index follows what happens instead of being built after it.
            await search(hive, [1, 0, 0, 0])
            for (const step of steps) {
              await take(hive, step, ids)
              const records = await everything(hive)
              for (const [query, k] of queries) expect(await search(hive, query, k)).toEqual(naive(records, query, k))
            }
          },
        ),
        { numRuns: 25 },
      )
    })

    it('P7 test_hnsw_index_populated_on_record: exactly k when k match, for k from 1 to 1000', async () => {
      const hive = await store.collective()
      const random = seeded(7)
      const inputs = Array.from({ length: 1000 }, () => experience({ embedding: wholeVector(random) }))
      await hive.recordMany(inputs)
      await hive.recordMany(inputs.slice(0, 100))
      const records = await everything(hive)
      const query = wholeVector(random)
      for (const k of [1, 2, 9, 10, 11, 99, 500, 999, 1000])
        expect(await search(hive, query, k)).toEqual(naive(records, query, k))
      expect(await search(hive, query)).toHaveLength(10)
    })

    it('P7 exactly k when k match, however selective the filter is and however near the others are', async () => {
      const hive = await store.collective()
      const wanted = Array.from({ length: 7 }, () => experience({ embedding: [-1, 0, 0, 0], domain: ['wanted'] }))
      const others = Array.from({ length: 900 }, () => experience({ embedding: [1, 0, 0, 0] }))
      await hive.recordMany(wanted)
      await hive.recordMany(others)
      const { results } = await hive.search({ embedding: [1, 0, 0, 0], k: 7, filter: { domains: ['wanted'] } })
      expect(results.map(({ similarity }) => similarity)).toEqual(Array(7).fill(-1))
      expect(await search(hive, [1, 0, 0, 0], 7, { domains: ['nobody'] })).toEqual([])
    })

    it('test_search_similar_returns_sorted, test_hnsw_search_returns_nearest_neighbors: best first', async () => {
      const hive = await store.collective()
      const random = seeded(3)
      await hive.recordMany(Array.from({ length: 20 }, () => experience({ embedding: wholeVector(random) })))
      const { results } = await hive.search({ embedding: [1, 2, 3, -1], k: 5 })
      const similarities = results.map(({ similarity }) => similarity!)
      expect(similarities).toEqual(similarities.toSorted((left, right) => right - left))
      expect(results.map(({ score }) => score)).toEqual(similarities)
      expect(results).toHaveLength(5)
      expect(similarities[0]).toBeGreaterThan(0.5)
    })

    it('length does not matter, direction does: similarity is 1, 0 and -1 exactly, and never beyond', async () => {
      const hive = await store.collective()
      const ids: string[] = []
      for (const embedding of [
        [3e38, 3e38, 0, 0],
        [1e-45, 1e-45, 0, 0],
        [0, 0, 0.1, 7],
        [-0.1, -0.1, 0, 0],
      ])
        ids.push((await hive.record(experience({ embedding }))).id)
      const found = new Map(await search(hive, [0.1, 0.1, 0, 0]))
      expect(ids.map((id) => found.get(id))).toEqual([1, 1, 0, -1])
    })

    it('similarity is the raw cosine in single precision, also of vectors that are not normalised', async () => {
      const hive = await store.collective({ dimension: 7 })
      await hive.record(experience({ embedding: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7] }))
      const [[, similarity] = ['', 0]] = await search(hive, [0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])
      expect(similarity).toBeCloseTo(0.84 / 1.4, 6)
      expect(similarity).toBe(Math.fround(similarity))
    })

    it('equal vectors have equal similarity and are ordered by id', async () => {
      const hive = await store.collective()
      const ids = [5, 3, 9, 1].map(givenId)
      for (const id of ids) await hive.record(experience({ id, embedding: [0.1, 0.7, 0.3, 0.2] }))
      const found = await search(hive, [0.3, 0.3, 0.1, 0.9])
      expect(found.map(([id]) => id)).toEqual(ids.toSorted())
      expect(new Set(found.map(([, similarity]) => similarity)).size).toBe(1)
    })

    it('test_search_excludes_archived, prop_archived_excluded_from_search: exactly 8 of 10', async () => {
      const hive = await store.collective()
      const { ids } = await hive.recordMany(Array.from({ length: 10 }, () => experience()))
      await search(hive, [1, 0, 0, 0])
      for (const id of ids.slice(0, 2)) await hive.archive(id)
      expect(idsSorted(await search(hive, [1, 0, 0, 0]))).toEqual(ids.slice(2).toSorted())
      expect(await search(hive, [1, 0, 0, 0], 10, { includeArchived: true })).toHaveLength(10)
      await hive.unarchive(ids[0]!)
      expect(await search(hive, [1, 0, 0, 0])).toHaveLength(9)
    })

    it('a record that was archived before anyone searched is found once it is unarchived', async () => {
      const hive = await store.collective()
      const { ids } = await hive.recordMany([experience(), experience()])
      await hive.archive(ids[0]!)
      expect(idsSorted(await search(hive, [1, 0, 0, 0]))).toEqual([ids[1]])
      await hive.update(ids[0]!, { archived: false })
      expect(await search(hive, [1, 0, 0, 0])).toHaveLength(2)
    })

    it('test_hnsw_soft_delete_on_experience_delete: and no other goes with it, wherever it stood', async () => {
      for (const gone of [0, 2, 4]) {
        const hive = await store.collective()
        const vectors = [
          [1, 0, 0, 0],
          [1, 1, 0, 0],
          [1, 1, 1, 0],
          [1, 1, 1, 1],
          [0, 1, 1, 1],
        ]
        const { ids } = await hive.recordMany(vectors.map((embedding) => experience({ embedding })))
        await search(hive, [1, 0, 0, 0])
        await hive.archive(ids[gone]!)
        await hive.archive(ids[3]!)
        await hive.delete(ids[gone]!)
        const rest = await everything(hive)
        expect(await search(hive, [3, 1, 2, 1])).toEqual(naive(rest, [3, 1, 2, 1], 10))
        await hive.unarchive(ids[3]!)
        expect(await search(hive, [3, 1, 2, 1])).toHaveLength(4)
      }
    })

    it.each<[string, Partial<ExperienceInput>, FilterInput]>([
      ['test_search_respects_domain_filter', { domain: ['rare'] }, { domains: ['rare'] }],
      ['test_search_respects_importance_filter', { importance: 0.75 }, { minImportance: 0.7 }],
      ['test_search_respects_confidence_filter', { confidence: 0.75 }, { minConfidence: 0.7 }],
      [
        'test_search_respects_type_filter',
        { type: { kind: 'fact', statement: 's', source: 't' } },
        { types: ['fact'] },
      ],
      ['agents', { sourceAgent: 'agent-7' }, { agents: ['agent-7'] }],
      ['tasks', { sourceTask: 'task-7' }, { tasks: ['task-7'] }],
      ['files', { relatedFiles: ['a.ts'] }, { files: ['a.ts'] }],
    ])('%s: exactly 5', async (_title, fields, filter) => {
      const hive = await store.collective()
      const wanted = await half(hive, fields)
      expect(idsSorted(await search(hive, [1, 0, 0, 0], 10, filter))).toEqual(wanted.toSorted())
    })

    it('test_search_respects_since_filter: exactly the 5 newer ones', async () => {
      const hive = await store.collective()
      await hive.restore(Array.from({ length: 10 }, (_, n) => exported(givenId(n), { createdAt: 1000 + n })))
      const found = await search(hive, [1, 0, 0, 0], 10, { since: 1005 })
      expect(idsSorted(found)).toEqual([5, 6, 7, 8, 9].map(givenId))
    })

    it('P7 test_search_collective_isolation, test_hnsw_multi_collective_isolation', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      const leftIds = (await left.recordMany([experience(), experience(), experience()])).ids
      const rightIds = (await right.recordMany([experience(), experience()])).ids
      expect(idsSorted(await search(left, [1, 0, 0, 0]))).toEqual(leftIds.toSorted())
      expect(idsSorted(await search(right, [1, 0, 0, 0]))).toEqual(rightIds.toSorted())
    })

    it('test_search_collective_not_found, test_hnsw_removed_on_collective_delete: only its own', async () => {
      const [left, right] = [await store.collective(), await store.collective()]
      await left.record(experience())
      await right.recordMany([experience(), experience()])
      await left.deleteCollective()
      await expectRefusal(left.search({ embedding: [1, 0, 0, 0] }), 'NOT_FOUND')
      expect(await search(right, [1, 0, 0, 0])).toHaveLength(2)
    })

    it('test_search_dimension_mismatch_error: names both dimensions', async () => {
      const hive = await store.collective()
      const fault = await expectRefusal(hive.search({ embedding: [1, 2, 3] }), 'DIMENSION_MISMATCH', 'embedding')
      expect(fault.details).toMatchObject({ expected: 4, got: 3 })
      expect(fault.message).toContain('dimension')
    })

    it('test_search_invalid_k: 0, 1001 and what is no whole number are refused, 1 and 1000 accepted', async () => {
      const hive = await store.collective()
      for (const k of [0, 1001, -1, 1.5, NaN, Infinity])
        await expectRefusal(hive.search({ embedding: [1, 0, 0, 0], k }), 'INVALID_FIELD', 'k')
      for (const k of [1, 1000]) expect(await search(hive, [1, 0, 0, 0], k)).toEqual([])
    })

    it('test_search_empty_index, test_hnsw_index_created_with_collective: nothing of nothing', async () => {
      const hive = await store.collective()
      expect(await search(hive, [1, 0, 0, 0])).toEqual([])
      const { id } = await hive.record(experience())
      await hive.delete(id)
      expect(await search(hive, [1, 0, 0, 0])).toEqual([])
    })

    it('P5 an acknowledged write is searchable at once, whatever else is written meanwhile', async () => {
      const hive = await store.collective()
      await Promise.all(
        Array.from({ length: 40 }, async () => {
          const { id } = await hive.record(experience())
          expect((await search(hive, [1, 0, 0, 0], 1000)).map(([found]) => found)).toContain(id)
          await hive.delete(id)
          expect((await search(hive, [1, 0, 0, 0], 1000)).map(([found]) => found)).not.toContain(id)
        }),
      )
    })

    it('P7 while records are replaced, every hit is a record as it is or was, with its own similarity', async () => {
      const hive = await store.collective()
      const vectors = [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
      ] as const
      const id = givenId(1)
      await hive.recordMany([experience({ id, embedding: vectors[0] }), experience({ embedding: vectors[0] })])
      const progress = { done: false }
      const replacing = (async () => {
        for (let turn = 1; turn <= 20; turn += 1) {
          const deleting = hive.delete(id)
          await Promise.all([deleting, whenFree(() => hive.record(experience({ id, embedding: vectors[turn % 2]! })))])
        }
      })().finally(() => (progress.done = true))
      while (!progress.done) {
        const { results } = await hive.search({ embedding: vectors[0], include: ['embedding'] })
        for (const hit of results) expect(hit.similarity).toBe(hit.experience.embedding?.[0])
        expect(results.length).toBeGreaterThan(0)
        await new Promise((resolve) => setImmediate(resolve))
      }
      await replacing
    })

    it('P7 prop_collective_isolation: no search ever finds what is another collective’s', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(2), { maxLength: 30 }), arbitraryVector, async (owners, query) => {
          const hives = [await store.collective(), await store.collective(), await store.collective()]
          const ids: string[][] = [[], [], []]
          for (const owner of owners) ids[owner]!.push((await hives[owner]!.record(experience())).id)
          for (const [owner, hive] of hives.entries())
            expect(idsSorted(await search(hive, query, 1000))).toEqual(ids[owner]!.toSorted())
        }),
        { numRuns: 10 },
      )
    })

    it('hits are whole experiences, with their vectors only when they are asked for', async () => {
      const hive = await store.collective()
      const { id } = await hive.record(experience({ domain: ['d'], sourceTask: 't' }))
      const found = await hive.get(id)
      const query = { embedding: [1, 0, 0, 0] }
      for (const { results } of [
        await hive.search({ ...query, include: ['embedding'] }),
        await hive.search(query, { include: ['embedding'] }),
      ])
        expect(results.map((hit) => hit.experience)).toEqual([found])
      const { results } = await hive.search(query)
      expect(results[0]?.experience).not.toHaveProperty('embedding')
    })
  })

  describe('search after a restart', () => {
    it('P1 test_hnsw_rebuild_on_reopen: the same hits in the same order, and none that was deleted', async () => {
      await withStore(open, async (own) => {
        const hive = await own.waggle.createCollective({ name: 'kept', dimension: 4 })
        const random = seeded(11)
        const inputs = Array.from({ length: 200 }, () => experience({ embedding: wholeVector(random) }))
        const { ids } = await hive.recordMany(inputs)
        for (const id of ids.slice(0, 5)) await hive.delete(id)
        for (const id of ids.slice(5, 10)) await hive.archive(id)
        const query = wholeVector(random)
        const before = await search(hive, query, 1000)
        expect(before).toHaveLength(190)
        const again = await (await own.reopen()).collective('kept')
        expect(await search(again, query, 1000)).toEqual(before)
      })
    })
  })
}

const idsSorted = (found: Ranking): string[] => idsOf(found.map(([id]) => ({ id }))).toSorted()
