/**
 * P12 on a whole cluster: what somebody tries who has credentials, or none, and wants what they do not give. Rules `N`
 * are those of `permissions.ts`; `docs/security.md` says what is protected against whom.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Waggle } from '@waggle/client'
import {
  alarmSubject,
  apiSubject,
  beatSubject,
  commandSubject,
  compactorBeatSubject,
  compactorCommandSubject,
  decodeForwarded,
  FORWARDED_HEADER,
  inboxPrefix,
  internalInboxPrefix,
  internalRoles,
  liveSubject,
  logSubject,
  nodeBeatSubject,
  nodeCommandSubject,
  operations,
  readSubject,
  replicaBeatSubject,
  SYSTEM_TENANT,
  tenantRoles,
  upkeepSubject,
  type OperationName,
  type TenantId,
} from '@waggle/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Attacker } from './testing/attacker.ts'
import { eventually } from './testing/cluster-state.ts'
import {
  accessOf,
  clients,
  foreign,
  MARK,
  other,
  SHARDS,
  WatchedCluster,
  type Stolen,
} from './testing/watched-cluster.ts'

const ACME = 'acme' as TenantId

let cluster: WatchedCluster
let streams: readonly string[] = []
let epoch = 0

beforeAll(async () => {
  cluster = await WatchedCluster.start()
  streams = await cluster.streams()
  epoch = await cluster.epoch(0)
})

afterAll(async () => {
  await cluster.stop()
})

const shards = Array.from({ length: SHARDS }, (_, shard) => shard)

/** Where only parts of the cluster may speak. */
const insideSubjects = (): readonly string[] => [
  ...shards.map(logSubject),
  ...[commandSubject(0, epoch), upkeepSubject(0, epoch), beatSubject(0), alarmSubject(0)],
  ...[liveSubject(0), readSubject(0, 'node-1'), replicaBeatSubject(0, 'node-1')],
  ...[nodeBeatSubject('node-1'), nodeCommandSubject('node-1')],
  ...[compactorBeatSubject('compactor-1'), compactorCommandSubject('compactor-1')],
  ...['$KV.waggle.cluster', '$KV.waggle.shard.0', '$KV.waggle_leases.shard.0', '$KV.waggle_leases.compactor'],
  ...['$O.checkpoints.M.x', '$JS.API.INFO', '$JS.API.STREAM.NAMES', '$JS.API.STREAM.CREATE.tap'],
  ...['INFO', 'DELETE', 'PURGE', 'UPDATE', 'MSG.DELETE', 'MSG.GET', 'SNAPSHOT', 'LEADER.STEPDOWN'].map(
    (call) => `$JS.API.STREAM.${call}.${streams[0]}`,
  ),
  ...[`$JS.API.DIRECT.GET.${streams[0]}`, `$JS.API.CONSUMER.CREATE.${streams[0]}`, '$JS.ACK.x', '$JS.FC.x'],
  ...['$SYS.REQ.SERVER.PING', '$SYS.REQ.ACCOUNT.WAGGLE.INFO', '_R_.x', '_GR_.x', '$NRG.V.x'],
  ...internalRoles.map((role) => `${internalInboxPrefix(role)}.x`),
]

/** Runs an attack, which may not move a log. */
const movesNoLog = async (attack: () => Promise<void>): Promise<void> => {
  expect(await cluster.stored(attack)).toEqual([])
}

/** Neither may it reach anything that is inside. */
const harmless = (attack: () => Promise<void>): Promise<void> =>
  movesNoLog(async () => {
    const heard = await cluster.listen()
    await attack()
    expect(foreign(await heard())).toEqual([])
  })

const attackAs = async (who: Stolen | { readonly user: string }, attack: (it: Attacker) => Promise<void>) => {
  const attacker = await cluster.connect('name' in who ? who : accessOf(who.user))
  try {
    await attack(attacker)
  } finally {
    await attacker.close()
  }
}

