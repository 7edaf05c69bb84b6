import { describe, expect, it } from 'vitest'
import { parseTraceContext } from './trace-context.ts'
import { silentSpan, silentTracer } from './tracing.ts'

const parent = parseTraceContext('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')

describe('the silent tracer', () => {
  it('makes nothing where nobody traces: one span for everyone, which is its own child', () => {
    const span = silentTracer.start('a', undefined)
    expect(span).toBe(silentSpan)
    expect(span.child('b')).toBe(silentSpan)
    expect([span.context, span.isRecording]).toEqual([undefined, false])
  })

  it('passes on what it was given', () => {
    const span = silentTracer.start('a', parent)
    expect([span.context, span.child('b').context, span.isRecording]).toEqual([parent, parent, false])
  })
})
