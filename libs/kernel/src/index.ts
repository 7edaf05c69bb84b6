export { assert, AssertionError, present, unreachable } from './assert.ts'
export type { Brand } from './brand.ts'
export { compareBytes, concatBytes, equalBytes, hexOf, latin1Of, prefixEnd, utf8, utf8Size } from './bytes.ts'
export type { Clock } from './clock.ts'
export {
  Fault,
  faultMaker,
  isFault,
  type FaultBody,
  type FaultCatalogue,
  type FaultDetails,
  type FaultEntry,
  type FaultKind,
  type FaultOptions,
} from './fault.ts'
export { uuidV7Source, type IdSource } from './ids.ts'
export { silentLogger, type LogFields, type Logger } from './logger.ts'
export {
  silentMetrics,
  type AnyMetricDeclaration,
  type Counter,
  type CounterDeclaration,
  type GaugeDeclaration,
  type Histogram,
  type HistogramDeclaration,
  type MetricLabels,
  type MetricReading,
  type Metrics,
  type MetricUnit,
} from './metrics.ts'
export { fraction, type Random } from './random.ts'
export { seededRandom } from './seeded-random.ts'
export { sha256, sha256Stream } from './sha256.ts'
export { Silence } from './silence.ts'
export { onProcessExit, systemClock, systemIds, systemRandom, systemTimers } from './system/system.ts'
export { DELAY_MS_MAX, type CancelTimer, type Timers } from './timers.ts'
export {
  formatTraceparent,
  parseTraceContext,
  traceFacts,
  traceHeaders,
  TRACEPARENT_HEADER,
  TRACESTATE_HEADER,
  type TraceContext,
} from './trace-context.ts'
export {
  silentSpan,
  silentTracer,
  type Span,
  type SpanAttributes,
  type SpanKind,
  type SpanStart,
  type Tracer,
} from './tracing.ts'
export { deriveUuid, formatUuid, isUuid, uuidBytes, uuidInto, type Uuid } from './uuid.ts'
export { pause, poll, until, type Patience, type Waiting } from './waiting.ts'
export type { Writable } from './writable.ts'