/** Each of these must be forbidden, and nothing else is said. */
const expectForbidden = async (
  attacker: Attacker,
  kind: 'Publish' | 'Subscription',
  subjects: readonly string[],
): Promise<void> => {
  const refusals = await attacker.flush()
  for (const subject of subjects)
    expect(
      refusals.some((line) => line.includes(`Permissions Violation for ${kind} to "${subject}"`)),
      `${kind} ${subject}: ${refusals.join('; ')}`,
    ).toBe(true)
}

const inboxOf = { nobody: '_INBOX', acme: inboxPrefix(ACME), other: inboxPrefix(other) }

/** A question that changes nothing and whose answer costs no record. */
const questionOf = ({ tenant }: Stolen): string =>
  apiSubject(tenant, tenant === SYSTEM_TENANT ? 'node.list' : 'collective.list')

/** P12 P10: writes and finds, so that every shard was asked. */
const stillWorks = async (): Promise<void> => {
  for (const tenant of [undefined, 'acme']) {
    const waggle = await Waggle.connect({
      servers: cluster.running.url,
      timeoutMs: 60_000,
      ...(tenant === undefined ? {} : { tenant, ...accessOf('admin') }),
    })
    try {
      for (let n = 0; n < 4; n += 1) {
        const hive = await waggle.createCollective({ name: `works ${n}`, dimension: 2 })
        const { id, token } = await hive.record({ content: `it works ${n}`, embedding: [1, n] })
        expect((await hive.get(id, { token }))?.content).toBe(`it works ${n}`)
        await hive.deleteCollective()
      }
    } finally {
      await waggle.close()
    }
  }
}

describe('P12 N3 N4 a client', () => {
  test('publishes to nothing inside, and to no other tenant', () =>
    harmless(async () => {
      for (const who of clients)
        await attackAs(who, async (attacker) => {
          const tenants = ['default', 'acme', 'other', '$sys', 'acme2'].filter((tenant) => tenant !== who.tenant)
          const forbidden = [
            ...insideSubjects(),
            ...tenants.map((tenant) => apiSubject(tenant as TenantId, 'collective.list')),
            ...Object.values(inboxOf).map((inbox) => `${inbox}.x`),
          ]
          for (const subject of forbidden) attacker.publish(subject, MARK)
          await expectForbidden(attacker, 'Publish', forbidden)
        })
    }))

  test('hears nothing but its own inbox', async () => {
    for (const who of clients)
      await attackAs(who, async (attacker) => {
        const forbidden = [
          ...[
            '>',
            '*.>',
            '_INBOX.>',
            'waggle.>',
            'waggle.v1.>',
            'waggle.v1.*.*.*',
            'waggle.inbox.>',
            'waggle.inbox.*.x',
          ],
          ...['waggle.inbox.acme.>', 'waggle.inbox.other.>', 'waggle.internal.>', 'wal.>', 'shard.>', 'node.>'],
          ...['$JS.>', '$KV.>', '$SYS.>', '$SRV.>', '$SRV.PING', apiSubject(who.tenant, '*.*'), 'compactor.>'],
        ].filter((subject) => subject !== `${who.inbox}.>`)
        for (const subject of forbidden) attacker.subscribe(subject)
        await expectForbidden(attacker, 'Subscription', forbidden)
        attacker.subscribe('waggle.v1.*.*.*', 'waggle-router')
        attacker.subscribe(apiSubject(who.tenant, '*.*'), 'waggle-router')
        attacker.subscribe('$SRV.PING.waggle-router', 'q')
        expect(await attacker.flush()).toHaveLength(3)
      })
  })

  test('of tenant default hears the answers to its own tenant alone, with the whole of _INBOX', async () => {
    await attackAs(clients[0] as Stolen, async (attacker) => {
      attacker.subscribe('_INBOX.>')
      expect(await attacker.flush()).toEqual([])
      await attackAs({ user: 'admin' }, async (victim) => {
        await victim.request(inboxOf.acme, apiSubject(ACME, 'collective.list'), '{}')
      })
      await stillWorks()
      await attacker.flush()
      expect(attacker.heard.filter(({ data }) => data.includes('acme'))).toEqual([])
      expect(attacker.heard.length).toBeGreaterThan(0)
    })
  })

  test.each(tenantRoles)('with the role %s may ask for the operations of its classes, and for no others', (role) =>
    attackAs({ user: role }, async (attacker) => {
      const names = Object.keys(operations) as OperationName[]
      // Without a place for an answer, a router drops them: only the right is asked for.
      for (const name of names) attacker.publish(apiSubject(ACME, name), '{}')
      const refused = (await attacker.flush()).map((line) => /to "waggle\.v1\.acme\.([^"]+)"/.exec(line)?.[1])
      const may = { reader: ['read'], writer: ['read', 'write'], admin: ['read', 'write', 'admin'] }[role]
      expect(refused).toEqual(names.filter((name) => !may.includes(operations[name].class)))
    }),
  )
})

