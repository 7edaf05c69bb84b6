import { faultOf } from '@waggle/kernel/testing'
import { describe, expect, it } from 'vitest'
import { traceSettings } from './trace-settings.ts'

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }

describe('what variables ask of traces', () => {
  it('is nothing by default, or where they are switched off', () => {
    expect(traceSettings({})).toBeUndefined()
    expect(traceSettings({ ...endpoint, OTEL_SDK_DISABLED: 'true' })).toBeUndefined()
    expect(traceSettings({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' })).toBeUndefined()
  })

  it('is what the standard says', () => {
    expect(traceSettings(endpoint)).toEqual({
      ...{ url: 'http://collector:4318/v1/traces', headers: {}, protocol: 'http/protobuf' },
      ...{ sampler: 'parentbased_always_on', ratio: 1 },
      ...{ queueMax: 2_048, batchMax: 512, delayMs: 5_000, timeoutMs: 30_000 },
    })
    const variables = {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      OTEL_BSP_MAX_QUEUE_SIZE: '9',
      OTEL_BSP_SCHEDULE_DELAY: '0',
    }
    expect(traceSettings(variables)).toMatchObject({
      ...{ url: 'http://localhost:4318/v1/traces', sampler: 'parentbased_traceidratio', ratio: 0.25 },
      ...{ queueMax: 9, delayMs: 0 },
    })
  })

  it.each([
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.1'],
    ['OTEL_TRACES_SAMPLER_ARG', 'half'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0'],
    ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '1.5'],
    ['OTEL_BSP_EXPORT_TIMEOUT', '-1'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'grpc'],
    ['OTEL_TRACES_EXPORTER', 'console'],
  ])('P10 refuses %s=%s by its name', (name, value) => {
    expect(faultOf(() => traceSettings({ ...endpoint, [name]: value }))).toMatchObject({
      code: 'INVALID_FIELD',
      details: { field: name },
    })
  })
})
