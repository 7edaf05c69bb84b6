import { describe, expect, it } from 'vitest'
import type { TenantId } from '../collective.ts'
import { operations, type OperationName } from '../operations/table.ts'
import { DEFAULT_TENANT } from '../tenant.ts'
import {
  internalPermissions,
  operatorPermissions,
  systemPermissions,
  tenantPermissions,
  tenantRoles,
  wholeTenantPermissions,
  type SubjectRights,
} from './permissions.ts'
import {
  alarmSubject,
  apiSubject,
  beatSubject,
  commandSubject,
  compactorBeatSubject,
  compactorCommandSubject,
  inboxPrefix,
  internalInboxPrefix,
  internalRoles,
  logSubject,
  nodeBeatSubject,
  nodeCommandSubject,
  nodePulseSubject,
  readSubject,
  replicaBeatSubject,
  ROUTER_QUEUE,
  SYSTEM_TENANT,
  systemInboxPrefix,
  upkeepSubject,
} from './subjects.ts'

const ana = 'ana' as TenantId

/** As nats-server matches: `*` is one token, `>` one or more at the end; a queue group counts for its members alone. */
const matches = (right: string, subject: string, queue?: string): boolean => {
  const [pattern = '', group] = right.split(' ')
  const tokens = subject.split('.')
  const wanted = pattern.split('.')
  return (
    (group === undefined || group === queue) &&
    wanted.every((token, at) => (token === '>' ? tokens.length > at : token === '*' || token === tokens[at])) &&
    (wanted.at(-1) === '>' || wanted.length === tokens.length)
  )
}

const allows = ({ allow, deny = [] }: SubjectRights, subject: string, queue?: string): boolean =>
  allow.some((pattern) => matches(pattern, subject, queue)) && !deny.some((pattern) => matches(pattern, subject))

const names = Object.keys(operations) as OperationName[]
const clients = [
  ...tenantRoles.map((role) => [`${role} of ana`, tenantPermissions(ana, role)] as const),
  ['everything of ana', wholeTenantPermissions(ana)],
  ['everything of default', wholeTenantPermissions(DEFAULT_TENANT)],
  ['operator', operatorPermissions()],
] as const
const insideSubjects = [
  ...[logSubject(0), beatSubject(0), alarmSubject(0), nodeBeatSubject('n'), compactorBeatSubject('c')],
  ...[
    commandSubject(0, 7),
    upkeepSubject(0, 7),
    '$JS.API.STREAM.DELETE.WAGGLE_0_a',
    '$KV.waggle.cluster',
    '$KV.waggle_leases.shard.0',
  ],
  ...internalRoles.map((role) => `${internalInboxPrefix(role)}.x`),
  ...['$SYS.REQ.SERVER.PING', '_INBOX.x', 'waggle.inbox.other.x'],
]

describe('N1 the log', () => {
  it('takes messages from the role log alone', () => {
    for (const role of internalRoles)
      expect(allows(internalPermissions[role].publish, logSubject(3)), role).toBe(role === 'log')
  })

  it('is published by a role that can answer nobody', () => {
    const { publish } = internalPermissions.log
    for (const reply of [
      '_INBOX.x',
      'waggle.inbox.ana.x',
      `${internalInboxPrefix('router')}.x`,
      apiSubject(ana, 'a.b'),
    ])
      expect(allows(publish, reply), reply).toBe(false)
  })
})

it('N1 a node’s connection to its logs reaches the one that takes requests, and is not reached by it', () => {
  for (const role of internalRoles) {
    const { publish, subscribe } = internalPermissions[role]
    expect(allows(publish, nodePulseSubject('n')), role).toBe(role === 'log')
    expect(allows(subscribe, nodePulseSubject('n')), role).toBe(role === 'shard')
  }
})