describe('P12 K7 a request that names another place for its answer', () => {
  /** The longest line that the server takes from a client. */
  const LINE_MAX = 4_096

  const places = ({ tenant, inbox }: Stolen): readonly string[] => [
    ...insideSubjects().filter((subject) => !subject.startsWith('_')),
    ...Object.values(inboxOf).flatMap((place) => (place === inbox ? [] : [`${place}.x`])),
    ...[inbox, `${inbox}.`, `${inbox}..x`, `${inbox}.>`, `${inbox}.*`, `${inbox}.*.x`, `${inbox}2.x`, '>', '*', '.'],
    ...['$SRV.PING', '$SRV.PING.x', 'x', apiSubject(tenant, 'collective.list'), apiSubject(other, 'collective.delete')],
    ...['waggle.inbox.$sys.x', 'waggle.inbox.>'].filter((place) => !place.startsWith(`${inbox}.`)),
    ...['waggle.internal', 'waggle.internal.router', 'waggle.internal.x.y', `${inbox}.\u00ff\u00fe`],
    `${inbox}.${'x'.repeat(700)}`,
  ]

  test('is answered nowhere, and the next one is', () =>
    harmless(async () => {
      for (const who of clients)
        await attackAs(who, async (attacker) => {
          const bad = places(who)
          for (const reply of bad) attacker.publish(questionOf(who), '{}', { reply })
          const answer = await attacker.request(who.inbox, questionOf(who), '{}')
          expect(answer.data.toString(), who.name).toContain('{"ok":true')
        })
    }))

  test('P10 as long as a line may be ends no connection of the cluster', async () => {
    await attackAs({ user: 'admin' }, async (attacker) => {
      const subject = apiSubject(ACME, 'collective.get')
      const body = '{"collective":"00000000-0000-7000-8000-000000000000"}'
      for (let spare = 0; spare < 40; spare += 1) {
        const reply = `${inboxOf.acme}.`.padEnd(LINE_MAX - subject.length - 4 - spare, 'x')
        attacker.publish(subject, body, { reply })
      }
      expect(await attacker.flush()).toEqual([])
      await attacker.request(inboxOf.acme, apiSubject(ACME, 'collective.list'), '{}')
    })
    expect(await cluster.logs()).not.toContain('connection to NATS lost')
  })

  test('discovery answers nowhere but to clients, and names no tenant', () =>
    harmless(async () => {
      for (const who of clients)
        await attackAs(who, async (attacker) => {
          for (const subject of ['$SRV.PING', '$SRV.INFO', '$SRV.STATS', '$SRV.STATS.waggle-router'])
            for (const reply of [...insideSubjects(), apiSubject(ACME, 'collective.list'), '>', 'x'])
              attacker.publish(subject, '', { reply })
          const told: string[] = []
          for (const service of ['waggle-router', 'waggle-shard', 'waggle-compactor'])
            for (const verb of ['PING', 'INFO', 'STATS']) {
              const { data } = await attacker.request(who.inbox, `$SRV.${verb}.${service}`, '')
              told.push(data.toString())
            }
          expect(told.join()).toContain('io.nats.micro')
          expect(told.join()).not.toMatch(/acme|other|default|works/)
        })
    }))
})

