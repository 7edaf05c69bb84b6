import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { signalExport, telemetryResource } from './resource.ts'

const source = { service: 'waggle-router', version: '1.2.3', instance: 'router-1', pid: 7 }

describe('what the variables of OpenTelemetry ask for', () => {
  it.each([{}, { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, { OTEL_METRICS_EXPORTER: 'prometheus' }])(
    'T1 %o sends nothing anywhere',
    (variables) => {
      expect([signalExport(variables, 'metrics'), signalExport(variables, 'traces')]).toEqual([undefined, undefined])
    },
  )

  it('T1 an endpoint of all signals gets each signal’s path, one of a signal is taken as it is', () => {
    const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://collector:4318/'
    const shared = { OTEL_EXPORTER_OTLP_ENDPOINT }
    expect(signalExport(shared, 'metrics')).toEqual({
      url: 'http://collector:4318/v1/metrics',
      headers: {},
      protocol: 'http/protobuf',
    })
    expect(signalExport(shared, 'traces')?.url).toBe('http://collector:4318/v1/traces')
    const own = { ...shared, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://other/write' }
    expect(signalExport(own, 'metrics')?.url).toBe('https://other/write')
    expect(signalExport(own, 'traces')?.url).toBe('http://collector:4318/v1/traces')
  })

  it('T1 an exporter without an endpoint sends to the usual one', () => {
    expect(signalExport({ OTEL_METRICS_EXPORTER: 'otlp' }, 'metrics')?.url).toBe('http://localhost:4318/v1/metrics')
    expect(signalExport({ OTEL_METRICS_EXPORTER: 'otlp' }, 'traces')).toBeUndefined()
  })

  it('T2 what is disabled sends nothing, whatever else is set', () => {
    const wanted = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_METRICS_EXPORTER: 'otlp' }
    expect(signalExport({ ...wanted, OTEL_SDK_DISABLED: 'TRUE' }, 'metrics')).toBeUndefined()
    expect(signalExport({ ...wanted, OTEL_SDK_DISABLED: 'false' }, 'metrics')).toBeDefined()
    expect(signalExport({ ...wanted, OTEL_METRICS_EXPORTER: 'none' }, 'metrics')).toBeUndefined()
    expect(signalExport({ ...wanted, OTEL_METRICS_EXPORTER: 'none' }, 'traces')).toBeDefined()
  })

  it('reads headers and protocol, of which a signal’s own come first', () => {
    const variables = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20YTpi, x-team = bees',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'x-team=wasps',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    }
    expect(signalExport(variables, 'metrics')).toMatchObject({
      headers: { authorization: 'Basic YTpi', 'x-team': 'wasps' },
      protocol: 'http/protobuf',
    })
    expect(signalExport(variables, 'traces')).toMatchObject({ headers: { 'x-team': 'bees' }, protocol: 'http/json' })
  })

  it.each<[string, string]>([
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'grpc'],
    ['OTEL_METRICS_EXPORTER', 'console'],
    ['OTEL_SDK_DISABLED', 'yes'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=%E0%A4%A'],
  ])('T3 P10 refuses %s=%s by its name', (name, value) => {
    expect(faultOf(() => signalExport({ [name]: value }, 'metrics')).details).toMatchObject({ field: name })
  })

  it('names the sender; what the variables say of it comes first', () => {
    expect(telemetryResource({}, source).attributes).toEqual({
      'service.namespace': 'waggle',
      'service.name': 'waggle-router',
      'service.version': '1.2.3',
      'service.instance.id': 'router-1',
      'process.pid': 7,
    })
    const OTEL_RESOURCE_ATTRIBUTES = 'service.name=one,deployment.environment.name=prod%2C%20eu'
    expect(telemetryResource({ OTEL_RESOURCE_ATTRIBUTES }, source).attributes).toMatchObject({
      'service.name': 'one',
      'deployment.environment.name': 'prod, eu',
    })
    const named = { OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME: 'two' }
    expect(telemetryResource(named, source).attributes).toMatchObject({ 'service.name': 'two' })
  })
})