describe('N2 whoever answers requests', () => {
  it.each(['router', 'shard'] as const)('%s stores nothing', (role) => {
    for (const subject of [logSubject(0), '$KV.waggle.cluster', '$KV.waggle_leases.shard.0', '$JS.API.INFO', '$O.x'])
      expect(allows(internalPermissions[role].publish, subject), subject).toBe(false)
  })

  it.each(['router', 'shard', 'compactor'] as const)('%s cannot speak to the inbox of the log’s connection', (role) => {
    expect(allows(internalPermissions[role].publish, `${internalInboxPrefix('log')}.x`)).toBe(false)
  })

  it.each(internalRoles)('%s listens to its own inbox, where it asks anything, and to no other', (role) => {
    const asks = role !== 'shard'
    for (const other of internalRoles)
      expect(allows(internalPermissions[role].subscribe, `${internalInboxPrefix(other)}.x`), other).toBe(
        other === role && asks,
      )
    for (const inbox of ['_INBOX.x', 'waggle.inbox.ana.x', 'waggle.inbox.$sys.x'])
      expect(allows(internalPermissions[role].subscribe, inbox), inbox).toBe(false)
  })

  it('a request’s way is open: router to leader, leader to client, beats to the router', () => {
    const { router, shard } = internalPermissions
    expect(allows(router.subscribe, apiSubject(ana, 'experience.get'), ROUTER_QUEUE)).toBe(true)
    expect(allows(router.subscribe, apiSubject(SYSTEM_TENANT, 'shard.list'), ROUTER_QUEUE)).toBe(true)
    expect(allows(router.publish, commandSubject(3, 41))).toBe(true)
    expect(allows(shard.subscribe, commandSubject(3, 41))).toBe(true)
    for (const reply of [
      `${inboxPrefix(ana)}.x`,
      `${inboxPrefix(DEFAULT_TENANT)}.x`,
      `${internalInboxPrefix('router')}.x`,
    ])
      expect(allows(shard.publish, reply), reply).toBe(true)
    for (const beat of [beatSubject(3), nodeBeatSubject('n')]) {
      expect(allows(shard.publish, beat), beat).toBe(true)
      expect(allows(router.subscribe, beat), beat).toBe(true)
    }
    expect(allows(router.subscribe, compactorBeatSubject('c'))).toBe(true)
  })
})

