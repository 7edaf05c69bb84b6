import {
  apiSubject,
  collectiveIdOfKey,
  DEFAULT_TENANT,
  encodeBody,
  encodeTokens,
  limits,
  operations,
  SYSTEM_TENANT,
  type BuiltName,
  type Encoding,
  type Generation,
  type Sequence,
  type TenantId,
} from '@waggle/protocol'
import { sampleRequests } from '@waggle/protocol/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admit, type Admission } from './admission.ts'
import { sampleId } from '../testing/sample-beat.ts'

const collective = sampleId(3)
const requestId = sampleId(9)
const ana = 'ana' as TenantId

interface Asking {
  readonly tenant?: TenantId
  readonly encoding?: Encoding
  readonly reply?: string
}

const askBytes = (operation: string, body: Uint8Array, { tenant = DEFAULT_TENANT, reply = '_INBOX.x' }: Asking = {}) =>
  admit({ subject: apiSubject(tenant, operation), reply, body, requestId, bytesMax: limits.REQUEST_BYTES_MAX })

const ask = (operation: string, body: unknown, asking: Asking = {}): Admission =>
  askBytes(operation, body instanceof Uint8Array ? body : encodeBody(body, asking.encoding ?? 'messagePack'), asking)

const planOf = (operation: string, body: unknown, tenant = DEFAULT_TENANT) => {
  const reply = tenant === DEFAULT_TENANT ? '_INBOX.x' : `waggle.inbox.${tenant}.x`
  const admission = ask(operation, body, { tenant, reply })
  return admission.kind === 'admitted' ? admission.request.plan : admission
}

const refusal = (admission: Admission) =>
  admission.kind === 'refused' ? { code: admission.fault.code, encoding: admission.encoding } : admission.kind

const toCollective = (id: string) => ({ kind: 'forward', target: { kind: 'collective', collective: id } })

describe('K6 where a request goes', () => {
  const built = (Object.keys(sampleRequests) as BuiltName[]).filter((name) => name.split('.')[0] === 'experience')

  it.each([...built, 'collective.stats', 'collective.delete', 'collective.restore'])(
    '%s: to its collective',
    (name) => {
      const { whole } = sampleRequests[name as BuiltName]
      expect(planOf(name, whole)).toEqual(toCollective(whole.collective as string))
    },
  )

  it('collective.create: to the id that it has, or that its key or the request stand for', () => {
    const fields = { name: 'n', dimension: 3 }
    expect(planOf('collective.create', { ...fields, id: collective })).toEqual(toCollective(collective))
    expect(planOf('collective.create', { ...fields, idempotencyKey: 'k' }, ana)).toEqual(
      toCollective(collectiveIdOfKey(ana, 'k')),
    )
    expect(planOf('collective.create', fields)).toEqual(toCollective(collectiveIdOfKey(DEFAULT_TENANT, requestId)))
  })

  it('collective.get: to the id where there is one, else to all shards', () => {
    expect(planOf('collective.get', { collective, name: 'n' })).toEqual(toCollective(collective))
    expect(planOf('collective.get', { name: 'n' })).toEqual({ kind: 'gather' })
    expect(refusal(ask('collective.get', {}))).toEqual({ code: 'REQUIRED_FIELD', encoding: 'messagePack' })
  })

  it('collective.list and getOrCreate: to all shards', () => {
    expect(planOf('collective.list', {})).toEqual({ kind: 'gather' })
    expect(planOf('collective.getOrCreate', { name: 'n', dimension: 3 })).toEqual({ kind: 'lookUp', name: 'n' })
  })

  it('keeps what the leader and the answer need', () => {
    const admission = ask('experience.record', { collective, content: 'x', timeoutMs: 5 }, { encoding: 'json' })
    expect(admission).toMatchObject({
      request: { requestId, isWrite: true, timeoutMs: 5, encoding: 'json', reply: '_INBOX.x' },
    })
    expect(ask('collective.stats', { collective })).toMatchObject({
      request: { isWrite: false, timeoutMs: limits.TIMEOUT_MS_DEFAULT },
    })
  })
})

