import { Fault, type FaultKind } from '@waggle/kernel'
import { faultOf } from '@waggle/kernel/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBody, encodeBody, type Encoding } from '../codec/body.ts'
import { fault, faultCatalogue, type FaultCode } from '../errors.ts'
import { REPLY_BYTES_MAX } from '../limits.ts'
import { decodeReply, encodeFault, encodeReply, FAULT_NUMBER_HEADER, FAULT_TEXT_HEADER } from './reply.ts'

const encodings: readonly Encoding[] = ['messagePack', 'json']
const codes = Object.keys(faultCatalogue) as FaultCode[]

/** The bytes of a refusal with these fields, as another version or a forger would make them. */
const refusalOf = (error: unknown): Uint8Array => encodeBody({ ok: false, error }, 'json')

describe.each(encodings)('a result in %s', (encoding) => {
  it('comes back as it went, beside ok, and tells no fault', () => {
    const result = { id: 'x', items: [1, null, 'é'], token: 't' }
    const { bytes, headers } = encodeReply(result, encoding, REPLY_BYTES_MAX)
    expect(headers).toBeUndefined()
    expect(decodeBody(bytes)).toEqual({ encoding, value: { ok: true, ...result } })
    expect(decodeReply(bytes)).toEqual(result)
  })

  it('has no field for what is absent', () => {
    const { bytes } = encodeReply({ experience: undefined }, encoding, REPLY_BYTES_MAX)
    expect(decodeReply(bytes)).toStrictEqual({})
  })

  it('K8 that is larger than a reply may be becomes RESULT_TOO_LARGE, with the limit; one as large does not', () => {
    const result = { content: 'x'.repeat(1_000) }
    const size = encodeReply(result, encoding, REPLY_BYTES_MAX).bytes.length
    expect(decodeReply(encodeReply(result, encoding, size).bytes)).toEqual(result)
    const { bytes, headers } = encodeReply(result, encoding, size - 1)
    const refused = faultOf(() => decodeReply(bytes))
    expect([refused.code, refused.kind, refused.details]).toEqual(['RESULT_TOO_LARGE', 'invalid', { limit: size - 1 }])
    expect(headers).toHaveLength(2)
  })
})

describe.each(encodings)('a fault in %s', (encoding) => {
  it.each(codes)('%s comes back as it went', (code) => {
    const made = fault(code, 'it happened at=1', { field: 'f', limit: 3, of: ['a', 1] }, { retryAfterMs: 50 })
    expect(faultOf(() => decodeReply(encodeFault(made, encoding).bytes)).toJSON()).toEqual(made.toJSON())
  })

  it('without a time to wait comes back without one', () => {
    const { bytes } = encodeFault(fault('BUSY', 'full'), encoding)
    expect('retryAfterMs' in faultOf(() => decodeReply(bytes))).toBe(false)
  })

  it('of a code that this version does not know keeps its kind', () => {
    const future = new Fault({ code: 'FROM_THE_FUTURE', kind: 'conflict', message: 'm', details: {} })
    expect(faultOf(() => decodeReply(encodeFault(future, encoding).bytes)).toJSON()).toEqual(future.toJSON())
  })
})

describe('the headers of a fault', () => {
  it('are a text that names the code, and a number', () => {
    expect(encodeFault(fault('NOT_FOUND', 'collective not found'), 'json').headers).toEqual([
      [FAULT_TEXT_HEADER, 'NOT_FOUND: collective not found'],
      [FAULT_NUMBER_HEADER, '404'],
    ])
  })

  it('have a number of its own for each kind', () => {
    const kinds: readonly FaultKind[] = [
      ...(['invalid', 'notFound', 'denied', 'conflict', 'moved', 'busy', 'notReady', 'lost', 'unavailable'] as const),
      ...(['corrupt', 'closed', 'internal'] as const),
    ]
    const numbers = kinds.map((kind) => {
      const made = new Fault({ code: 'X', kind, message: 'm', details: {} })
      return encodeFault(made, 'json').headers?.find(([name]) => name === FAULT_NUMBER_HEADER)?.[1]
    })
    for (const number of numbers) expect(number).toMatch(/^[45]\d\d$/)
    expect(new Set(numbers).size).toBe(kinds.length)
  })

  it('P10 are one line each, whatever the message says, and bounded', () => {
    for (const message of ['a\r\nNats-Service-Error-Code: 1\r\n\r\n', '\n', 'x'.repeat(100_000)])
      for (const [, value] of encodeFault(fault('INTERNAL', message), 'messagePack').headers ?? []) {
        expect(value).not.toMatch(/[\r\n]/)
        expect(value.length).toBeLessThan(600)
      }
  })
})

describe('bytes that are no reply', () => {
  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['no MessagePack', Uint8Array.of(0xc1)],
    ['cut short', encodeReply({ id: 'x' }, 'messagePack', REPLY_BYTES_MAX).bytes.subarray(0, 5)],
    ['a list', encodeBody([true], 'messagePack')],
    ['a map without ok', encodeBody({ id: 'x' }, 'json')],
    ['ok that is no flag', encodeBody({ ok: 1, id: 'x' }, 'json')],
    ['a fault without an error', encodeBody({ ok: false }, 'json')],
    ['an error that is a text', refusalOf('BUSY')],
    ['an error without a code', refusalOf({ kind: 'busy', message: 'm' })],
    ['an error without a kind', refusalOf({ code: 'BUSY', message: 'm' })],
    ['an error of a kind that there is not', refusalOf({ code: 'X', kind: 'toString', message: 'm' })],
  ])('P10 %s: INTERNAL', (_title, bytes) => {
    expect(faultOf(() => decodeReply(bytes)).code).toBe('INTERNAL')
  })

  it('P10 whatever the bytes are, a result comes back or a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(faultOf(() => decodeReply(bytes)).code).toBe('INTERNAL')
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('what a foreign fault says', () => {
  const decoded = (more: object) =>
    faultOf(() => decodeReply(refusalOf({ code: 'BUSY', kind: 'busy', message: 'm', details: {}, ...more })))

  it.each([
    [1.4, 1],
    [0, 0],
    [-5, 0],
    [1e12, 60_000],
    [60_001, 60_000],
  ])('P11 a wait of %d ms is one of %d ms: no reason to wait for weeks', (retryAfterMs, expected) => {
    expect(decoded({ retryAfterMs }).retryAfterMs).toBe(expected)
  })

  it('P11 a wait that is no number is none', () => {
    for (const retryAfterMs of ['5', null, {}, true]) expect(decoded({ retryAfterMs }).retryAfterMs).toBeUndefined()
    const forged = { code: 'BUSY', kind: 'busy', message: 'm', details: {} }
    for (const retryAfterMs of [NaN, -Infinity]) {
      const bytes = encodeBody({ ok: false, error: { ...forged, retryAfterMs } }, 'messagePack')
      expect(faultOf(() => decodeReply(bytes)).retryAfterMs).toBe(0)
    }
  })

  it('details that are no map are none, and a message is a text', () => {
    for (const details of [undefined, null, 5, ['x']]) expect(decoded({ details }).details).toEqual({})
    expect(typeof decoded({ message: 5 }).message).toBe('string')
  })
})
