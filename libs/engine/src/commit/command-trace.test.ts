import { formatTraceparent, parseTraceContext, silentTracer, type Span } from '@waggle/kernel'
import { recordingTracer, type RecordedSpan } from '@waggle/kernel/testing'
import { decodeEntries, decodeRecord, DEFAULT_TENANT, type BuiltName, type LogEntry } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { openTestEngine, type TestEngine, type TestEngineOptions } from '../testing/test-engine.ts'

const cause = parseTraceContext('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')!

const entriesAt = ({ stream }: TestEngine, sequence: number): readonly LogEntry[] => {
  const decoded = decodeRecord(stream.at(sequence) as Uint8Array)
  if ('defect' in decoded) throw new Error(decoded.defect)
  return decodeEntries(decoded.record.payload)
}

const opened = async (options: TestEngineOptions = {}) => {
  const test = await openTestEngine({ fence: 'log', ...options })
  const { collective } = await test.call('collective.create', { name: 'bees', dimension: 2 })
  const { id } = collective as { readonly id: string }
  const call = (span: Span, operation: BuiltName, body: object) =>
    test.engine.execute(DEFAULT_TENANT, operation, { collective: id, ...body }, span)
  const record = (span: Span, more: object = {}) =>
    call(span, 'experience.record', { content: 'a', embedding: [1, 2], ...more })
  return { test, call, record }
}

const partsOf = (spans: readonly RecordedSpan[], { context }: Span): readonly RecordedSpan[] =>
  spans.filter(({ parent }) => parent?.spanId === context?.spanId)

const WAY = ['waggle.mailbox', 'waggle.decide', 'waggle.group', 'waggle.append', 'waggle.apply']

describe('the trace of a command', () => {
  it('shows its way through the writer, and the record that keeps its context', async () => {
    const { tracer, spans } = recordingTracer()
    const { test, record } = await opened()
    const span = tracer.start('request', cause)
    await record(span)
    span.end()
    const { applied, epoch } = test.engine.position
    expect(partsOf(spans, span).map(({ name }) => name)).toEqual(WAY)
    expect(spans.at(-1)?.attributes).toEqual({ 'waggle.sequence': applied, 'waggle.epoch': epoch.sequence })
    expect(entriesAt(test, applied).map(({ trace }) => trace)).toEqual([formatTraceparent(span.context!)])
  })

  it('Z1 of several commands in one record each one has its append, linked with the others', async () => {
    const { tracer, spans } = recordingTracer()
    const { test, record } = await opened()
    const requests = ['a', 'b', 'c'].map((name) => tracer.start(name, undefined))
    await Promise.all([...requests.map((span) => record(span)), record(silentTracer.start('d', undefined))])
    const appends = requests.map((span) => partsOf(spans, span).find(({ name }) => name === 'waggle.append')!)
    expect(appends.map(({ attributes }) => attributes['waggle.commands'])).toEqual([4, 4, 4])
    const [first] = appends
    expect(first?.links.map(({ traceId }) => traceId)).toEqual(requests.slice(1).map((span) => span.context?.traceId))
    for (const { links } of appends.slice(1)) expect(links).toEqual([first?.context])
    expect(entriesAt(test, test.engine.position.applied).map(({ trace }) => trace === undefined)).toEqual([
      ...[false, false, false],
      true,
    ])
  })

  it('L5 a refusal ends its decision with the code, and shows the append that it waited for', async () => {
    const { tracer, spans } = recordingTracer()
    const { record } = await opened()
    const span = tracer.start('request', undefined)
    await expect(record(span, { embedding: [1, 2, 3] })).rejects.toMatchObject({ code: 'DIMENSION_MISMATCH' })
    const parts = partsOf(spans, span)
    expect(parts.map(({ name }) => name)).toEqual(WAY)
    expect(parts.map(({ code }) => code)).toEqual([undefined, 'DIMENSION_MISMATCH', undefined, undefined, undefined])
  })

  it('the record keeps what a request came with, where nobody collects; nothing where that was nothing', async () => {
    const { test, record } = await opened()
    await record(silentTracer.start('request', cause))
    const { applied } = test.engine.position
    await record(silentTracer.start('request', undefined))
    expect(entriesAt(test, applied).map(({ trace }) => trace)).toEqual([formatTraceparent(cause)])
    expect(entriesAt(test, applied + 1).map((entry) => 'trace' in entry)).toEqual([false])
  })

  it('P8 a follower reaches the same state, and tells of each record that is traced as of a part of it', async () => {
    const { tracer, spans } = recordingTracer()
    const { test, record } = await opened()
    const span = tracer.start('request', cause)
    await record(span)
    await record(silentTracer.start('request', { ...cause, isSampled: false }))
    const heard = recordingTracer()
    const replica = await openTestEngine({ fence: 'log', lead: false, stream: test.stream, tracer: heard.tracer })
    expect(heard.spans).toEqual([])
    expect(await replica.engine.digest()).toEqual(await test.engine.digest())
    // What is old was replayed, and is nobody's any more; what comes now is heard.
    await record(span)
    const sequence = test.engine.position.applied
    expect(await replica.engine.follow({ sequence, bytes: test.stream.at(sequence) as Uint8Array })).toBe(true)
    expect(heard.spans).toMatchObject([
      { name: 'waggle.follow', kind: 'consumer', parent: span.context, attributes: { 'waggle.sequence': sequence } },
    ])
    expect(await replica.engine.digest()).toEqual(await test.engine.digest())
    expect(spans.some(({ name }) => name === 'waggle.follow')).toBe(false)
  })
})

describe('the trace of a read', () => {
  it('P7 tells of a search how it looked', async () => {
    const { tracer, spans } = recordingTracer()
    const { call, record } = await opened()
    await record(silentTracer.start('request', undefined))
    const span = tracer.start('request', undefined)
    const { results } = await call(span, 'experience.search', { embedding: [1, 2], k: 3 })
    expect(results).toHaveLength(1)
    expect(spans).toMatchObject([
      {
        ...{ name: 'waggle.read', parent: span.context },
        attributes: { 'waggle.search.tier': 'exact', 'waggle.search.candidates': 1, 'waggle.search.results': 1 },
      },
    ])
  })

  it('ends with the code of what refuses it', async () => {
    const { tracer, spans } = recordingTracer()
    const { call } = await opened()
    const asked = call(tracer.start('request', undefined), 'experience.search', { embedding: [1], k: 3 })
    await expect(asked).rejects.toMatchObject({ code: 'DIMENSION_MISMATCH' })
    expect(spans).toMatchObject([{ name: 'waggle.read', code: 'DIMENSION_MISMATCH' }])
  })
})
