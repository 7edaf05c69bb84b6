import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTraceparent, parseTraceContext, traceHeaders } from './trace-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const sound = `00-${TRACE}-${SPAN}-01`

describe('a trace context', () => {
  it.each([
    [sound, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    // Other flags are not ours to know; a later version may have more behind it.
    [`00-${TRACE}-${SPAN}-03`, true],
    [`01-${TRACE}-${SPAN}-02`, false],
    [`cc-${TRACE}-${SPAN}-01-what-the-future-brings`, true],
  ])('Z1 reads %s', (traceparent, isSampled) => {
    expect(parseTraceContext(traceparent)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled })
  })

  it.each([
    undefined,
    '',
    TRACE,
    sound.toUpperCase(),
    ` ${sound}`,
    `${sound}\n`,
    `${sound}-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `0-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-0g`,
    `01-${TRACE}-${SPAN}-01-${'x'.repeat(201)}`,
    `${sound}, ${sound}`,
  ])('Z1 P10 %o is none', (traceparent) => {
    expect(parseTraceContext(traceparent)).toBeUndefined()
  })

  it('Z1 P10 noise is none', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (noise, more) => parseTraceContext(noise, more) === undefined))
  })

  it('Z2 writes what it has read', () => {
    const digits = (count: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${count}}$`))
    fc.assert(
      fc.property(digits(32), digits(16), fc.boolean(), (traceId, spanId, isSampled) => {
        fc.pre(!/^0+$/.test(traceId) && !/^0+$/.test(spanId))
        const context = { traceId, spanId, isSampled }
        expect(parseTraceContext(formatTraceparent(context))).toEqual(context)
      }),
    )
  })

  it.each([
    ['a=1', 'a=1'],
    ['a=1 , ,b@v=x y', 'a=1,b@v=x y'],
    [Array.from({ length: 32 }, (_, at) => `k${at}=v`).join(), expect.stringContaining('k31=v')],
    [`a=${'x'.repeat(256)}`, expect.any(String)],
    [undefined, undefined],
    ['', undefined],
    ['a', undefined],
    ['A=1', undefined],
    ['a=1,b', undefined],
    ['a=1\r\nb=2', undefined],
    ['a=ä', undefined],
    [`a=${'x'.repeat(257)}`, undefined],
    [`a=${'x'.repeat(250)},b=${'x'.repeat(256)},c=1`, undefined],
    [Array.from({ length: 33 }, (_, at) => `k${at}=v`).join(), undefined],
  ])('Z2 P10 of the state %o it carries %o', (state, carried) => {
    const context = parseTraceContext(sound, state)
    expect(context?.state).toEqual(carried)
    expect(traceHeaders(context!).map(([name]) => name)).toEqual(
      carried === undefined ? ['traceparent'] : ['traceparent', 'tracestate'],
    )
  })
})
