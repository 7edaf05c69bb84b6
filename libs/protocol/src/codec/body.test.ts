import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { BODY_NAMES_MAX, REQUEST_BYTES_MAX } from '../limits.ts'
import { sampleRequests } from '../testing/sample-requests.ts'
import { decodeBody, encodeBody, encodingOf } from './body.ts'

const refusal = (body: string | Uint8Array) => faultOf(() => decodeBody(Buffer.from(body))).toJSON()
const json = (text: string | Uint8Array) => decodeBody(Buffer.from(text)).value

const malformed = (encoding: string, defect: unknown = expect.any(String)) => ({
  code: 'MALFORMED_BODY',
  kind: 'invalid',
  details: { encoding, defect },
})

describe('encodingOf', () => {
  it.each(['{}', ' {}', '\t{}', '\n{}', '\r\n{}', '{'])('takes %j for JSON by its first byte', (text) => {
    expect(encodingOf(Buffer.from(text))).toBe('json')
  })

  it('takes every other first byte for MessagePack, and no byte too', () => {
    const starts = new Set(Buffer.from('{ \t\n\r'))
    for (let byte = 0; byte < 256; byte += 1)
      expect(encodingOf(Uint8Array.of(byte, 0x7b))).toBe(starts.has(byte) ? 'json' : 'messagePack')
    expect(encodingOf(new Uint8Array(0))).toBe('messagePack')
  })
})

