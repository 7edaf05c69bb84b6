/** What the cases write, and how they read it back: PulseDB's fixture in our words. */
import { isFault, type Fault, type FaultKind } from '@waggle/kernel'
import type {
  Activity,
  CollectiveId,
  Experience,
  ExperienceId,
  ExperienceKind,
  ExperienceType,
  InsightId,
  RelationId,
  SearchHit,
} from '@waggle/protocol'
import { expect } from 'vitest'
import type { EmptyCase, ParityCase } from './parity-store.ts'

/** PulseDB's default. */
export const DIMENSION = 384

const MULTIPLIER = 6364136223846793005n
const SCRAMBLER = 1442695040888963407n

/** The vectors of PulseDB's tests and benchmarks: components in [-0.5, 0), near one another for near seeds. */
export const vectorOf = (seed: number, dimension = DIMENSION): Float32Array => {
  let hash = BigInt.asUintN(64, BigInt(seed) * MULTIPLIER * SCRAMBLER)
  return Float32Array.from({ length: dimension }, () => {
    const component = Math.fround(Math.fround(Number(hash >> 33n)) / Math.fround(0xffff_ffff)) - 0.5
    hash = BigInt.asUintN(64, hash + SCRAMBLER)
    return component
  })
}

/** A vector of one component, for cases that ask for certain angles. */
export const axis = (index: number, dimension = DIMENSION): Float32Array => {
  const vector = new Float32Array(dimension)
  vector[index] = 1
  return vector
}

/** What lies between two axes: its cosine to the first is `cosine`. */
export const between = (cosine: number): Float32Array => {
  const vector = new Float32Array(DIMENSION)
  vector.set([cosine, Math.sqrt(1 - cosine * cosine)])
  return vector
}

/** The nth of the ids that are nobody's. */
export const unknownId = (n = 1): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

/** One experience type of each kind. */
export const typesByKind: { readonly [Kind in ExperienceKind]: ExperienceType & { readonly kind: Kind } } = {
  difficulty: { kind: 'difficulty', description: 'the ledger locks', severity: 'high' },
  solution: {
    kind: 'solution',
    problemRef: unknownId(7) as ExperienceId,
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

/** `size` bytes of text. */
export const textOf = (size: number): string => 'x'.repeat(size)

export const manyOf = <Item>(count: number, item: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => item(index))

export const createCollective = async ({ call }: EmptyCase, fields: object = {}): Promise<CollectiveId> =>
  (await call('collective.create', { name: 'another', dimension: DIMENSION, ...fields })).collective.id

/** A body of `experience.record` with whatever a case cares about. */
export const newExperience = (collective: CollectiveId, fields: object = {}): object => ({
  collective,
  content: 'a lesson',
  embedding: vectorOf(1),
  ...fields,
})

export const record = async ({ call, collective }: ParityCase, fields: object = {}): Promise<ExperienceId> =>
  (await call('experience.record', newExperience(collective, fields))).id

/** Records several at once, the nth with what `fields` gives for it; by default each has a vector of its own. */
export const recordMany = async (
  { call, collective }: ParityCase,
  count: number,
  fields: (index: number) => object = () => ({}),
): Promise<readonly ExperienceId[]> => {
  const experiences = manyOf(count, (index) => ({
    content: `lesson ${index}`,
    embedding: vectorOf(index),
    ...fields(index),
  }))
  return (await call('experience.recordMany', { collective, experiences })).ids
}

/** The experience as it is stored, which must be there. */
export const read = async ({ call, collective }: ParityCase, id: ExperienceId): Promise<Experience> => {
  const { experience } = await call('experience.get', { collective, id })
  if (experience === undefined) throw new Error(`no experience ${id}`)
  return experience
}

export const search = async ({ call, collective }: ParityCase, fields: object = {}): Promise<readonly SearchHit[]> =>
  (await call('experience.search', { collective, embedding: vectorOf(0), ...fields })).results

export const recent = async ({ call, collective }: ParityCase, fields: object = {}): Promise<readonly Experience[]> =>
  (await call('experience.recent', { collective, ...fields })).items

export const relate = async ({ call, collective }: ParityCase, fields: object): Promise<RelationId> =>
  (await call('relation.create', { collective, type: 'supports', ...fields })).id

/** A body of `insight.store` with whatever a case cares about. */
export const newInsight = (collective: CollectiveId, fields: object = {}): object => ({
  collective,
  content: 'a conclusion',
  embedding: vectorOf(1),
  type: 'pattern',
  ...fields,
})

export const storeInsight = async ({ call, collective }: ParityCase, fields: object): Promise<InsightId> =>
  (await call('insight.store', newInsight(collective, fields))).id

export const register = async ({ call, collective }: ParityCase, agent: string, fields: object = {}): Promise<void> => {
  await call('activity.register', { collective, agent, ...fields })
}

export const active = async ({ call, collective }: ParityCase, fields: object = {}): Promise<readonly Activity[]> =>
  (await call('activity.active', { collective, ...fields })).items

export const idsOf = (items: readonly { readonly id: string }[]): readonly string[] => items.map(({ id }) => id)

export const foundIds = (hits: readonly SearchHit[]): readonly string[] => hits.map(({ experience }) => experience.id)

/** Descending, ties allowed. */
export const expectDescending = (numbers: readonly number[]): void => {
  expect(numbers).toEqual([...numbers].sort((left, right) => right - left))
}

/** The fault that a call ends with; any other end fails the case. */
export const refusal = async (call: Promise<unknown>): Promise<Fault> => {
  const outcome = await call.then(
    (result: unknown) => ({ result }),
    (error: unknown) => ({ error }),
  )
  if (!('error' in outcome)) throw new Error('not refused')
  if (isFault(outcome.error)) return outcome.error
  throw outcome.error
}

/** That a call is refused with this code, about this field. */
export const expectRefusal = async (call: Promise<unknown>, code: string, field?: string): Promise<Fault> => {
  const fault = await refusal(call)
  expect([fault.code, fault.details.field], fault.message).toEqual([code, field])
  return fault
}

const KINDS: Readonly<Record<string, FaultKind>> = { NOT_FOUND: 'notFound', ALREADY_EXISTS: 'conflict' }

/** That a call misses something of this sort: PulseDB's `NotFound`. */
export const expectAbsent = async (call: Promise<unknown>, entity: string): Promise<Fault> => {
  const fault = await refusal(call)
  expect([fault.code, fault.kind, fault.details.entity], fault.message).toEqual(['NOT_FOUND', KINDS.NOT_FOUND, entity])
  return fault
}

/** That a call is refused for what it says: PulseDB's `Validation`. */
export const expectInvalid = async (call: Promise<unknown>, code: string, field: string): Promise<Fault> => {
  const fault = await expectRefusal(call, code, field)
  expect(fault.kind).toBe('invalid')
  return fault
}