describe('P12 W2 headers of a client', () => {
  const forwarded =
    'other collective.list 0190b2c0-1111-7abc-8def-0123456789ab 0190b2c0-2222-7abc-8def-0123456789ab 1 1'
  const headers = [
    `${FORWARDED_HEADER}: ${forwarded}`,
    'Waggle-Internal: pruneJournals 0',
    ...['Nats-Msg-Id: x', 'Nats-Expected-Last-Sequence: 0', 'Nats-Expected-Last-Msg-Id: x', 'Nats-Rollup: all'],
    ...['Nats-TTL: 1s', 'Nats-Expected-Stream: x', 'Nats-Incr: 1', 'KV-Operation: PURGE', 'Status: 503'],
  ]

  test('reach neither a leader nor a log', async () => {
    const heard = await cluster.listen()
    await attackAs({ user: 'admin' }, async (attacker) => {
      const ask = async (operation: string, fields: object) => {
        const body = JSON.stringify(fields)
        const { data } = await attacker.request(inboxOf.acme, apiSubject(ACME, operation), body, { headers })
        return JSON.parse(data.toString()) as { readonly ok: boolean; readonly collective?: { readonly id: string } }
      }
      const made = await ask('collective.create', { name: 'headers', dimension: 1 })
      const written = { collective: made.collective?.id, content: 'x', embedding: [1] }
      expect(await ask('experience.record', written)).toMatchObject({ ok: true })
      expect(await ask('collective.delete', { collective: made.collective?.id })).toMatchObject({ ok: true })
    })
    const messages = await heard()
    const commands = messages.filter(({ subject }) => subject.endsWith('.cmd'))
    expect(commands).toHaveLength(3)
    for (const { headers: passed } of commands) {
      const lines = passed.trimEnd().split('\r\n')
      expect(lines).toHaveLength(2)
      expect(decodeForwarded((lines[1] as string).slice(FORWARDED_HEADER.length + 2))?.tenant).toBe(ACME)
    }
    expect(messages.filter(({ subject }) => subject.endsWith('.upkeep'))).toEqual([])
    for (const { subject, headers: stored } of messages)
      if (subject.startsWith('wal.')) expect(stored).not.toMatch(/Rollup|TTL|Last-Msg-Id|Incr/)
    expect(foreign(messages)).toEqual([])
  })

  test('that have the server trace a message send nothing where the client may not publish', () =>
    harmless(async () => {
      for (const who of clients)
        await attackAs(who, async (attacker) => {
          for (const place of insideSubjects())
            for (const only of ['', 'Nats-Trace-Only: true'])
              attacker.publish(questionOf(who), '{}', {
                headers: [`Nats-Trace-Dest: ${place}`, ...(only === '' ? [] : [only])],
              })
          await attacker.flush()
          await attacker.request(who.inbox, questionOf(who), '{}')
        })
    }))

  test.each([
    'NATS/1.0 503\r\n\r\n',
    'NATS/1.0\r\nbroken\r\n\r\n',
    'NATS/1.0\r\n:\r\n\r\n',
    'NATS/9 x\r\n\r\n',
    '\r\n\r\n',
  ])('P10 that are none (%j) stop nothing', async (block) => {
    await attackAs({ user: 'admin' }, async (attacker) => {
      attacker.publish(apiSubject(ACME, 'collective.list'), '{}', { reply: `${inboxOf.acme}.good.0`, headers: block })
      await attacker.flush()
      const answer = await attacker.request(inboxOf.acme, apiSubject(ACME, 'collective.list'), '{}')
      expect(answer.data.toString()).toContain('"ok":true')
    })
  })
})