describe('A1 P10 every body gets an answer in its encoding', () => {
  const deep = Array.from({ length: 40 }).reduce<unknown>((inner) => ({ inner }), {})

  it.each<[string, Uint8Array, string, Encoding]>([
    ['an empty body', new Uint8Array(), 'MALFORMED_BODY', 'messagePack'],
    ['no map', encodeBody([1], 'messagePack'), 'INVALID_FIELD', 'messagePack'],
    ['a text', Buffer.from('hello'), 'MALFORMED_BODY', 'messagePack'],
    ['half a JSON', Buffer.from('{"collective":'), 'MALFORMED_BODY', 'json'],
    ['white space', Buffer.from('  '), 'MALFORMED_BODY', 'json'],
    ['a deep JSON', encodeBody(deep, 'json'), 'MALFORMED_BODY', 'json'],
    ['a deep MessagePack', encodeBody(deep, 'messagePack'), 'MALFORMED_BODY', 'messagePack'],
    ['a missing field', Buffer.from('{}'), 'REQUIRED_FIELD', 'json'],
    ['an unknown field', encodeBody({ collective, colour: 1 }, 'messagePack'), 'UNKNOWN_FIELD', 'messagePack'],
    ['too much', new Uint8Array(limits.REQUEST_BYTES_MAX + 1), 'REQUEST_TOO_LARGE', 'messagePack'],
  ])('%s', (_, body, code, encoding) => {
    expect(refusal(askBytes('collective.stats', body))).toEqual({ code, encoding })
  })

  it('what the server does not carry', () => {
    const message = { subject: apiSubject(DEFAULT_TENANT, 'collective.stats'), reply: '_INBOX.x', requestId }
    const admission = admit({ ...message, body: encodeBody({ collective }, 'json'), bytesMax: 20 })
    expect(admission).toMatchObject({ fault: { code: 'REQUEST_TOO_LARGE', details: { limit: 20 } } })
  })

  it('noise', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom(...Object.keys(operations)), (body, operation) => {
        expect(['refused', 'admitted']).toContain(askBytes(operation, body).kind)
      }),
    )
  })
})

describe('A2 K7 P12 an answer goes to the own inbox, or nowhere', () => {
  it.each<[TenantId, string | undefined, string]>([
    [DEFAULT_TENANT, undefined, 'noReply'],
    [DEFAULT_TENANT, '', 'noReply'],
    [DEFAULT_TENANT, 'waggle.inbox.ana.x', 'foreignInbox'],
    [DEFAULT_TENANT, 'wal.0', 'foreignInbox'],
    [DEFAULT_TENANT, 'shard.0.5.cmd', 'foreignInbox'],
    [DEFAULT_TENANT, 'waggle.internal.router.x', 'foreignInbox'],
    [ana, '_INBOX.x', 'foreignInbox'],
    [ana, 'waggle.inbox.anastasia.x', 'foreignInbox'],
    [SYSTEM_TENANT, '_INBOX.x', 'foreignInbox'],
    ['no*tenant' as TenantId, '_INBOX.x', 'foreignInbox'],
  ])('of %s at %s: %s', (tenant, reply, reason) => {
    expect(
      admit({ subject: apiSubject(tenant, 'shard.list'), reply, body: new Uint8Array(), requestId, bytesMax: 9 }),
    ).toEqual({ kind: 'dropped', reason })
  })
})