describe('decodeBody', () => {
  it('tells the encoding with the value', () => {
    expect(decodeBody(Buffer.from('{"a":[1,"é",null]}'))).toEqual({ encoding: 'json', value: { a: [1, 'é', null] } })
    expect(decodeBody(Uint8Array.of(0x81, 0xa1, 0x61, 1))).toEqual({ encoding: 'messagePack', value: { a: 1 } })
    expect(json(' \r\n\t{"a":1}\n')).toEqual({ a: 1 })
  })

  it('P10 refuses an empty body', () => {
    expect(refusal('')).toMatchObject(malformed('messagePack', 'empty'))
  })

  it('P10 takes a body of the largest size and refuses one byte more, unread', () => {
    const largest = Buffer.alloc(REQUEST_BYTES_MAX, ' ')
    largest.write('{"a":1}')
    expect(json(largest)).toEqual({ a: 1 })
    for (const byte of [0x20, 0xdd, 0xff])
      expect(refusal(new Uint8Array(REQUEST_BYTES_MAX + 1).fill(byte))).toMatchObject({
        code: 'REQUEST_TOO_LARGE',
        kind: 'invalid',
        details: { size: REQUEST_BYTES_MAX + 1, limit: REQUEST_BYTES_MAX },
      })
  })

  it.each([
    '{',
    '{"a":1',
    '{"a":1}}',
    '{"a":1} x',
    '{"a":1}{"a":1}',
    "{'a':1}",
    '{a:1}',
    '{"a":1,}',
    '{"a":01}',
    '{"a":NaN}',
    '{"a":Infinity}',
    '{"a":undefined}',
    '{"a":"\n"}',
    '{"a":"\\x41"}',
    '{"a":"\\u12"}',
    '{"a":"\\',
    '{"a":"x\\"',
    '{// comment\n}',
    ' ',
    '\n\t\r ',
    ' \ufeff{}',
    '\0{}'.slice(1) + '\0',
  ])('P10 refuses %j, which is no JSON', (text) => {
    expect(refusal(text)).toMatchObject(malformed('json'))
  })

  it.each([
    ['a byte order mark', '\ufeff{"a":1}'],
    ['a list', '[{"a":1}]'],
    ['a text', '"{}"'],
    ['a number of two digits', '42'],
  ])('P10 refuses %s at the start, which is neither JSON for us nor MessagePack', (_what, text) => {
    expect(refusal(text)).toMatchObject(malformed('messagePack'))
  })

  it.each([
    ['a lone continuation', [0x80]],
    ['a character cut short', [0xc3]],
    ['an overlong quote', [0xc0, 0xa2]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['UTF-16', [0x00, 0x61]],
  ])('P10 refuses JSON text with %s', (_what, wrong) => {
    expect(refusal(Buffer.concat([Buffer.from('{"a":"'), Uint8Array.from(wrong), Buffer.from('"}')]))).toMatchObject(
      malformed('json'),
    )
  })

  it('P11 repeats a wrong body only in a bounded and well-formed excerpt', () => {
    for (const text of [`{"a":${'x'.repeat(1_000_000)}}`, `{"a":${'🐝'.repeat(1_000)}}`]) {
      const { message, details } = refusal(text)
      expect(message.length).toBeLessThan(300)
      expect(Buffer.from(message).toString()).toBe(message)
      expect(String(details.defect).length).toBeLessThanOrEqual(100)
    }
  })

  it('takes what JSON means by huge numbers, a second field of one name, and escapes', () => {
    expect(json('{"a":1e999,"b":-1e999,"c":123456789012345678901234567890,"d":1e-999,"e":-0}')).toEqual({
      a: Infinity,
      b: -Infinity,
      c: 1.2345678901234568e29,
      d: 0,
      e: -0,
    })
    expect(json('{"a":1,"a":2}')).toEqual({ a: 2 })
    expect(json('{"a":"\\ud83d\\udc1d\\u0000\\\\\\"{[","b":"\\ud800"}')).toEqual({ a: '🐝\0\\"{[', b: '\ud800' })
    expect(json(`{"a":${'9'.repeat(1_000_000)}}`)).toEqual({ a: Infinity })
  })

  it('P10 P11 refuses both encodings by the same bounds', () => {
    const deep = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
    expect(json(deep(32))).toBeDefined()
    expect(refusal(deep(33))).toMatchObject(malformed('json', 'nested deeper than 32'))
    expect(refusal(Uint8Array.from({ length: 33 }, (_, at) => (at < 32 ? 0x91 : 0x90)))).toMatchObject(
      malformed('messagePack', 'nested deeper than 32'),
    )
    expect(refusal(`{"a":[${'[],'.repeat(100_000)}1]}`)).toMatchObject(
      malformed('json', 'more than 100000 maps and lists'),
    )
    expect(refusal(Uint8Array.of(0xdf, 255, 255, 255, 255, 1, 1))).toMatchObject(
      malformed('messagePack', `more than ${BODY_NAMES_MAX} names`),
    )
  })

  it('P11 answers the costliest bodies that it takes in bounded time', () => {
    const names = Array.from({ length: BODY_NAMES_MAX - 2 }, (_, at) => `"${at.toString(36)}":1`)
    const bodies = [
      Buffer.from(`{"a":{${names.join(',')}}}`),
      encodeBody(Object.fromEntries(names.map((_, at) => [`n${at}`, 1])), 'messagePack'),
      new Uint8Array(REQUEST_BYTES_MAX).fill(0x01).fill(0xdd, 0, 1).fill(0, 1, 2),
    ]
    const startMs = performance.now()
    for (const body of bodies)
      try {
        decodeBody(body)
      } catch {
        // What matters is how long it took.
      }
    // About half a second on an idle machine; a body with a name in every six bytes took four seconds before the bound.
    expect(performance.now() - startMs).toBeLessThan(10_000)
  })
})

describe('encodeBody', () => {
  it('writes a vector as numbers in JSON, exact in single precision, and as its bytes in MessagePack', () => {
    const value = { embedding: Float32Array.of(0.1, -2.5, 1e-40) }
    const decoded = json(encodeBody(value, 'json')) as { embedding: number[] }
    expect(Float32Array.from(decoded.embedding)).toEqual(value.embedding)
    expect(decodeBody(encodeBody(value, 'messagePack')).value).toEqual({
      embedding: new Uint8Array(value.embedding.buffer),
    })
  })

  it('leaves out what is undefined in both', () => {
    for (const encoding of ['json', 'messagePack'] as const)
      expect(decodeBody(encodeBody({ a: undefined, b: 1 }, encoding)).value).toStrictEqual({ b: 1 })
  })
})

describe('every cut of a valid body', () => {
  const body = sampleRequests['experience.recordMany'].whole

  it.each(['json', 'messagePack'] as const)('P10 is refused in %s', (encoding) => {
    const bytes = encodeBody(body, encoding)
    for (let length = 0; length < bytes.length; length += 1) {
      const { code, details } = faultOf(() => decodeBody(bytes.subarray(0, length)))
      expect(code).toBe('MALFORMED_BODY')
      expect(details.encoding).toBe(length === 0 ? 'messagePack' : encoding)
    }
    expect(decodeBody(bytes)).toEqual({ encoding, value: expect.anything() as unknown })
  })
})
