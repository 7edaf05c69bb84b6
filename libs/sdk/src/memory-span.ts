/**
 * A call as a span of OpenTelemetry's, where the application has registered a tracer provider: by the conventions for
 * the memory of agents (GenAI, in development), and as `waggle.<operation>` where those have no name for it.
 *
 * O1  Without a provider, and without a trace that the call could belong to, there is none: nothing is sent along.
 * O2  No content: neither what is recorded, nor what is asked or found.
 */
import { silentSpan, type Span, type SpanAttributes, type TraceContext } from '@waggle/kernel'
import type { BuiltName } from '@waggle/protocol'
import {
  isSpanContextValid,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Span as ApiSpan,
} from '@opentelemetry/api'
import type { RequestBody } from './caller.ts'

/** Asks the provider that is registered at that moment. */
const tracer = trace.getTracer('@waggle/sdk')

const MEMORY_OPERATIONS: Readonly<Partial<Record<BuiltName, string>>> = {
  'collective.create': 'create_memory_store',
  'collective.getOrCreate': 'create_memory_store',
  'collective.delete': 'delete_memory_store',
  'experience.record': 'create_memory',
  'experience.recordMany': 'create_memory',
  'experience.update': 'update_memory',
  'experience.archive': 'update_memory',
  'experience.unarchive': 'update_memory',
  'experience.reinforce': 'update_memory',
  'experience.delete': 'delete_memory',
  'experience.search': 'search_memory',
  'insight.store': 'create_memory',
  'insight.delete': 'delete_memory',
  'insight.search': 'search_memory',
  'context.get': 'search_memory',
  'batch.commit': 'upsert_memory',
}

/** O1: the silent one where there is none. */
export const memorySpan = (operation: BuiltName, fields: RequestBody): Span => {
  const memory = MEMORY_OPERATIONS[operation]
  const span = tracer.startSpan(memory ?? `waggle.${operation}`, { kind: SpanKind.CLIENT })
  if (!isSpanContextValid(span.spanContext())) return silentSpan
  const call = new CallSpan(span)
  if (call.isRecording) call.set(asked(operation, memory, fields))
  return call
}

/** What the answer says of records. */
export const noteAnswer = (span: Span, operation: BuiltName, answer: RequestBody): void => {
  if (!span.isRecording || MEMORY_OPERATIONS[operation] === undefined) return
  const { results, ids, id, collective } = answer
  const found = Array.isArray(results) ? results : ids
  const store = idOf(collective)
  span.set({
    ...(Array.isArray(found) ? { 'gen_ai.memory.record.count': found.length } : {}),
    ...(typeof id === 'string' ? { 'gen_ai.memory.record.id': id } : {}),
    ...(store === undefined ? {} : { 'gen_ai.memory.store.id': store }),
  })
}

const asked = (operation: BuiltName, memory: string | undefined, fields: RequestBody): SpanAttributes => {
  const { collective, id, experiences } = fields
  return {
    'waggle.operation': operation,
    ...(memory === undefined ? {} : { 'gen_ai.operation.name': memory, 'gen_ai.provider.name': 'waggle' }),
    ...(typeof collective === 'string' ? { 'gen_ai.memory.store.id': collective } : {}),
    ...(memory !== undefined && typeof id === 'string' ? { 'gen_ai.memory.record.id': id } : {}),
    ...(Array.isArray(experiences) ? { 'gen_ai.memory.record.count': experiences.length } : {}),
  }
}

const idOf = (record: unknown): string | undefined => {
  const id = typeof record === 'object' && record !== null ? (record as { readonly id?: unknown }).id : undefined
  return typeof id === 'string' ? id : undefined
}

class CallSpan implements Span {
  readonly context: TraceContext
  readonly isRecording: boolean
  readonly #span: ApiSpan

  constructor(span: ApiSpan) {
    this.#span = span
    this.isRecording = span.isRecording()
    const { traceId, spanId, traceFlags, traceState } = span.spanContext()
    const state = traceState?.serialize() ?? ''
    const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0
    this.context = { traceId, spanId, isSampled, ...(state === '' ? {} : { state }) }
  }

  /** Its parts are told by whoever executes it. */
  child(): Span {
    return silentSpan
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes)
  }

  event(name: string, attributes: SpanAttributes = {}): void {
    this.#span.addEvent(name, attributes)
  }

  fail(code: string): void {
    this.#span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR })
  }

  end(): void {
    this.#span.end()
  }
}
