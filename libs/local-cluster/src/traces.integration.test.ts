/** The trace of a request through a cluster of real processes, as a collector gets it. */
import { Waggle } from '@waggle/client'
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import { traceCollector, type CollectedSpan, type TraceCollector } from '@waggle/kernel/testing'
import { partition } from '@waggle/protocol'
import { trace } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startLocalCluster, type LocalCluster } from './local-cluster.ts'
import { eventually } from './testing/cluster-state.ts'

const SHARDS = 2

let folder: TemporaryFolder
let collector: TraceCollector
let cluster: LocalCluster
let waggle: Waggle
const made = new InMemorySpanExporter()

const start = async (variables: Readonly<Record<string, string>>): Promise<void> => {
  const environment = { ...process.env, ...variables }
  cluster = await startLocalCluster({ folder: folder.path, shards: SHARDS, nodes: 2, routers: 1, environment })
  waggle = await Waggle.connect({ servers: cluster.url })
}

beforeEach(async () => {
  folder = await temporaryFolder()
  collector = await traceCollector()
})
afterEach(async () => {
  made.reset()
  await waggle.close()
  await cluster.stop()
  await collector.close()
  await folder.remove()
})

const sending = (): Readonly<Record<string, string>> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '50',
})

/** The spans of a trace, once all of these names are among them. */
const collected = async (traceId: string, names: readonly string[]): Promise<ReadonlyMap<string, CollectedSpan>> => {
  const found = () => new Map(collector.spans.flatMap((span) => (span.traceId === traceId ? [[span.name, span]] : [])))
  await eventually(
    async () => names.every((name) => found().has(name)),
    () => `of ${names.join()} came ${[...found().keys()].join()}`,
  )
  return found()
}

const callNamed = (name: string) => made.getFinishedSpans().findLast((span) => span.name === name)!

// The first of them: whoever was given a provider keeps it.
test('without variables and without a provider nothing is made, sent or collected', async () => {
  await start({})
  const hive = await waggle.createCollective({ name: 'bees', dimension: 2 })
  await hive.record({ content: 'x', embedding: [1, 2] })
  expect([made.getFinishedSpans(), collector.spans]).toEqual([[], []])
})

describe('with a collector, the trace', () => {
  beforeAll(() => {
    const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: made })] })
    trace.setGlobalTracerProvider(provider)
  })

  test('of a write leads from its caller through router, leader and log to the follower', async () => {
    await start(sending())
    const hive = await waggle.createCollective({ name: 'bees', dimension: 2 })
    const { id } = await hive.record({ content: 'the secret of the hive', embedding: [1, 2] })
    const call = callNamed('create_memory')
    const { traceId, spanId } = call.spanContext()
    expect(call.attributes).toEqual({
      'waggle.operation': 'experience.record',
      'gen_ai.operation.name': 'create_memory',
      'gen_ai.provider.name': 'waggle',
      'gen_ai.memory.store.id': hive.id,
      'gen_ai.memory.record.id': id,
    })
    const parts = ['mailbox', 'decide', 'group', 'append', 'apply', 'answer'].map((part) => `waggle.${part}`)
    const [route, execute] = ['waggle.route experience.record', 'waggle.execute experience.record'] as const
    const spans = await collected(traceId, [route, execute, ...parts, 'waggle.follow'])
    expect(spans.get(route)).toMatchObject({ parentSpanId: spanId, kind: 2, service: 'waggle-router' })
    expect(spans.get(execute)).toMatchObject({
      ...{ parentSpanId: spans.get(route)?.spanId, kind: 2, service: 'waggle-shard' },
      attributes: {
        'waggle.collective': hive.id,
        'waggle.tenant': 'default',
        'waggle.shard': partition(hive.id, SHARDS),
        'waggle.role': 'leader',
        'waggle.sequence': spans.get('waggle.append')?.attributes['waggle.sequence'],
      },
    })
    // What follows is told by the entry that the log keeps: the follower knows the trace from nowhere else.
    for (const part of [...parts, 'waggle.follow'])
      expect(spans.get(part)?.parentSpanId, part).toBe(spans.get(execute)?.spanId)
    expect(spans.get('waggle.follow')?.attributes).toMatchObject({
      'waggle.sequence': spans.get('waggle.append')?.attributes['waggle.sequence'],
    })
    expect(JSON.stringify([...spans.values()].map(({ attributes }) => attributes))).not.toContain('secret')
  })

  test('of a search says how it looked, that of a refusal why', async () => {
    await start(sending())
    const hive = await waggle.createCollective({ name: 'bees', dimension: 2 })
    await hive.record({ content: 'x', embedding: [1, 2] })
    await hive.search({ embedding: [1, 2], k: 3 })
    const call = callNamed('search_memory')
    expect(call.attributes).toMatchObject({ 'gen_ai.memory.store.id': hive.id, 'gen_ai.memory.record.count': 1 })
    const execute = 'waggle.execute experience.search'
    const spans = await collected(call.spanContext().traceId, [execute, 'waggle.read'])
    expect(spans.get('waggle.read')).toMatchObject({
      parentSpanId: spans.get(execute)?.spanId,
      attributes: { 'waggle.search.tier': 'exact', 'waggle.search.candidates': 1, 'waggle.search.results': 1 },
    })
    await expect(hive.search({ embedding: [1], k: 3 })).rejects.toMatchObject({ code: 'DIMENSION_MISMATCH' })
    expect(callNamed('search_memory')).toMatchObject({
      attributes: { 'error.type': 'DIMENSION_MISMATCH' },
      status: { code: 2 },
    })
  })
})
