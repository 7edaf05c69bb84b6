import { describe, expect, it } from 'vitest'
import type { OperationClass } from './operation.ts'
import { isSystemName, isWriteName, operations, writeNames, type BuiltName } from './table.ts'

/**
 * The operations of the interface (section 2), by their class, and some beyond it: `collective.restore`, which import
 * needs, `relation.paths`, `keys.stage` for puts larger than a request, `keys.job` for those that go on in the
 * background, `vectors.configure`, and what each store says of itself.
 */
const promised: Readonly<Record<OperationClass, readonly string[]>> = {
  read: [
    'collective.get',
    'collective.list',
    'collective.stats',
    'experience.get',
    'experience.getMany',
    'experience.list',
    'experience.recent',
    'experience.search',
    'experience.energy',
    'experience.cold',
    'context.get',
    'relation.get',
    'relation.list',
    'relation.related',
    'relation.paths',
    'insight.get',
    'insight.list',
    'insight.search',
    'activity.active',
    'watch.next',
    'keys.get',
    'keys.getMany',
    'keys.range',
    'keys.reduce',
    'keys.batch',
    'keys.position',
    'keys.subscribe',
    'keys.job',
    'vectors.get',
    'vectors.ids',
    'vectors.search',
    'vectors.status',
    'payloads.get',
    'payloads.ids',
    'payloads.status',
    'pages.read',
    'pages.load',
    'pages.scan',
    'pages.status',
  ],
  write: [
    'collective.create',
    'collective.getOrCreate',
    'experience.record',
    'experience.recordMany',
    'experience.update',
    'experience.archive',
    'experience.unarchive',
    'experience.delete',
    'experience.reinforce',
    'batch.commit',
    'relation.create',
    'relation.delete',
    'insight.store',
    'insight.delete',
    'activity.register',
    'activity.heartbeat',
    'activity.end',
    'keys.put',
    'keys.stage',
    'keys.delete',
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
    'cursor.save',
  ],
  admin: [
    'collective.delete',
    'collective.restore',
    'collective.update',
    'keys.prune',
    'keys.setRetention',
    'cursor.list',
    'cursor.drop',
    'tenant.usage',
  ],
  system: [
    'shard.list',
    'log.status',
    'log.prune',
    'checkpoint.create',
    'checkpoint.list',
    'verify.run',
    'node.list',
    'node.drain',
    'backup.read',
    'restore.look',
    'restore.write',
    'restore.freeze',
    'restore.commit',
    'restore.lift',
  ],
}

/** What an engine executes. */
const builtNames = Object.keys(operations).filter((name) => !isSystemName(name)) as BuiltName[]

describe('the table of operations', () => {
  it('holds exactly what the interface promises', () => {
    expect(Object.keys(operations).sort()).toEqual(Object.values(promised).flat().sort())
  })

  it.each(Object.keys(promised) as OperationClass[])('gives the right of class %s to those of the interface', (of) => {
    const names = Object.entries(operations)
      .filter(([, operation]) => operation.class === of)
      .map(([name]) => name)
    expect(names.sort()).toEqual([...promised[of]].sort())
  })

  it('names everything as two tokens of a subject', () => {
    for (const name of Object.keys(operations)) expect(name).toMatch(/^[a-z]+\.[a-z]+([A-Z][a-z]+)*$/)
  })

  it('has none of the operators’ operations among those that an engine executes', () => {
    for (const name of builtNames) expect(operations[name].class).not.toBe('system')
    for (const [name, { class: of }] of Object.entries(operations)) if (isSystemName(name)) expect(of).toBe('system')
  })

  it('counts as a write whatever is built and not of class read, but for what admins only look at', () => {
    const looks = ['cursor.list', 'tenant.usage']
    const isWrite = (name: BuiltName): boolean => operations[name].class !== 'read' && !looks.includes(name)
    expect([...writeNames].sort()).toEqual(builtNames.filter(isWrite).sort())
    for (const name of builtNames) expect(isWriteName(name)).toBe(isWrite(name))
  })
})