describe('P12 names that look like parts of the cluster', () => {
  test('tenants called like tokens of inboxes have their own inbox only, and names that are none have no answer', () =>
    harmless(async () => {
      await attackAs({ user: 'careless' }, async (attacker) => {
        for (const tenant of ['inbox', 'internal', 'v1', 'waggle', 'router', '_INBOX', 'log', 'acme2']) {
          const subject = apiSubject(tenant as TenantId, 'collective.list')
          for (const reply of ['waggle.inbox.acme.x', 'waggle.internal.router.x', '_INBOX.x', 'waggle.v1.inbox.a.b'])
            attacker.publish(subject, '{}', { reply })
          const own = await attacker.request(inboxPrefix(tenant as TenantId), subject, '{}')
          expect(own.data.toString()).toContain('"items":[]')
        }
        for (const odd of [
          '*',
          '>',
          '$sys2',
          '$SYS',
          'a*',
          'a,b',
          'a/b',
          '..',
          '\u00ff',
          't'.repeat(65),
          '%24sys',
          '{}',
        ])
          for (const reply of [`waggle.inbox.${odd}.x`, 'waggle.inbox.acme.x', '_INBOX.x'])
            attacker.publish(`waggle.v1.${odd}.collective.list`, '{}', { reply })
        await attacker.request(inboxOf.acme, apiSubject(ACME, 'collective.list'), '{}')
        // `*` is a right's, not a subject's: as a tenant it is none.
        expect(attacker.heard.every(({ subject }) => subject.includes('.good.'))).toBe(true)
      })
    }))

  test('operators’ operations are none of a tenant’s, and the other way round', async () => {
    const faultAt = async (user: string, inbox: string, subject: string): Promise<unknown> => {
      let told: unknown
      await attackAs({ user }, async (attacker) => {
        told = JSON.parse((await attacker.request(inbox, subject, '{}')).data.toString())
      })
      return told
    }
    expect(await faultAt('other', inboxOf.other, apiSubject(other, 'shard.list'))).toMatchObject({
      error: { code: 'DENIED' },
    })
    expect(
      await faultAt('the-operator', 'waggle.inbox.$sys', apiSubject(SYSTEM_TENANT, 'collective.list')),
    ).toMatchObject({ error: { code: 'UNKNOWN_OPERATION' } })
  })
})

describe('P12 F2 what belongs to another tenant', () => {
  const absent = '01900000-0000-7000-8000-000000000000'
  let mine: Waggle
  let theirs: Waggle

  beforeAll(async () => {
    const connect = (tenant: string, user: string) =>
      Waggle.connect({ servers: cluster.running.url, tenant, ...accessOf(user), timeoutMs: 20_000 })
    mine = await connect('acme', 'admin')
    theirs = await connect('other', 'other')
  })

  afterAll(() => Promise.all([mine.close(), theirs.close()]))

  test('behaves as absent in every operation', async () => {
    const hive = await mine.createCollective({ name: 'hidden', dimension: 2 })
    const { id } = await hive.record({ content: 'a secret of acme', embedding: [1, 0] })
    const fields = {
      ...{ 'collective.get': {}, 'collective.stats': {}, 'collective.delete': {}, 'experience.recent': {} },
      ...{ 'experience.list': {}, 'experience.get': { id }, 'experience.getMany': { ids: [id] } },
      ...{ 'experience.search': { embedding: [1, 0], k: 1 }, 'experience.update': { id, patch: { importance: 1 } } },
      ...{ 'experience.record': { content: 'x', embedding: [1, 0] }, 'experience.delete': { id } },
      ...{ 'experience.archive': { id }, 'experience.reinforce': { id } },
    }
    await attackAs({ user: 'other' }, async (attacker) => {
      for (const [operation, more] of Object.entries(fields)) {
        const ask = async (collective: string): Promise<object> => {
          const body = JSON.stringify({ collective, ...more })
          const { data } = await attacker.request(inboxOf.other, apiSubject(other, operation), body)
          const answer = JSON.parse(data.toString().replaceAll(collective, absent)) as object
          // Where the shard stands, which is nobody's secret.
          return { ...answer, token: undefined }
        }
        const told = await ask(hive.id)
        expect(told, operation).toEqual(await ask(absent))
        expect(told, operation).toMatchObject(
          operation === 'collective.get' ? { ok: true } : { error: { code: 'NOT_FOUND' } },
        )
        expect(Object.keys(told), operation).toHaveLength(operation === 'collective.get' ? 2 : 3)
      }
    })
    expect((await hive.get(id))?.content).toBe('a secret of acme')
    await hive.deleteCollective()
  })

  test('leaves its ids, names, tokens and cursors free, and means nothing by them', async () => {
    const hive = await mine.createCollective({ name: 'secrets', dimension: 2 })
    const first = await hive.record({ content: 'a secret of acme', embedding: [1, 0] })
    await hive.record({ content: 'a second one of acme', embedding: [0, 1] })
    const { cursor } = await hive.list({ limit: 1 })
    await expect(theirs.collective('secrets')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await theirs.collectives()).toEqual([])

    const copy = await theirs.createCollective({ id: hive.id, name: 'secrets', dimension: 2 })
    expect(copy.id).toBe(hive.id)
    expect(await copy.get(first.id, { token: first.token })).toBeUndefined()
    expect((await copy.search({ embedding: [1, 0], k: 10 })).results).toEqual([])
    const again = await copy.record({ id: first.id, content: 'of the other', embedding: [1, 0] })
    expect(again.id).toBe(first.id)
    const page = await copy.list(cursor === undefined ? {} : { cursor }).catch((error: unknown) => String(error))
    expect(JSON.stringify(page)).not.toMatch(/acme/)
    await copy.delete(first.id)
    await copy.deleteCollective()

    expect((await hive.get(first.id))?.content).toBe('a secret of acme')
    expect((await hive.stats()).experienceCount).toBe(2)
    expect((await mine.getOrCreateCollective({ name: 'secrets', dimension: 2 })).id).toBe(hive.id)
    expect((await theirs.getOrCreateCollective({ name: 'secrets', dimension: 2 })).id).not.toBe(hive.id)
    await hive.deleteCollective()
  })
})