describe('N5 a part of the cluster', () => {
  const destroying = [
    ...['STREAM.UPDATE', 'STREAM.MSG.DELETE', 'STREAM.RESTORE', 'STREAM.SNAPSHOT'],
    ...['STREAM.PEER.REMOVE', 'CONSUMER.CREATE', 'CONSUMER.DURABLE.CREATE', 'CONSUMER.DELETE'],
  ]

  it.each(internalRoles)('%s deletes a stream if it is the log’s, never one of buckets or checkpoints', (role) => {
    const { publish } = internalPermissions[role]
    expect(allows(publish, '$JS.API.STREAM.DELETE.WAGGLE_0_a')).toBe(role === 'log')
    for (const stream of ['KV_waggle', 'KV_waggle_leases', 'OBJ_waggle_checkpoints'])
      expect(allows(publish, `$JS.API.STREAM.DELETE.${stream}`), stream).toBe(false)
  })

  it.each(internalRoles)('%s destroys, changes and copies no stream, and has no consumer', (role) => {
    for (const api of destroying)
      expect(allows(internalPermissions[role].publish, `$JS.API.${api}.WAGGLE_0_a`), api).toBe(false)
  })

  it.each(internalRoles)('K1 %s purges logs if it is a compactor, and a bucket never', (role) => {
    const purges = (stream: string) => allows(internalPermissions[role].publish, `$JS.API.STREAM.PURGE.${stream}`)
    expect(purges('WAGGLE_0_a')).toBe(role === 'compactor')
    for (const bucket of ['KV_waggle', 'KV_waggle_leases']) expect(purges(bucket), bucket).toBe(false)
  })

  it.each(internalRoles)('K3 %s writes and removes checkpoints if it has the states', (role) => {
    const { publish } = internalPermissions[role]
    for (const subject of [
      ...['$KV.waggle.checkpoint.3', '$O.waggle_checkpoints.C.x', '$O.waggle_checkpoints.M.x'],
      '$JS.API.STREAM.PURGE.OBJ_waggle_checkpoints',
    ])
      expect(allows(publish, subject), subject).toBe(role === 'log')
    for (const subject of ['$O.other.C.x', '$JS.API.STREAM.PURGE.OBJ_other'])
      expect(role !== 'compactor' && allows(publish, subject), subject).toBe(false)
  })

  it('the log creates, looks at and reads streams, and writes what shards have in the buckets', () => {
    const { publish } = internalPermissions.log
    for (const api of ['INFO', 'STREAM.NAMES', 'STREAM.CREATE.S', 'STREAM.INFO.S', 'STREAM.MSG.GET.S', 'DIRECT.GET.S'])
      expect(allows(publish, `$JS.API.${api}`), api).toBe(true)
    for (const key of ['waggle.cluster', 'waggle.shard.0', 'waggle_leases.shard.0'])
      expect(allows(publish, `$KV.${key}`), key).toBe(true)
    for (const key of ['waggle_leases.compactor', 'other.x']) expect(allows(publish, `$KV.${key}`), key).toBe(false)
  })

  it('a compactor reads no log, leads no shard, and speaks for no tenant', () => {
    const { publish, subscribe } = internalPermissions.compactor
    for (const subject of [
      ...[commandSubject(0, 7), beatSubject(0), nodeBeatSubject('n'), alarmSubject(0), apiSubject(ana, 'keys.get')],
      ...['$KV.waggle_leases.shard.0', '$KV.waggle.shard.0', '$JS.API.STREAM.CREATE.S'],
      ...['$JS.API.STREAM.MSG.GET.WAGGLE_0_a', '$JS.API.DIRECT.GET.WAGGLE_0_a', `${internalInboxPrefix('router')}.x`],
    ])
      expect(allows(publish, subject), subject).toBe(false)
    for (const subject of [upkeepSubject(0, 7), '$KV.waggle_leases.compactor', compactorBeatSubject('c')])
      expect(allows(publish, subject), subject).toBe(true)
    expect(allows(subscribe, commandSubject(0, 7))).toBe(false)
  })

  it('a router asks for no upkeep, and hears requests as one of the routers only', () => {
    const { publish, subscribe } = internalPermissions.router
    for (const subject of [upkeepSubject(0, 7), beatSubject(0), `${internalInboxPrefix('compactor')}.x`])
      expect(allows(publish, subject), subject).toBe(false)
    expect(allows(subscribe, apiSubject(ana, 'keys.get'))).toBe(false)
    expect(allows(subscribe, apiSubject(ana, 'keys.get'), 'another')).toBe(false)
  })

  it('who asks the servers for their figures and their health may ask for nothing else', () => {
    const { publish, subscribe } = systemPermissions()
    for (const subject of ['$SYS.REQ.SERVER.PING.JSZ', '$SYS.REQ.SERVER.ID.HEALTHZ'])
      expect(allows(publish, subject), subject).toBe(true)
    for (const subject of ['$SYS.REQ.SERVER.ID.RELOAD', '$SYS.REQ.SERVER.ID.LDM', '$JS.API.ACCOUNT.PURGE.WAGGLE'])
      expect(allows(publish, subject), subject).toBe(false)
    expect(allows(subscribe, '$SYS.ACCOUNT.WAGGLE.CONNECT')).toBe(false)
  })
})