describe('P5 who may answer a read', () => {
  const generation = '00112233445566aa' as Generation
  const token = encodeTokens([0, 3].map((shard) => ({ shard, generation, sequence: 7 as Sequence })))
  const followersOf = (operation: string, fields: object) => {
    const admission = ask(operation, { collective, ...fields })
    return admission.kind === 'admitted' ? admission.request.followers : admission
  }

  it.each<[string, object, unknown]>([
    ['any state will do', { consistency: 'any' }, 'every'],
    ['any state will do, at once', { consistency: 'any', timeoutMs: 0, token }, 'every'],
    ['it carries tokens', { token }, new Set([0, 3])],
    ['it carries tokens', { token, consistency: 'token' }, new Set([0, 3])],
    ['it carries none', {}, undefined],
    ['it is strong', { token, consistency: 'strong' }, undefined],
    ['it has no time to wait twice', { token, timeoutMs: 3_999 }, undefined],
    ['its token is none', { token: 'none' }, undefined],
  ])('%s: %o', (_, fields, expected) => {
    expect(followersOf('collective.stats', fields)).toEqual(expected)
  })

  it('writes and what waits for changes are the leader’s', () => {
    expect(followersOf('experience.delete', { id: collective, token, consistency: 'any' })).toBeUndefined()
    for (const waitMs of [0, 5_000])
      expect(followersOf('watch.next', { waitMs, token, consistency: 'any' })).toBeUndefined()
  })
})

describe('A3 the subject carries the right', () => {
  const operator = { tenant: SYSTEM_TENANT, reply: 'waggle.inbox.$sys.x' }

  it.each(Object.keys(operations))('%s is for tenants or for operators, never for both', (name) => {
    const isOperators = operations[name as BuiltName].class === 'system'
    if (isOperators) expect(refusal(ask(name, {}))).toMatchObject({ code: 'DENIED' })
    else expect(refusal(ask(name, {}, operator))).toMatchObject({ code: 'UNKNOWN_OPERATION' })
  })

  it('operators ask what the router has heard, and for what others have to do', () => {
    for (const operation of ['shard.list', 'log.status', 'node.list'])
      expect(ask(operation, {}, operator)).toMatchObject({ kind: 'state', operation })
    for (const operation of ['log.prune', 'checkpoint.create', 'checkpoint.list', 'verify.run']) {
      expect(ask(operation, {}, operator)).toMatchObject({ kind: 'command', command: { operation } })
      const body = encodeBody({ shard: 127, timeoutMs: 5 }, 'json')
      expect(ask(operation, body, operator)).toEqual({
        kind: 'command',
        command: { operation, shard: 127, body, encoding: 'json', reply: 'waggle.inbox.$sys.x' },
      })
      for (const shard of [-1, 128, 0.5, '0', [0]])
        expect(ask(operation, { shard }, operator)).toMatchObject({
          ...{ kind: 'refused', fault: { code: 'INVALID_FIELD', details: { field: 'shard', min: 0, max: 127 } } },
        })
    }
  })

  it('P12 P10 a node is named by one token of a subject, and by nothing else', () => {
    expect(ask('node.drain', { node: 'n_1-A' }, operator)).toMatchObject({ command: { node: 'n_1-A' } })
    expect(refusal(ask('node.drain', {}, operator))).toMatchObject({ code: 'REQUIRED_FIELD' })
    for (const node of ['', '*', '>', 'a.b', 'a b', 'é', 'n'.repeat(65), 7, null])
      expect(refusal(ask('node.drain', { node }, operator))).toMatchObject({
        code: node === null ? 'REQUIRED_FIELD' : 'INVALID_FIELD',
      })
  })

  it('hears of what is none of an operator’s', () => {
    expect(refusal(ask('shard.list', { shard: 3 }, operator))).toMatchObject({ code: 'UNKNOWN_FIELD' })
    expect(refusal(ask('shard.list', new Uint8Array(), operator))).toMatchObject({ code: 'MALFORMED_BODY' })
  })

  it('an operation that is none is told', () => {
    expect(refusal(ask('keys.steal', {}))).toMatchObject({ code: 'UNKNOWN_OPERATION' })
  })
})
