/**
 * The port to whoever collects traces: spans, which are parts of the way of a request. Nothing that is said here
 * decides anything; where nobody collects, the silent tracer takes it and costs nothing that could be measured.
 */
import type { TraceContext } from './trace-context.ts'

/** `server`: takes a request of another process; `client`: makes one; `consumer`: follows what another one wrote. */
export type SpanKind = 'internal' | 'server' | 'client' | 'consumer'

/** Facts about a span. Never the content of a memory. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

export interface SpanStart {
  /** `internal` when absent. */
  readonly kind?: SpanKind
  readonly attributes?: SpanAttributes
  /** Other spans that it has to do with, of this trace or another one. */
  readonly links?: readonly TraceContext[]
}

export interface Span {
  /** What others that go on with the work belong to; `undefined` where nobody traces it. */
  readonly context: TraceContext | undefined
  /** Whether anybody keeps what is said of it: what costs something to say need not be said otherwise. */
  readonly isRecording: boolean
  /** A part of it. */
  child(name: string, start?: SpanStart): Span
  set(attributes: SpanAttributes): void
  /** Something that happened meanwhile. */
  event(name: string, attributes?: SpanAttributes): void
  /** It ends with an error. @param code of a fault */
  fail(code: string): void
  /** Nothing is said of it afterwards. */
  end(): void
}

export interface Tracer {
  /** @param parent of another process, or of another span; absent: a trace begins */
  start(name: string, parent: TraceContext | undefined, start?: SpanStart): Span
}

/** A span of which nothing is kept. What goes on belongs to what it came from. */
const unheard = (context: TraceContext | undefined): Span => ({
  context,
  isRecording: false,
  child: () => (context === undefined ? silentSpan : unheard(context)),
  set: () => undefined,
  event: () => undefined,
  fail: () => undefined,
  end: () => undefined,
})

export const silentSpan: Span = unheard(undefined)

/** The default of a library: it makes no span and passes on what it is given. */
export const silentTracer: Tracer = {
  start: (_name, parent) => (parent === undefined ? silentSpan : unheard(parent)),
}