describe('N3 P12 a tenant’s role', () => {
  it.each(tenantRoles)('%s may ask for the operations of its classes, and for no others', (role) => {
    const { publish } = tenantPermissions(ana, role)
    for (const name of names) {
      const of = operations[name].class
      const may = of === 'read' || (of === 'write' && role !== 'reader') || (of === 'admin' && role === 'admin')
      expect(allows(publish, apiSubject(ana, name)), name).toBe(may)
      expect(allows(publish, apiSubject('other' as TenantId, name)), name).toBe(false)
      expect(allows(publish, apiSubject(SYSTEM_TENANT, name)), name).toBe(false)
    }
  })

  it.each(clients)('%s reaches nothing inside', (_, { publish, subscribe }) => {
    for (const subject of insideSubjects) expect(allows(publish, subject), subject).toBe(false)
    const isDefault = subscribe.allow.includes('_INBOX.>')
    for (const subject of insideSubjects)
      expect(allows(subscribe, subject), subject).toBe(isDefault && subject === '_INBOX.x')
  })

  it('listens to its own inbox alone', () => {
    const { subscribe } = wholeTenantPermissions(ana)
    expect(allows(subscribe, `${inboxPrefix(ana)}.abc.1`)).toBe(true)
    for (const inbox of ['_INBOX.x', 'waggle.inbox.anastasia.x', `${systemInboxPrefix()}.x`])
      expect(allows(subscribe, inbox), inbox).toBe(false)
  })

  it('finds the services', () => {
    for (const [, { publish }] of clients)
      for (const subject of ['$SRV.PING', '$SRV.INFO.waggle-router', '$SRV.STATS.waggle-shard.id'])
        expect(allows(publish, subject), subject).toBe(true)
  })
})

describe('what operators have done', () => {
  const commands = [compactorCommandSubject('c'), nodeCommandSubject('n')]
  const reads = [readSubject(0, 'n'), replicaBeatSubject(0, 'n')]

  it('P12 comes through a router, which alone may pass it on, and is answered by who carries it out', () => {
    const { router, shard, log, compactor } = internalPermissions
    for (const subject of commands) {
      expect(allows(router.publish, subject), subject).toBe(true)
      for (const other of [shard, log, compactor]) expect(allows(other.publish, subject), subject).toBe(false)
      for (const [who, { publish, subscribe }] of clients) {
        expect(allows(publish, subject), who).toBe(false)
        expect(allows(subscribe, subject), who).toBe(false)
      }
    }
    expect(allows(compactor.subscribe, compactorCommandSubject('c'))).toBe(true)
    expect(allows(shard.subscribe, nodeCommandSubject('n'))).toBe(true)
    for (const { publish } of [shard, compactor])
      expect(allows(publish, `${systemInboxPrefix()}.x`), 'the operator is answered').toBe(true)
  })

  it('P12 reads of followers are a router’s to send, and their beats nobody’s but a shard’s to make', () => {
    const { router, shard, log, compactor } = internalPermissions
    const [read = '', beat = ''] = reads
    expect([router.publish, shard.publish, log.publish, compactor.publish].map((of) => allows(of, read))).toEqual([
      ...[true, false, false, false],
    ])
    expect([router.publish, shard.publish, log.publish, compactor.publish].map((of) => allows(of, beat))).toEqual([
      ...[false, true, false, false],
    ])
    expect([allows(shard.subscribe, read), allows(router.subscribe, beat)]).toEqual([true, true])
    for (const [who, { publish, subscribe }] of clients)
      for (const subject of reads)
        expect([allows(publish, subject), allows(subscribe, subject)], who).toEqual([false, false])
  })
})

describe('N4 operators', () => {
  it('reach the operations of $sys, and no tenant’s memories', () => {
    const { publish, subscribe } = operatorPermissions()
    for (const name of names) {
      expect(allows(publish, apiSubject(SYSTEM_TENANT, name)), name).toBe(true)
      for (const tenant of [DEFAULT_TENANT, ana]) expect(allows(publish, apiSubject(tenant, name)), name).toBe(false)
    }
    expect(allows(subscribe, `${systemInboxPrefix()}.x`)).toBe(true)
    expect(allows(subscribe, `${inboxPrefix(ana)}.x`)).toBe(false)
  })
})
