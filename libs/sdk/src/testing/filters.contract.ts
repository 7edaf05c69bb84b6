/** Filters: every condition alone and together with others, on lists, on the newest records and on search. */
import { experienceKinds, limits, type Experience, type ExperienceKind } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { FilterInput, RestoreInput, TimeInput } from '../inputs.ts'
import { everything, exported, expectRefusal, givenId, idsOf, typesByKind } from './samples.ts'
import { sharedStore, type OpenStore } from './store-under-test.ts'

const TAGS = ['payments', 'retries', 'ledger'] as const
const AGENTS = ['agent-1', 'agent-2'] as const
const TASKS = ['task-1', 'task-2'] as const
const FILES = ['a.ts', 'b.ts'] as const
const LEVELS = [0, 0.25, 0.3, 0.5, 0.9, 1] as const
const KINDS: readonly ExperienceKind[] = ['fact', 'solution', 'generic']

const someOf = (values: readonly string[]) => fc.subarray([...values])

const arbitraryRecord = fc.record({
  domain: someOf(TAGS),
  relatedFiles: someOf(FILES),
  sourceAgent: fc.constantFrom(...AGENTS),
  sourceTask: fc.option(fc.constantFrom(...TASKS), { nil: undefined }),
  importance: fc.constantFrom(...LEVELS),
  confidence: fc.constantFrom(...LEVELS),
  kind: fc.constantFrom(...KINDS),
  createdAt: fc.integer({ min: 1000, max: 1005 }),
  archived: fc.boolean(),
})

const arbitraryTime = fc
  .tuple(fc.integer({ min: 999, max: 1006 }), fc.boolean())
  .map(([time, isDate]): TimeInput => (isDate ? new Date(time) : time))

/** Mostly absent, so that filters of few conditions are as frequent as those of many. */
const perhaps = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 })

const arbitraryFilter: fc.Arbitrary<FilterInput> = fc.record({
  domains: perhaps(someOf([...TAGS, 'nobody has it'])),
  types: perhaps(fc.subarray([...KINDS])),
  minImportance: perhaps(fc.constantFrom(...LEVELS)),
  minConfidence: perhaps(fc.constantFrom(...LEVELS)),
  since: perhaps(arbitraryTime),
  until: perhaps(arbitraryTime),
  agents: perhaps(someOf([...AGENTS, 'nobody'])),
  tasks: perhaps(someOf(TASKS)),
  files: perhaps(someOf(FILES)),
  includeArchived: perhaps(fc.boolean()),
})

/** The meaning of a filter, as plainly as it can be said. */
const matches = (record: Experience, filter: FilterInput, archivedByDefault: boolean): boolean => {
  const overlap = (wanted: readonly string[] | undefined, present: readonly (string | undefined)[]): boolean =>
    wanted === undefined || present.some((value) => value !== undefined && wanted.includes(value))
  return (
    overlap(filter.domains, record.domain) &&
    overlap(filter.types, [record.type.kind]) &&
    overlap(filter.agents, [record.sourceAgent]) &&
    overlap(filter.tasks, [record.sourceTask]) &&
    overlap(filter.files, record.relatedFiles) &&
    record.importance >= Math.fround(filter.minImportance ?? 0) &&
    record.confidence >= Math.fround(filter.minConfidence ?? 0) &&
    record.createdAt >= Number(filter.since ?? 0) &&
    record.createdAt <= Number(filter.until ?? Infinity) &&
    (!record.archived || (filter.includeArchived ?? archivedByDefault))
  )
}

const found = async (hive: CollectiveHandle, filter: FilterInput) => ({
  listed: idsOf(await everything(hive, { limit: 3, filter })),
  recent: idsOf(await hive.recent({ limit: 1000, filter })).toReversed(),
  // All vectors are alike, so search orders by id, which is the order of the list here only after sorting.
  searched: idsOf(
    (await hive.search({ embedding: [1, 0, 0, 0], k: 1000, filter })).results.map((hit) => hit.experience),
  ),
})

const expected = (all: readonly Experience[], filter: FilterInput) => {
  const shown = idsOf(all.filter((record) => matches(record, filter, false)))
  return {
    listed: idsOf(all.filter((record) => matches(record, filter, true))),
    recent: shown,
    searched: shown.toSorted(),
  }
}