/** What a part of the cluster has no need of, although it is inside. */
const forbiddenInside: Readonly<Record<string, () => readonly string[]>> = {
  'thief-router': () => [
    ...insideSubjects().filter(
      (subject) => subject !== commandSubject(0, epoch) && !/^shard\.0\.read\.|^(node|compactor)\..*cmd$/.test(subject),
    ),
    ...[apiSubject(ACME, 'collective.list'), apiSubject(SYSTEM_TENANT, 'node.list'), '$SRV.PING'],
  ],
  'thief-shard': () => [
    ...insideSubjects().filter(
      (subject) => !/^(shard\..*(beat|alarm|replica.*)|node\..*beat|waggle\.internal\.(router|comp))/.test(subject),
    ),
    ...[apiSubject(ACME, 'collective.list'), '$SRV.PING'],
  ],
  'thief-compactor': () => [
    ...insideSubjects().filter(
      (subject) => !/upkeep$|^compactor\..*beat$|_leases\.compactor$|\.(INFO|PURGE)\.WAGGLE_/.test(subject),
    ),
    ...['KV_waggle', 'KV_waggle_leases', 'OBJ_waggle_checkpoints'].map((stream) => `$JS.API.STREAM.PURGE.${stream}`),
    ...['$JS.API.STREAM.MSG.DELETE.KV_waggle', '$SRV.PING'],
  ],
  'thief-log': () => [
    ...[commandSubject(0, epoch), upkeepSubject(0, epoch), beatSubject(0), alarmSubject(0), nodeBeatSubject('node-1')],
    ...[liveSubject(0), readSubject(0, 'node-1'), replicaBeatSubject(0, 'node-1'), nodeCommandSubject('node-1')],
    ...['KV_waggle', 'KV_waggle_leases', 'OBJ_waggle_checkpoints'].map((stream) => `$JS.API.STREAM.DELETE.${stream}`),
    ...['PURGE', 'UPDATE', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE', 'PEER.REMOVE'].map(
      (call) => `$JS.API.STREAM.${call}.${streams[0]}`,
    ),
    ...[`$JS.API.CONSUMER.CREATE.${streams[0]}`, '$KV.waggle.other', '$KV.waggle_leases.compactor', '$O.x'],
    ...[apiSubject(ACME, 'collective.list'), '_INBOX.x', `${inboxOf.acme}.x`, '$SRV.PING', '$SYS.REQ.SERVER.PING'],
    ...internalRoles.map((role) => `${internalInboxPrefix(role)}.x`),
  ],
}

