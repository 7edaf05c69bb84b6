/**
 * The traces of a service over OTLP, by OpenTelemetry's own library.
 *
 * Y1  This module, and the library with it, is loaded only where a variable asks for traces.
 * Y2  Spans wait in a queue of bounded length; what does not fit is dropped. A collector that cannot be reached costs
 *     that, and a line of the log a minute.
 * Y3  What was not sent yet is sent when the process ends, within 2 s.
 */
import type {
  Clock,
  Logger,
  Span,
  SpanAttributes,
  SpanKind,
  SpanStart,
  Timers,
  TraceContext,
  Tracer,
} from '@waggle/kernel'
import {
  createTraceState,
  ROOT_CONTEXT,
  SpanKind as ApiKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span as ApiSpan,
  type SpanContext,
  type Tracer as ApiTracer,
} from '@opentelemetry/api'
import { ExportResultCode } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
  type SpanExporter,
} from '@opentelemetry/sdk-trace'
import type { SamplerName, TraceSettings } from './trace-settings.ts'

export interface TracesParts {
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly resource: Resource
  readonly settings: TraceSettings
}

/** Y3. */
const LAST_SENDING_MS_MAX = 2_000
/** Y2. */
const WARNING_PERIOD_MS = 60_000
const LIBRARY = 'waggle'

export class Traces implements Tracer {
  readonly #parts: TracesParts
  readonly #provider: TracerProvider
  readonly #tracer: ApiTracer
  readonly #time: SpanTime
  #warnedAtMs = -Infinity

  private constructor(parts: TracesParts, exporter: SpanExporter) {
    const { settings, resource, clock } = parts
    this.#parts = parts
    this.#time = new SpanTime(clock)
    const processor = new BatchSpanProcessor({
      exporter: this.#watched(exporter),
      maxQueueSize: settings.queueMax,
      maxExportBatchSize: Math.min(settings.batchMax, settings.queueMax),
      scheduledDelayMillis: settings.delayMs,
      exportTimeoutMillis: settings.timeoutMs,
    })
    this.#provider = new TracerProvider({ resource, sampler: samplerOf(settings), spanProcessors: [processor] })
    this.#tracer = this.#provider.getTracer(LIBRARY)
  }

  static async open(parts: TracesParts): Promise<Traces> {
    const { url, headers, protocol, timeoutMs: timeoutMillis } = parts.settings
    const { OTLPTraceExporter } = await (protocol === 'http/json'
      ? import('@opentelemetry/exporter-trace-otlp-http')
      : import('@opentelemetry/exporter-trace-otlp-proto'))
    return new Traces(parts, new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis }))
  }

  start(name: string, parent: TraceContext | undefined, start: SpanStart = {}): Span {
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, apiContext(parent))
    return this.#begin(name, context, start)
  }

  /** Y3. Nothing is sent any more. */
  async close(): Promise<void> {
    const { timers } = this.#parts
    let cancel = (): void => undefined
    const late = new Promise<void>((resolve) => {
      cancel = timers.after(LAST_SENDING_MS_MAX, resolve)
    })
    await Promise.race([this.#provider.shutdown().catch((error: unknown) => this.#warn(error)), late])
    cancel()
  }

  #begin(name: string, context: Context, { kind = 'internal', attributes, links = [] }: SpanStart): Span {
    const span = this.#tracer.startSpan(
      name,
      {
        kind: kinds[kind],
        links: links.map((link) => ({ context: apiContext(link) })),
        startTime: this.#time.now(),
        ...(attributes === undefined ? {} : { attributes }),
      },
      context,
    )
    return new TracedSpan(span, this.#time, (part, start = {}) =>
      this.#begin(part, trace.setSpan(context, span), start),
    )
  }

  /** Y2: what failed is dropped, whatever the library would do with it. */
  #watched(exporter: SpanExporter): SpanExporter {
    return {
      export: (spans, done) => {
        exporter.export(spans, ({ code, error }) => {
          if (code !== ExportResultCode.SUCCESS) this.#warn(error)
          done({ code: ExportResultCode.SUCCESS })
        })
      },
      shutdown: () => exporter.shutdown(),
    }
  }

  #warn(error: unknown): void {
    const { clock, logger } = this.#parts
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#warnedAtMs < WARNING_PERIOD_MS) return
    this.#warnedAtMs = nowMs
    logger.warn('traces cannot be sent', { reason: String(error) })
  }
}

class TracedSpan implements Span {
  readonly context: TraceContext
  readonly isRecording: boolean
  readonly child: (name: string, start?: SpanStart) => Span
  readonly #span: ApiSpan
  readonly #time: SpanTime
  #isOver = false

  constructor(span: ApiSpan, time: SpanTime, child: TracedSpan['child']) {
    this.#span = span
    this.#time = time
    this.child = child
    this.isRecording = span.isRecording()
    const { traceId, spanId, traceFlags, traceState } = span.spanContext()
    const state = traceState?.serialize() ?? ''
    const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0
    this.context = { traceId, spanId, isSampled, ...(state === '' ? {} : { state }) }
  }

  set(attributes: SpanAttributes): void {
    if (!this.#isOver) this.#span.setAttributes(attributes)
  }

  event(name: string, attributes: SpanAttributes = {}): void {
    if (!this.#isOver) this.#span.addEvent(name, attributes, this.#time.now())
  }

  fail(code: string): void {
    if (!this.#isOver) this.#span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR })
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#span.end(this.#time.now())
  }
}

/** The monotonic clock as time of day, so that no part seems to begin before what it is a part of. */
class SpanTime {
  readonly #clock: Clock
  #offsetMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#offsetMs = clock.nowMs() - clock.monotonicMs()
  }

  /** Milliseconds since the epoch, with a fraction. */
  now(): number {
    const monotonicMs = this.#clock.monotonicMs()
    const offsetMs = this.#clock.nowMs() - monotonicMs
    if (Math.abs(offsetMs - this.#offsetMs) > CLOCK_STEP_MS) this.#offsetMs = offsetMs
    return this.#offsetMs + monotonicMs
  }
}

/** The wall clock was set, or has drifted as far. */
const CLOCK_STEP_MS = 50

const kinds: Readonly<Record<SpanKind, ApiKind>> = {
  internal: ApiKind.INTERNAL,
  server: ApiKind.SERVER,
  client: ApiKind.CLIENT,
  consumer: ApiKind.CONSUMER,
}

const apiContext = ({ traceId, spanId, isSampled, state }: TraceContext): SpanContext => ({
  ...{ traceId, spanId, isRemote: true },
  traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
  ...(state === undefined ? {} : { traceState: createTraceState(state) }),
})

const samplerOf = ({ sampler, ratio }: TraceSettings): Sampler => {
  const roots: Readonly<Record<SamplerName, () => Sampler>> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
    parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    parentbased_traceidratio: () => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
  }
  return roots[sampler]()
}
