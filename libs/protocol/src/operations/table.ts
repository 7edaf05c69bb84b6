/**
 * The one table of operations. The wire, the SDK and the command line are generated from it or checked against it, so
 * that they cannot drift.
 */
import { activityOperations } from './activity.ts'
import { batchOperations } from './batch.ts'
import { collectiveOperations } from './collective.ts'
import { contextOperations } from './context.ts'
import { experienceOperations } from './experience.ts'
import { insightOperations } from './insight.ts'
import { keyOperations } from './keys.ts'
import type { BuiltOperation } from './operation.ts'
import { pageOperations } from './pages.ts'
import { relationOperations } from './relation.ts'
import { systemOperations } from './system.ts'
import { vectorOperations } from './vectors.ts'
import { watchOperations } from './watch.ts'

const built = {
  ...collectiveOperations,
  ...experienceOperations,
  ...relationOperations,
  ...insightOperations,
  ...activityOperations,
  ...contextOperations,
  ...watchOperations,
  ...batchOperations,
  ...keyOperations,
  ...vectorOperations,
  ...pageOperations,
} as const

export const operations = { ...built, ...systemOperations } as const

export type OperationName = keyof typeof operations

export const isOperationName = (name: string): name is OperationName => Object.hasOwn(operations, name)

/** An operation of the operators: a router answers it or passes it on, no engine executes it. */
export type SystemName = keyof typeof systemOperations

export const isSystemName = (name: string): name is SystemName => Object.hasOwn(systemOperations, name)

/** An operation that this version executes. */
export type BuiltName = keyof typeof built

/** The decoded fields of an operation's request. */
export type RequestOf<Name extends BuiltName> =
  (typeof built)[Name] extends BuiltOperation<infer Request> ? Request : never

/** The same of an operators' operation. */
export type SystemRequestOf<Name extends SystemName> =
  (typeof systemOperations)[Name] extends BuiltOperation<infer Request> ? Request : never

/** Operations that change the state; all others only read it. */
export const writeNames = [
  'collective.create',
  'collective.getOrCreate',
  'collective.update',
  'collective.delete',
  'collective.restore',
  'experience.record',
  'experience.recordMany',
  'experience.update',
  'experience.archive',
  'experience.unarchive',
  'experience.delete',
  'experience.reinforce',
  'relation.create',
  'relation.delete',
  'insight.store',
  'insight.delete',
  'activity.register',
  'activity.heartbeat',
  'activity.end',
  'batch.commit',
  'cursor.save',
  'cursor.drop',
  'keys.put',
  'keys.stage',
  'keys.delete',
  'keys.prune',
  'keys.setRetention',
  'vectors.store',
  'vectors.delete',
  'vectors.flush',
  'vectors.configure',
  'payloads.store',
  'payloads.delete',
  'payloads.flush',
  'pages.allocate',
  'pages.write',
  'pages.store',
  'pages.update',
  'pages.delete',
  'pages.checkpoint',
] as const satisfies readonly BuiltName[]

export type WriteName = (typeof writeNames)[number]
export type ReadName = Exclude<BuiltName, WriteName>

const writes: ReadonlySet<string> = new Set(writeNames)

export const isWriteName = (name: BuiltName): name is WriteName => writes.has(name)

/** Reads that wait, for as long as their request says, for what has not happened yet. */
export type PollName = 'watch.next' | 'keys.subscribe'

export const isPollName = (name: BuiltName): name is PollName => name === 'watch.next' || name === 'keys.subscribe'

/** Writes whose answer names the sequence of the batch that they became: no decision knows it. */
const sequencedNames: ReadonlySet<BuiltName> = new Set<BuiltName>(['batch.commit', 'keys.put', 'keys.delete'])

export const isSequencedName = (name: BuiltName): boolean => sequencedNames.has(name)
