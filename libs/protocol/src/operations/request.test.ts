import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { decodeBody, encodeBody } from '../codec/body.ts'
import { IDEMPOTENCY_KEY_BYTES_MAX, TIMEOUT_MS_MAX, TOKEN_BYTES_MAX } from '../limits.ts'
import { sampleRequests } from '../testing/sample-requests.ts'
import { builtOperation, decodeRequest, decodeSystemRequest } from './request.ts'
import { isSystemName, operations, type BuiltName } from './table.ts'

const collective = '0190b2c0-1111-7abc-8def-0123456789ab'
const decodeStats = (body: object) => decodeRequest('collective.stats', { collective, ...body })
const refusal = (name: string, body: unknown) => faultOf(() => decodeRequest(name, body)).toJSON()

describe('the name of an operation', () => {
  it.each(Object.keys(operations).filter(isSystemName))('%s is refused by an engine, whatever the body', (name) => {
    for (const body of [{}, undefined, { collective }, 'text'])
      expect(refusal(name, body)).toMatchObject({
        code: 'OPERATION_NOT_BUILT',
        kind: 'invalid',
        details: { operation: name },
      })
  })

  it.each([
    '',
    ' ',
    'toString',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'experience',
    'experience.',
    '.record',
    'experience.Record',
    'experience.record ',
    'experience.record\0',
    'experience/record',
  ])('P10 %j is unknown', (name) => {
    expect(refusal(name, {})).toMatchObject({
      code: 'UNKNOWN_OPERATION',
      kind: 'invalid',
      details: { field: 'operation' },
    })
  })

  it('P11 an unknown one is repeated cut and well-formed', () => {
    const { message } = refusal(`\ud800${'x'.repeat(1_000_000)}`, {})
    expect(message).toBe(`unknown operation operation=\ufffd${'x'.repeat(99)}`)
  })

  it('is given back by its type when it is built', () => {
    for (const name of Object.keys(sampleRequests)) expect(builtOperation(name)).toBe(name)
  })
})

describe('the body of a request', () => {
  it.each([
    undefined,
    null,
    'text',
    5,
    true,
    [],
    [{ collective }],
    Uint8Array.of(1),
    new Map([['collective', collective]]),
    Promise.resolve({ collective }),
    new Date(),
  ])('P10 must be a map: %o is refused', (body) => {
    expect(refusal('collective.stats', body)).toMatchObject({
      code: 'INVALID_FIELD',
      kind: 'invalid',
      details: { field: 'request', expected: 'map' },
    })
  })

  it.each(['collectiv', 'Collective', 'constructor', 'toString', '', '0'])(
    'P10 the unknown field %j is refused',
    (name) => {
      const code = 'UNKNOWN_FIELD'
      expect(refusal('collective.stats', { collective, [name]: 1 })).toMatchObject({ code, details: { field: name } })
    },
  )

  it('P10 __proto__ is refused, in JSON and MessagePack, and changes nothing', () => {
    const json = Buffer.from(`{"collective":"${collective}","__proto__":{"token":"x"}}`)
    const { value } = decodeBody(json)
    expect(refusal('collective.stats', value)).toMatchObject({ code: 'UNKNOWN_FIELD', details: { field: '__proto__' } })
    const messagePack = Buffer.concat([Uint8Array.of(0x81, 0xa9), Buffer.from('__proto__'), Uint8Array.of(0x80)])
    expect(faultOf(() => decodeBody(messagePack)).code).toBe('MALFORMED_BODY')
    expect(({} as Record<string, unknown>).token).toBeUndefined()
  })

  it('is not read again after it was decoded', () => {
    const body = { collective, experiences: [{ content: 'one', domain: ['a'], embedding: [1, 2] }] }
    const request = decodeRequest('experience.recordMany', body)
    const before = structuredClone(request)
    body.experiences[0]!.domain.push('b')
    body.experiences[0]!.embedding[0] = 9
    body.experiences.push({ content: 'two', domain: [], embedding: [] })
    expect(request).toEqual(before)
  })
})

