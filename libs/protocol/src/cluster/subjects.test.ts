import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import type { TenantId } from '../collective.ts'
import { DEFAULT_TENANT } from '../tenant.ts'
import {
  alarmSubject,
  API_SUBJECTS,
  apiSubject,
  beatSubject,
  commandSubject,
  compactorBeatSubject,
  inboxPrefix,
  internalInboxPrefix,
  internalRoles,
  isClientInbox,
  isInternalInbox,
  isOwnInbox,
  logSubject,
  nodeBeatSubject,
  parseApiSubject,
  REPLY_SUBJECTS,
  SYSTEM_TENANT,
  systemInboxPrefix,
} from './subjects.ts'

const ana = 'ana' as TenantId

describe('the subject of a request', () => {
  it.each([
    [DEFAULT_TENANT, 'collective.create', 'waggle.v1.default.collective.create'],
    [ana, 'experience.recordMany', 'waggle.v1.ana.experience.recordMany'],
    [SYSTEM_TENANT, 'shard.list', 'waggle.v1.$sys.shard.list'],
  ])('of %s %s is %s, and reads as that', (tenant, operation, subject) => {
    expect(apiSubject(tenant, operation)).toBe(subject)
    expect(parseApiSubject(subject)).toEqual({ tenant, operation })
    expect(subject.split('.')).toHaveLength(API_SUBJECTS.split('.').length)
  })

  it.each(['waggle.v1.$sys2.shard.list', 'waggle.v1.$.a.b', `waggle.v1.${'t'.repeat(65)}.a.b`, 'waggle.v1', ''])(
    'P12 %s names no tenant',
    (subject) => {
      expect(faultOf(() => parseApiSubject(subject))).toMatchObject({
        code: 'INVALID_FIELD',
        details: { field: 'tenant' },
      })
    },
  )
})

describe('K7 whose inbox a reply subject is', () => {
  const inboxes: readonly (readonly [TenantId, string])[] = [
    [DEFAULT_TENANT, '_INBOX.abc.1'],
    [ana, 'waggle.inbox.ana.abc.1'],
    ['an' as TenantId, 'waggle.inbox.an.abc'],
    ['inbox' as TenantId, 'waggle.inbox.inbox.abc'],
    [SYSTEM_TENANT, 'waggle.inbox.$sys.abc'],
  ]

  it.each(inboxes)('%s may be answered at %s, and nobody else', (owner, reply) => {
    for (const [tenant] of inboxes) expect(isOwnInbox(tenant, reply)).toBe(tenant === owner)
  })

  it.each([
    ...internalRoles.map((role) => `${internalInboxPrefix(role)}.abc`),
    ...[logSubject(3), beatSubject(3), alarmSubject(3), nodeBeatSubject('n'), compactorBeatSubject('c')],
    ...[commandSubject(3, 7), apiSubject(ana, 'experience.get'), '$JS.API.STREAM.DELETE.x', '$KV.waggle.cluster'],
    ...['_INBOX', '_INBOXES.a', 'waggle.inbox.ana', 'waggle.inbox', ''],
  ])('P12 nobody may be answered at %s', (reply) => {
    for (const [tenant] of inboxes) expect(isOwnInbox(tenant, reply)).toBe(false)
  })

  it.each([
    ...['_INBOX.>', '_INBOX.*', '_INBOX.a.*.b', '_INBOX.a*', '_INBOX.', '_INBOX..a', '_INBOX.a.', '_INBOX.a..b'],
    ...['_INBOX.a b', '_INBOX.a\tb', '_INBOX.a\r\nPUB wal.0', '_INBOX.\u00e9', '_INBOX.\u2028', '_INBOX.\u0000'],
    `_INBOX.${'x'.repeat(600)}`,
  ])('P12 P10 %j is no place for an answer', (reply) => {
    expect(isOwnInbox(DEFAULT_TENANT, reply)).toBe(false)
    expect(isOwnInbox(ana, reply.replace('_INBOX', inboxPrefix(ana)))).toBe(false)
    expect(isClientInbox(reply)).toBe(false)
    expect(isInternalInbox('router', reply.replace('_INBOX', internalInboxPrefix('router')))).toBe(false)
  })

  it('leaves room for the names of any tenant and any client', () => {
    const longest = 't'.repeat(64) as TenantId
    expect(isOwnInbox(longest, `${inboxPrefix(longest)}.${'n'.repeat(128)}.${'n'.repeat(128)}.1`)).toBe(true)
    expect(isOwnInbox(DEFAULT_TENANT, '_INBOX.$JS!#.=~')).toBe(true)
  })

  it('any client’s inbox is one, and none inside', () => {
    for (const [, reply] of inboxes) expect(isClientInbox(reply)).toBe(true)
    for (const role of internalRoles) {
      expect(isClientInbox(`${internalInboxPrefix(role)}.x`)).toBe(false)
      for (const other of internalRoles)
        expect(isInternalInbox(role, `${internalInboxPrefix(other)}.x`)).toBe(role === other)
    }
    for (const reply of ['wal.0', commandSubject(0, 1), beatSubject(0), '$SRV.PING', apiSubject(ana, 'a.b'), ''])
      expect(isClientInbox(reply)).toBe(false)
  })

  it('is what a client of that tenant gives its connection', () => {
    for (const tenant of [DEFAULT_TENANT, ana]) expect(isOwnInbox(tenant, `${inboxPrefix(tenant)}.x`)).toBe(true)
    expect(isOwnInbox(SYSTEM_TENANT, `${systemInboxPrefix()}.x`)).toBe(true)
  })

  it('N1 the inbox of the log’s connection is none that anyone answers', () => {
    const prefixes = REPLY_SUBJECTS.map((subject) => subject.slice(0, -1))
    expect(prefixes.filter((prefix) => `${internalInboxPrefix('log')}.x`.startsWith(prefix))).toEqual([])
    for (const role of ['router', 'compactor'] as const) expect(prefixes).toContain(`${internalInboxPrefix(role)}.`)
  })
})