describe('N1 N2 N5 stolen credentials of a part of the cluster', () => {
  test.each(Object.keys(forbiddenInside))('%s does nothing but its work', (user) =>
    harmless(() =>
      attackAs({ user }, async (attacker) => {
        const forbidden = (forbiddenInside[user] as () => readonly string[])()
        for (const subject of forbidden) attacker.publish(subject, MARK)
        await expectForbidden(attacker, 'Publish', forbidden)
        const role = user.slice('thief-'.length)
        const inboxes = [...internalRoles.filter((one) => one !== role), 'x'].map((one) => `waggle.internal.${one}.>`)
        const tapped = ['>', 'waggle.v1.*.*.*', '_INBOX.>', 'waggle.inbox.>', 'wal.>', '$JS.>', '$KV.>', ...inboxes]
        for (const subject of tapped) attacker.subscribe(subject)
        await expectForbidden(attacker, 'Subscription', tapped)
      }),
    ),
  )

  test('C1 a log takes neither rollup nor expiry, nor does the directory, from whoever may write them', () =>
    movesNoLog(() =>
      attackAs({ user: 'thief-log' }, async (attacker) => {
        const attempts = [
          'Nats-Rollup: all',
          'Nats-Rollup: sub',
          'Nats-TTL: 1s',
          'Nats-Incr: +1',
          'Nats-Schedule: @every 1s',
        ]
        for (const subject of [logSubject(0), '$KV.waggle.cluster', '$KV.waggle_leases.shard.0'])
          for (const header of attempts) {
            const { data } = await attacker.request(internalInboxPrefix('log'), subject, '', { headers: [header] })
            expect(JSON.parse(data.toString()), `${subject} ${header}`).toMatchObject({
              error: { code: expect.any(Number) as number },
            })
          }
      }),
    ))

  test('of the system account asks for figures, and for nothing that stops or changes a server', async () => {
    const text = readFileSync(path.join(cluster.running.folder, 'nats', 'nats-server.conf'), 'utf8')
    const password = /user: "sys"\s+password: "([^"]+)"/.exec(text)?.[1] ?? ''
    const attacker = await cluster.connect({ user: 'sys', password })
    const { data } = await attacker.request('_INBOX', '$SYS.REQ.SERVER.PING.JSZ', '')
    const { server } = JSON.parse(data.toString()) as { readonly server: { readonly id: string } }
    const forbidden = [
      ...['RELOAD', 'LDM', 'KICK', 'VARZ', 'CONNZ'].map((verb) => `$SYS.REQ.SERVER.${server.id}.${verb}`),
      ...['$JS.API.ACCOUNT.PURGE.WAGGLE', '$JS.API.SERVER.REMOVE', '$SYS.REQ.CLAIMS.UPDATE', '$SYS.REQ.USER.INFO'],
    ]
    for (const subject of forbidden) attacker.publish(subject, '{}')
    await expectForbidden(attacker, 'Publish', forbidden)
    attacker.subscribe('$SYS.>')
    await expectForbidden(attacker, 'Subscription', ['$SYS.>'])
    await attacker.close()
  })
})

describe('N5 P1 after all that', () => {
  test('every part of the cluster may do what it must, also when it starts again or another takes over', async () => {
    await stillWorks()
    for (const role of ['shard', 'router', 'compactor', 'nats']) {
      const pids = () => cluster.running.children().flatMap((child) => (child.role === role ? [child.pid] : []))
      const [killed] = pids() as [number]
      const count = pids().length
      process.kill(killed, 'SIGKILL')
      await eventually(
        () => pids().length === count && !pids().includes(killed),
        () => cluster.running.children(),
      )
      await stillWorks()
    }
    expect(await cluster.logs()).not.toContain('NATS server refuses a subject')
  })
})