describe('options', () => {
  it('stand beside the fields, and come out apart from them', () => {
    const options = {
      token: 'opaque',
      consistency: 'strong',
      timeoutMs: 0,
      idempotencyKey: 'key',
      issuedAt: new Date(1_700_000_000_000),
    }
    expect(decodeStats(options)).toStrictEqual({
      operation: 'collective.stats',
      fields: { collective },
      options: { ...options, issuedAt: 1_700_000_000_000 },
    })
  })

  it('may all be left out', () => {
    const absent = { token: null, consistency: undefined, timeoutMs: null, idempotencyKey: undefined, issuedAt: null }
    expect(decodeStats(absent).options).toStrictEqual({})
  })

  it('take their bounds', () => {
    const key = 'é'.repeat(IDEMPOTENCY_KEY_BYTES_MAX / 2)
    expect(decodeStats({ idempotencyKey: key, timeoutMs: TIMEOUT_MS_MAX, token: 't'.repeat(200) }).options).toEqual({
      idempotencyKey: key,
      timeoutMs: TIMEOUT_MS_MAX,
      token: 't'.repeat(200),
    })
  })

  it.each([
    ['token', '', 'REQUIRED_FIELD'],
    ['token', 't'.repeat(TOKEN_BYTES_MAX + 1), 'CONTENT_TOO_LARGE'],
    ['token', 5, 'INVALID_FIELD'],
    ['consistency', 'eventual', 'INVALID_FIELD'],
    ['consistency', '', 'INVALID_FIELD'],
    ['timeoutMs', -1, 'INVALID_FIELD'],
    ['timeoutMs', TIMEOUT_MS_MAX + 1, 'INVALID_FIELD'],
    ['timeoutMs', 0.5, 'INVALID_FIELD'],
    ['timeoutMs', '100', 'INVALID_FIELD'],
    ['idempotencyKey', '', 'REQUIRED_FIELD'],
    ['idempotencyKey', `${'é'.repeat(IDEMPOTENCY_KEY_BYTES_MAX / 2)}x`, 'CONTENT_TOO_LARGE'],
    ['idempotencyKey', '\ud800', 'INVALID_FIELD'],
    ['idempotencyKey', 7, 'INVALID_FIELD'],
    ['issuedAt', NaN, 'INVALID_FIELD'],
    ['issuedAt', new Date(NaN), 'INVALID_FIELD'],
    ['issuedAt', '2026-01-01', 'INVALID_FIELD'],
  ])('P10 %s = %o is refused', (option, value, code) => {
    const fault = faultOf(() => decodeStats({ [option]: value })).toJSON()
    expect(fault).toMatchObject({ code, kind: 'invalid', details: { field: option } })
  })

  it('never share a name with a field of an operation', () => {
    const names = ['token', 'consistency', 'timeoutMs', 'idempotencyKey', 'issuedAt']
    for (const name of Object.keys(sampleRequests) as BuiltName[])
      for (const field of operations[name].fields) expect(names).not.toContain(field)
  })
})

describe('F6 the fields that an idempotency key stands for', () => {
  const whole = sampleRequests['experience.record'].whole
  const bytesOf = (body: unknown) => encodeBody(decodeRequest('experience.record', body).fields, 'messagePack')
  const expected = bytesOf(whole)

  it('are the same bytes in whatever order and encoding they come', () => {
    const reversed = Object.fromEntries(Object.entries(whole).reverse())
    const withOptions = { ...whole, idempotencyKey: 'key', issuedAt: 1, token: 't' }
    const embedded = { ...whole, embedding: Float32Array.from(whole.embedding as number[]) }
    for (const body of [reversed, withOptions, embedded]) {
      expect(bytesOf(body)).toEqual(expected)
      expect(bytesOf(decodeBody(encodeBody(body, 'json')).value)).toEqual(expected)
      expect(bytesOf(decodeBody(encodeBody(body, 'messagePack')).value)).toEqual(expected)
    }
  })

  it('are the same whether a default is spelt out or left out', () => {
    const spelt = { content: 'c', type: { kind: 'generic' }, importance: 0.5, domain: [], sourceAgent: 'anonymous' }
    expect(bytesOf({ collective, ...spelt, sourceTask: null })).toEqual(bytesOf({ collective, content: 'c' }))
  })

  it('differ where a field differs', () => {
    for (const change of [{ content: 'other' }, { importance: 0.125 }, { domain: [] }, { embedding: [0.25, -0.5, 2] }])
      expect(bytesOf({ ...whole, ...change })).not.toEqual(expected)
  })
})

describe('a request of an operator', () => {
  it('has fields and options like any other', () => {
    expect(decodeSystemRequest('shard.list', {})).toEqual({ fields: {}, options: {} })
    expect(decodeSystemRequest('log.prune', { shard: 3, timeoutMs: 5 })).toEqual({
      ...{ fields: { shard: 3 }, options: { timeoutMs: 5 } },
    })
    expect(decodeSystemRequest('node.drain', { node: 'node-1' }).fields).toEqual({ node: 'node-1' })
  })

  it.each([
    [{ collective }, 'UNKNOWN_FIELD'],
    [JSON.parse('{"__proto__":1}'), 'UNKNOWN_FIELD'],
    [{ timeoutMs: -1 }, 'INVALID_FIELD'],
    [[], 'INVALID_FIELD'],
    [null, 'INVALID_FIELD'],
  ])('P10 %o is refused', (body, code) => {
    expect(faultOf(() => decodeSystemRequest('node.list', body)).code).toBe(code)
  })
})
