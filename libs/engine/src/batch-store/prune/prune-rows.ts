/**
 * Prunes of a collective's keys as rows of the state: one row lists the jobs, those under way in the order of their
 * requests and then those that ended; the policies of each that is under way are a row of their own.
 *
 * A prune tells of its deletions in the keys' journal, like a client's. But it is none: it takes no part in how many
 * batches a rule keeps, and the newest batch stays the newest. So its rows carry a mark.
 */
import type { Uuid } from '@waggle/kernel'
import type { Address, OrderEncoding, PruneJob, PrunePolicy, Sequence } from '@waggle/protocol'
import { pruneJobsKey, pruneMarkKey, prunePoliciesKey, type Scope } from '../../state/keyspace.ts'
import type { MutableState, StateView } from '../../state/overlay.ts'
import { encodeRow, readRow } from '../../state/rows.ts'
import { retainFrom, retainRow } from './retention-rows.ts'

/** Jobs that ended and are remembered. */
const ENDED_JOBS_MAX = 16

/** A prune by its policies, or the first application of a rule. */
export type JobKind = 'prune' | 'retention'

export interface StoredJob extends Omit<PruneJob, 'id'> {
  readonly id: Uuid
  readonly kind: JobKind
  /** Of the request: what was written at or after it stays. */
  readonly address: Address
}

type JobRow = readonly [Uuid, number, number, number, number, number, number]

const KIND = { prune: 0, retention: 1 } as const

export const readJobs = (state: StateView, scope: Scope): readonly StoredJob[] =>
  ((readRow(state, pruneJobsKey(scope)) ?? []) as readonly JobRow[]).map(
    ([id, kind, isDone, sequence, index, keys, batches]) => ({
      id,
      kind: kind === KIND.prune ? 'prune' : 'retention',
      isDone: isDone === 1,
      address: { sequence: sequence as Sequence, index },
      keys,
      batches,
    }),
  )

/** The jobs that are under way, in the order of their requests. */
export const jobsUnderWay = (state: StateView, scope: Scope): readonly StoredJob[] =>
  readJobs(state, scope).filter(({ isDone }) => !isDone)

const putJobs = (state: MutableState, scope: Scope, jobs: readonly StoredJob[]): void => {
  const underWay = jobs.filter(({ isDone }) => !isDone)
  const ended = jobs.filter(({ isDone }) => isDone).slice(-ENDED_JOBS_MAX)
  const row = ({ id, kind, isDone, address, keys, batches }: StoredJob): JobRow => [
    ...([id, KIND[kind], isDone ? 1 : 0, address.sequence, address.index, keys, batches] as const),
  ]
  state.put(pruneJobsKey(scope), encodeRow([...underWay, ...ended].map(row)))
}

/** Adds a job behind those that are there. */
export const addJob = (state: MutableState, scope: Scope, job: StoredJob): void => {
  putJobs(state, scope, [...readJobs(state, scope), job])
}

/** Adds to what a job that is under way has come to. */
export const countJob = (
  state: MutableState,
  scope: Scope,
  id: Uuid,
  { keys = 0, batches = 0 }: { readonly keys?: number; readonly batches?: number },
): void => {
  const jobs = readJobs(state, scope)
  putJobs(
    state,
    scope,
    jobs.map((job) => (job.id === id ? { ...job, keys: job.keys + keys, batches: job.batches + batches } : job)),
  )
}

/** Ends jobs: they are behind all others then. */
export const endJobs = (state: MutableState, scope: Scope, isEnding: (job: StoredJob) => boolean): void => {
  const jobs = readJobs(state, scope)
  const ending = jobs.filter((job) => !job.isDone && isEnding(job))
  for (const { id } of ending) state.delete(prunePoliciesKey(scope, id))
  putJobs(state, scope, [
    ...jobs.filter((job) => !ending.includes(job)),
    ...ending.map((job) => ({ ...job, isDone: true })),
  ])
}

/** Numbers of encodings in rows: never changed. */
const ENCODINGS: readonly OrderEncoding[] = ['bytesAsc', 'u64Be', 'i64Be']

const policyRow = ({ keys, retain }: PrunePolicy): readonly unknown[] => {
  if (keys === undefined) return [retainRow(retain)]
  const { selector, groupBy, orderBy } = keys
  return [
    retainRow(retain),
    selector.prefix,
    selector.regex ?? null,
    groupBy?.captureGroups ?? [],
    ...(orderBy === undefined ? [] : [orderBy.captureGroup, ENCODINGS.indexOf(orderBy.encoding)]),
  ]
}

type PolicyRow = readonly [
  retain: readonly unknown[],
  prefix?: Uint8Array,
  regex?: string | null,
  captureGroups?: readonly string[],
  captureGroup?: string,
  encoding?: number,
]

const policyFrom = ([retain, prefix, regex, captureGroups, captureGroup, encoding]: PolicyRow): PrunePolicy => {
  if (prefix === undefined) return { sequence: {}, retain: retainFrom(retain) }
  return {
    keys: {
      selector: { prefix, ...(typeof regex === 'string' ? { regex } : {}) },
      groupBy: { captureGroups: captureGroups ?? [] },
      ...(captureGroup === undefined
        ? {}
        : { orderBy: { captureGroup, encoding: ENCODINGS[encoding ?? 0] as OrderEncoding } }),
    },
    retain: retainFrom(retain),
  }
}

/** Absent for a job that is not under way. */
export const readPolicies = (state: StateView, scope: Scope, job: Uuid): readonly PrunePolicy[] | undefined => {
  const row = readRow(state, prunePoliciesKey(scope, job)) as readonly PolicyRow[] | undefined
  return row?.map(policyFrom)
}

export const putPolicies = (state: MutableState, scope: Scope, job: Uuid, policies: readonly PrunePolicy[]): void => {
  state.put(prunePoliciesKey(scope, job), encodeRow(policies.map(policyRow)))
}

/** Whether a row of the keys' journal tells of a prune. */
export const isPruneRow = (state: StateView, scope: Scope, address: Address): boolean =>
  state.get(pruneMarkKey(scope, address)) !== undefined

export const markPruneRow = (state: MutableState, scope: Scope, address: Address): void => {
  state.put(pruneMarkKey(scope, address), MARK)
}

export const unmarkPruneRow = (state: MutableState, scope: Scope, address: Address): void => {
  if (isPruneRow(state, scope, address)) state.delete(pruneMarkKey(scope, address))
}

const MARK = encodeRow([])
