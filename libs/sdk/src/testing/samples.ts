/** What the tests write, and how they read it back. */
import { isFault, type Fault } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import type { Experience, ExperienceKind, ExperienceType } from '@waggle/protocol'
import { expect } from 'vitest'
import type { CollectiveHandle } from '../collective-handle.ts'
import type { ExperienceInput, FilterInput, InsightInput, RelationInput, RestoreInput } from '../inputs.ts'
import type { MemoryInput } from '../pages/page-inputs.ts'
import { DIMENSION } from './store-under-test.ts'

/** The least that an experience needs, with whatever a test cares about. */
export const experience = (fields: Partial<ExperienceInput> = {}): ExperienceInput => ({
  content: 'retry the settlement with the same key',
  embedding: [1, 0.5, 0, -0.25],
  ...fields,
})

/** The least that a relation needs. */
export const relation = (source: string, target: string, fields: Partial<RelationInput> = {}): RelationInput => ({
  source,
  target,
  type: 'supports',
  ...fields,
})

/** The least that an insight needs. */
export const insight = (sources: readonly string[], fields: Partial<InsightInput> = {}): InsightInput => ({
  content: 'settlements are retried with the key of the first try',
  embedding: [0.5, 1, 0, 0],
  sources,
  type: 'pattern',
  ...fields,
})

/** As `experience`, with the fields that the server owns. */
export const exported = (id: string, fields: Partial<RestoreInput> = {}): RestoreInput => ({
  id: id as RestoreInput['id'],
  content: `experience ${id}`,
  embedding: [1, 0.5, 0, -0.25],
  type: { kind: 'generic' },
  importance: 0.5,
  confidence: 0.5,
  domain: [],
  relatedFiles: [],
  sourceAgent: 'anonymous',
  applications: 0,
  createdAt: 1_700_000_000_000,
  lastReinforced: 1_700_000_000_000,
  archived: false,
  version: 1,
  ...fields,
})

/** Statistics of a collective with nothing in it. */
export const noStats = {
  ...{ experienceCount: 0, archivedCount: 0, relationCount: 0, insightCount: 0 },
  ...{ keyCount: 0, vectorCount: 0, payloadCount: 0, pageCount: 0, storageBytes: 0 },
}

/** The nth of the ids that a test gives itself; they sort by `n`. */
export const givenId = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

/** The nth memory of a page store. */
export const memoryInput = (n: number, content = `memory ${n}`): MemoryInput => ({
  ...{ id: givenId(n), agentId: givenId(0xa), memoryType: 'semantic', content, createdAt: 1, accessedAt: 2 },
})

/** One experience type of each kind. */
export const typesByKind: { readonly [Kind in ExperienceKind]: ExperienceType & { readonly kind: Kind } } = {
  difficulty: { kind: 'difficulty', description: 'the ledger locks', severity: 'critical' },
  solution: {
    kind: 'solution',
    problemRef: givenId(1) as NonNullable<Extract<ExperienceType, { kind: 'solution' }>['problemRef']>,
    approach: 'order the locks',
    worked: true,
  },
  errorPattern: { kind: 'errorPattern', signature: 'ECONNRESET', fix: 'retry', prevention: 'keep alive' },
  successPattern: { kind: 'successPattern', taskType: 'migration', approach: 'expand, then contract', quality: 0.75 },
  userPreference: { kind: 'userPreference', category: 'style', preference: 'short answers', strength: 0.25 },
  architecturalDecision: { kind: 'architecturalDecision', decision: 'one writer', rationale: 'no locks' },
  techInsight: { kind: 'techInsight', technology: 'LevelDB', insight: 'it trusts its filters' },
  fact: { kind: 'fact', statement: 'the cut-off is 17:00', source: 'the handbook' },
  generic: { kind: 'generic', category: 'notes' },
}

export const float32 = (values: ArrayLike<number>): Float32Array => Float32Array.from(values)

/** Vectors of small whole numbers, whose dot products are exact, so that a naive model finds the very same order. */
export const wholeVector = (random: { uint32(): number }, dimension = DIMENSION): number[] => {
  const vector = Array.from({ length: dimension }, () => (random.uint32() % 7) - 3)
  return vector.every((component) => component === 0) ? [1, ...vector.slice(1)] : vector
}

export const seeded = (seed: number) => seededRandom(seed)

/** The fault that a call ends with; any other end fails the test. */
export const refusal = async (call: Promise<unknown>): Promise<Fault> => {
  const outcome = await call.then(
    (result: unknown) => ({ result }),
    (error: unknown) => ({ error }),
  )
  if (!('error' in outcome)) throw new Error(`not refused: ${JSON.stringify(outcome.result)}`)
  if (isFault(outcome.error)) return outcome.error
  throw outcome.error
}

/** That a call is refused with this code, about this field. */
export const expectRefusal = async (call: Promise<unknown>, code: string, field?: string): Promise<Fault> => {
  const fault = await refusal(call)
  expect([fault.code, fault.details.field], fault.message).toEqual([code, field])
  return fault
}

/** Records so many experiences; their ids in order. */
export const recorded = async (hive: CollectiveHandle, count: number): Promise<readonly string[]> =>
  (await hive.recordMany(Array.from({ length: count }, (_, n) => experience({ content: `number ${n}` })))).ids

/** The items of all pages. */
export const allPages = async <Item>(
  list: (cursor: string | undefined) => Promise<{ readonly items: readonly Item[]; readonly cursor?: string }>,
): Promise<readonly Item[]> => {
  const items: Item[] = []
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await list(cursor)
    items.push(...page.items)
    cursor = page.cursor
  }
  return items
}

/** Every record of a collective, page by page, with its embedding. */
export const everything = async (
  hive: CollectiveHandle,
  query: { readonly limit?: number; readonly filter?: FilterInput } = {},
): Promise<readonly Experience[]> =>
  allPages(async (cursor) => hive.list({ limit: 1000, ...query, cursor }, { include: ['embedding'] }))

export const idsOf = (items: readonly { readonly id: string }[]): string[] => items.map(({ id }) => id)

/** Rows for `it.each` whose titles are printed whole: `$title` would be cut short. */
export const titled = <Row extends { readonly title: string }>(rows: readonly Row[]): [title: string, row: Row][] =>
  rows.map((row) => [row.title, row])
