import { parseTraceContext, silentLogger, silentTracer, systemClock, systemTimers } from '@waggle/kernel'
import { traceCollector } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { openTraces } from './open-traces.ts'

const cause = parseTraceContext('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'a=1')!
const source = { service: 'waggle-test', version: '1', pid: 7 }
const ports = { clock: systemClock, timers: systemTimers, logger: silentLogger, source }

describe('the traces of a service', () => {
  it('Y1 are silent where no variable asks for them', async () => {
    expect((await openTraces({ ...ports, variables: {} })).tracer).toBe(silentTracer)
  })

  it.each(['http/json'])('Y3 are sent, as %s, before the process ends', async (protocol) => {
    const collector = await traceCollector()
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: protocol }
    const { tracer, close } = await openTraces({ ...ports, variables })
    const span = tracer.start('outer', cause, { kind: 'server', attributes: { n: 7 }, links: [cause] })
    const part = span.child('inner')
    part.fail('BUSY')
    for (const each of [part, span, span]) each.end()
    span.set({ late: true })
    expect(span.context).toMatchObject({ traceId: cause.traceId, isSampled: true, state: 'a=1' })
    await close()
    await collector.close()
    const [inner, outer] = collector.spans
    expect(collector.spans).toHaveLength(2)
    expect(outer).toMatchObject({
      ...{ service: 'waggle-test', name: 'outer', kind: 2, status: 0, attributes: { n: 7 } },
      ...{ traceId: cause.traceId, spanId: span.context?.spanId, parentSpanId: cause.spanId },
      links: [{ traceId: cause.traceId, spanId: cause.spanId }],
    })
    expect(inner).toMatchObject({ name: 'inner', parentSpanId: outer?.spanId, status: 2 })
    expect(inner?.attributes).toEqual({ 'error.type': 'BUSY' })
    expect(inner!.startNs >= outer!.startNs && inner!.endNs <= outer!.endNs).toBe(true)
  })

  it('keep nothing of a trace that its beginner does not keep, and pass it on', async () => {
    const collector = await traceCollector()
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }
    const { tracer, close } = await openTraces({ ...ports, variables })
    const span = tracer.start('outer', { ...cause, isSampled: false })
    expect([span.isRecording, span.context?.traceId, span.context?.isSampled]).toEqual([false, cause.traceId, false])
    span.end()
    await close()
    await collector.close()
    expect(collector.spans).toEqual([])
  })

  it('Y2 P11 cost one warning where nobody collects them', async () => {
    const collector = await traceCollector()
    await collector.close()
    const warnings: string[] = []
    const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) }
    const variables = {
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      ...{ OTEL_BSP_MAX_QUEUE_SIZE: '4', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1', OTEL_BSP_EXPORT_TIMEOUT: '100' },
    }
    const { tracer, close } = await openTraces({ ...ports, logger, variables })
    for (let count = 0; count < 100; count += 1) tracer.start('span', undefined).end()
    await close()
    expect(warnings).toEqual(['traces cannot be sent'])
  })
})
