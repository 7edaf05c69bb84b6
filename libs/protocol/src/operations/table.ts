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
import { planned, type BuiltOperation } from './operation.ts'
import { relationOperations } from './relation.ts'
import { systemOperations } from './system.ts'
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
} as const

const later = {
  ...planned('read', 'keys', ['get', 'getMany', 'range', 'reduce', 'batch', 'position', 'subscribe']),
  ...planned('write', 'keys', ['put', 'delete']),
  ...planned('admin', 'keys', ['prune', 'setRetention']),
  ...planned('read', 'vectors', ['get', 'ids', 'search']),
  ...planned('write', 'vectors', ['store', 'delete', 'flush']),
  ...planned('read', 'payloads', ['get', 'ids']),
  ...planned('write', 'payloads', ['store', 'delete', 'flush']),
  ...planned('read', 'pages', ['read', 'load', 'scan']),
  ...planned('write', 'pages', ['allocate', 'write', 'store', 'update', 'delete', 'checkpoint']),
  ...planned('system', 'log', ['prune']),
  ...planned('system', 'checkpoint', ['create', 'list']),
  ...planned('system', 'verify', ['run']),
  ...planned('system', 'node', ['drain']),
} as const

export const operations = { ...built, ...systemOperations, ...later } as const

export type OperationName = keyof typeof operations

export const isOperationName = (name: string): name is OperationName => Object.hasOwn(operations, name)

/** An operation of the operators that this version executes: a router answers it, no engine does. */
export type SystemName = keyof typeof systemOperations

export const isSystemName = (name: string): name is SystemName => Object.hasOwn(systemOperations, name)

/** An operation that this version executes. */
export type BuiltName = keyof typeof built

/** The decoded fields of an operation's request. */
export type RequestOf<Name extends BuiltName> =
  (typeof built)[Name] extends BuiltOperation<infer Request> ? Request : never

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
] as const satisfies readonly BuiltName[]

export type WriteName = (typeof writeNames)[number]
export type ReadName = Exclude<BuiltName, WriteName>

const writes: ReadonlySet<string> = new Set(writeNames)

export const isWriteName = (name: BuiltName): name is WriteName => writes.has(name)
