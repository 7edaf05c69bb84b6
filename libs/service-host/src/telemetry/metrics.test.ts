import type { CounterDeclaration, GaugeDeclaration, HistogramDeclaration } from '@waggle/kernel'
import { silentLogger } from '@waggle/kernel'
import { manualClock } from '@waggle/kernel/testing'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { describe, expect, it } from 'vitest'
import { ServiceMetrics } from './metrics.ts'

const answers: CounterDeclaration<'op' | 'code'> = {
  ...{ kind: 'counter', name: 'waggle_answers_total', unit: '', help: 'Answers.', labels: ['op', 'code'] },
}
const duration: HistogramDeclaration<'op'> = {
  ...{ kind: 'histogram', name: 'waggle_duration_seconds', unit: 's', help: 'Time.', labels: ['op'], bounds: [0.1, 1] },
}
const size: GaugeDeclaration<'shard'> = {
  ...{ kind: 'gauge', name: 'waggle_size_bytes', unit: 'By', help: 'Size.', labels: ['shard'] },
}

const opened = async () => {
  const warnings: string[] = []
  const service = await ServiceMetrics.open({
    clock: manualClock(),
    logger: { ...silentLogger, warn: (message) => void warnings.push(message) },
    resource: resourceFromAttributes({ 'service.name': 'waggle-test' }),
  })
  const lines = async (): Promise<readonly string[]> =>
    (await service.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return { service, metrics: service.metrics, lines, warnings }
}

describe('the metrics of a service', () => {
  it('M1 counts under the values of the labels, in whatever order they come', async () => {
    const { metrics, lines } = await opened()
    metrics.counter(answers, { op: 'a', code: 'OK' }).add()
    metrics.counter(answers, { code: 'OK', op: 'a' }).add(2)
    metrics.counter(answers, { op: 'b', code: 'BUSY' }).add()
    expect(await lines()).toEqual([
      'target_info{service_name="waggle-test"} 1',
      'waggle_answers_total{op="a",code="OK"} 3',
      'waggle_answers_total{op="b",code="BUSY"} 1',
    ])
  })

  it('a histogram counts each value in the bucket whose bound it does not exceed', async () => {
    const { metrics, lines } = await opened()
    for (const value of [0.1, 0.2, 1, 5]) metrics.histogram(duration, { op: 'a' }).record(value)
    expect((await lines()).slice(1)).toEqual([
      'waggle_duration_seconds_count{op="a"} 4',
      'waggle_duration_seconds_sum{op="a"} 6.3',
      'waggle_duration_seconds_bucket{op="a",le="0.1"} 1',
      'waggle_duration_seconds_bucket{op="a",le="1"} 3',
      'waggle_duration_seconds_bucket{op="a",le="+Inf"} 4',
    ])
  })

  it('M2 asks every reader until it is forgotten; one that fails takes nothing from the others', async () => {
    const { metrics, lines, warnings } = await opened()
    let bytes = 1
    const forget = metrics.observe(size, () => [{ labels: { shard: '0' }, value: bytes }])
    metrics.observe(size, () => {
      throw new Error('closed')
    })
    metrics.observe(size, () => [{ labels: { shard: '1' }, value: 7 }])
    bytes = 2
    expect((await lines()).slice(1)).toEqual(['waggle_size_bytes{shard="0"} 2', 'waggle_size_bytes{shard="1"} 7'])
    expect(warnings).toEqual(['a metric could not be read'])
    forget()
    expect((await lines()).slice(1)).toEqual(['waggle_size_bytes{shard="1"} 7'])
  })

  it('tells kind, help and unit of each', async () => {
    const { service, metrics } = await opened()
    metrics.observe(size, () => [{ labels: { shard: '0' }, value: 1 }])
    const head = ['# HELP waggle_size_bytes Size.', '# UNIT waggle_size_bytes By', '# TYPE waggle_size_bytes gauge']
    expect(await service.text()).toContain(`${head.join('\n')}\n`)
  })
})