export const filtersContract = (open: OpenStore): void => {
  describe('filters', () => {
    const store = sharedStore(open)

    const collectiveOf = async (records: readonly Partial<RestoreInput>[]): Promise<CollectiveHandle> => {
      const hive = await store.collective()
      await hive.restore(records.map((fields, n) => exported(givenId(n), fields)))
      return hive
    }

    it('P7 lists, recent and search find what a naive model finds, under any filter', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(arbitraryRecord, { minLength: 1, maxLength: 25 }),
          fc.array(arbitraryFilter, { minLength: 1, maxLength: 15 }),
          async (records, filters) => {
            const hive = await collectiveOf(
              records.map(({ kind, ...fields }) => ({ ...withoutUndefined(fields), type: typesByKind[kind] })),
            )
            const all = await everything(hive)
            for (const filter of filters) expect(await found(hive, filter)).toEqual(expected(all, filter))
          },
        ),
        { numRuns: 30 },
      )
    })

    const two: readonly Partial<RestoreInput>[] = [
      {
        domain: ['payments', 'retries'],
        relatedFiles: ['a.ts'],
        sourceAgent: 'agent-1',
        sourceTask: 'task-1',
        importance: 0.9,
        confidence: 0.9,
        type: { ...typesByKind.fact, statement: 'one' },
        createdAt: 2000,
      },
      { domain: ['ledger'], relatedFiles: ['b.ts'], sourceAgent: 'agent-2', importance: 0.2, createdAt: 1000 },
    ]

    it.each<[string, FilterInput, number[]]>([
      ['no condition', {}, [1, 0]],
      ['test_recent_with_domain_filter: any overlap', { domains: ['retries', 'other'] }, [0]],
      ['domains are exact, not prefixes', { domains: ['pay', 'PAYMENTS', ''] }, []],
      ['test_recent_with_type_filter: by kind, fields ignored', { types: ['fact', 'solution'] }, [0]],
      ['test_recent_with_importance_filter: at least', { minImportance: 0.9 }, [0]],
      ['a threshold that all reach', { minImportance: -5, minConfidence: 0 }, [1, 0]],
      ['a threshold that none reaches', { minImportance: 1.5 }, []],
      ['test_search_respects_confidence_filter', { minConfidence: 0.6 }, [0]],
      ['agents', { agents: ['agent-2'] }, [1]],
      ['tasks; a record without one matches none', { tasks: ['task-1', ''] }, [0]],
      ['files', { files: ['b.ts'] }, [1]],
      ['test_search_respects_since_filter: inclusive', { since: 2000 }, [0]],
      ['since as a Date', { since: new Date(1001) }, [0]],
      ['until is inclusive', { until: 1000 }, [1]],
      ['until as a Date', { until: new Date(1999) }, [1]],
      ['a span that is empty', { since: 1999, until: 1001 }, []],
      ['a span of one moment', { since: 2000, until: 2000 }, [0]],
      ...(['domains', 'types', 'agents', 'tasks', 'files'] as const).map((name): [string, FilterInput, number[]] => [
        `[] of ${name} matches nothing`,
        { [name]: [] },
        [],
      ]),
      ['all conditions are ANDed', { domains: ['payments'], agents: ['agent-2'] }, []],
      ['undefined counts as absent', { domains: undefined, since: undefined }, [1, 0]],
    ])('P7 %s', async (_title, filter, wanted) => {
      const hive = await collectiveOf(two)
      const ids = wanted.map(givenId)
      expect(await found(hive, filter)).toEqual({ listed: ids, recent: ids, searched: ids.toSorted() })
    })

    it('archived records are in lists unless excluded, and elsewhere only when included', async () => {
      const hive = await collectiveOf([{ archived: true }, {}])
      const [both, one] = [[givenId(0), givenId(1)], [givenId(1)]]
      expect(await found(hive, {})).toEqual({ listed: both, recent: one, searched: one })
      expect(await found(hive, { includeArchived: true })).toEqual({ listed: both, recent: both, searched: both })
      expect(await found(hive, { includeArchived: false })).toEqual({ listed: one, recent: one, searched: one })
    })

    it.each(['domains', 'agents', 'tasks', 'files'] as const)('P10 %s: at most 100 values', async (name) => {
      const hive = await collectiveOf([{}])
      const values = Array.from({ length: limits.FILTER_VALUES_MAX }, (_, n) => `value ${n}`)
      expect((await hive.recent({ filter: { [name]: values } })).length).toBe(0)
      const filter = { [name]: [...values, 'one more'] }
      const calls = [hive.recent({ filter }), hive.list({ filter }), hive.search({ embedding: [1, 0, 0, 0], filter })]
      await Promise.all(calls.map((call) => expectRefusal(call, 'TOO_MANY_ITEMS', `filter.${name}`)))
    })

    it.each<[string, unknown, string, string]>([
      ['a misspelt condition', { domain: ['x'] }, 'UNKNOWN_FIELD', 'filter.domain'],
      ['a kind that there is not', { types: ['fact', 'rumour'] }, 'INVALID_FIELD', 'filter.types[1]'],
      ['a value that is no list', { domains: 'payments' }, 'INVALID_FIELD', 'filter.domains'],
      ['a threshold that is no number', { minImportance: '0.5' }, 'INVALID_FIELD', 'filter.minImportance'],
      ['NaN, to which nothing compares', { minConfidence: NaN }, 'INVALID_FIELD', 'filter.minConfidence'],
      ['an invalid Date', { since: new Date(NaN) }, 'INVALID_FIELD', 'filter.since'],
      ['a time with a fraction', { until: 1.5 }, 'INVALID_FIELD', 'filter.until'],
      ['a time before 1970', { since: -1 }, 'INVALID_FIELD', 'filter.since'],
      ['a time as text', { since: '2026-01-01' }, 'INVALID_FIELD', 'filter.since'],
      ['a flag that is no boolean', { includeArchived: 'yes' }, 'INVALID_FIELD', 'filter.includeArchived'],
      ['a Map, which would let everything through', new Map([['domains', ['x']]]), 'INVALID_FIELD', 'filter'],
      ['a list', [], 'INVALID_FIELD', 'filter'],
    ])('P10 %s is refused', async (_title, filter, code, field) => {
      const hive = await collectiveOf([{}])
      const given = filter as FilterInput
      const calls = [
        hive.list({ filter: given }),
        hive.recent({ filter: given }),
        hive.search({ embedding: [1, 0, 0, 0], filter: given }),
      ]
      await Promise.all(calls.map((call) => expectRefusal(call, code, field)))
    })

    it('all kinds can be asked for at once', async () => {
      const hive = await collectiveOf(experienceKinds.map((kind) => ({ type: typesByKind[kind] })))
      for (const kind of experienceKinds)
        expect((await hive.recent({ filter: { types: [kind] } })).map(({ type }) => type.kind)).toEqual([kind])
      expect(await hive.recent({ filter: { types: [...experienceKinds] } })).toHaveLength(9)
    })
  })
}

const withoutUndefined = (fields: object): Partial<RestoreInput> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
