import type { TraceContext } from '../trace-context.ts'
import type { Span, SpanAttributes, SpanKind, SpanStart, Tracer } from '../tracing.ts'

export interface RecordedSpan {
  readonly name: string
  readonly kind: SpanKind
  readonly context: TraceContext
  readonly parent: TraceContext | undefined
  readonly links: readonly TraceContext[]
  readonly attributes: SpanAttributes
  readonly events: readonly string[]
  readonly code?: string
}

/** A tracer that keeps every span that has ended, in that order. */
export const recordingTracer = (): { readonly tracer: Tracer; readonly spans: RecordedSpan[] } => {
  const spans: RecordedSpan[] = []
  let count = 0
  const start = (name: string, parent: TraceContext | undefined, { kind, attributes, links = [] }: SpanStart = {}) => {
    count += 1
    const id = count.toString(16)
    const traceId = parent?.traceId ?? id.padStart(32, 'a')
    const context = { ...parent, traceId, spanId: id.padStart(16, 'b'), isSampled: true }
    const said = { attributes: { ...attributes }, events: [] as string[], code: undefined as string | undefined }
    const span: Span = {
      context,
      isRecording: true,
      child: (part, more) => start(part, context, more),
      set: (more) => void Object.assign(said.attributes, more),
      event: (event) => void said.events.push(event),
      fail: (code) => void (said.code = code),
      end: () => {
        const { code, ...rest } = said
        spans.push({ name, kind: kind ?? 'internal', context, parent, links, ...rest, ...(code && { code }) })
      },
    }
    return span
  }
  return { tracer: { start }, spans }
}
