/**
 * The metrics of a service as others see them: text for Prometheus whenever it asks, and over OTLP, from time to time,
 * where the standard variables of OpenTelemetry want it so.
 *
 * X1  What sends over OTLP is loaded only where something is to be sent.
 * X2  What was not sent yet is sent when the process ends, within 2 s.
 * X3  A collector that cannot be reached costs a line of the log, and nothing else.
 */
import { DELAY_MS_MAX, type Clock, type Logger, type Metrics } from '@waggle/kernel'
import { invalidField } from '@waggle/protocol'
import { diag, DiagLogLevel } from '@opentelemetry/api'
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import type { Resource } from '@opentelemetry/resources'
import { PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { MetricRegistry } from './metric-registry.ts'
import { signalExport, type SignalExport } from './resource.ts'

export interface MetricsSending extends SignalExport {
  /** Milliseconds between two sendings. */
  readonly intervalMs: number
}

export interface ServiceMetricsParts {
  readonly clock: Pick<Clock, 'nowMs'>
  readonly logger: Logger
  readonly resource: Resource
  /** Absent: nothing is sent. */
  readonly sending?: MetricsSending | undefined
}

const INTERVAL_MS = 60_000

/** Whether metrics are to be sent, and how. @throws Fault `INVALID_FIELD` that names the variable */
export const metricsSending = (variables: Readonly<Record<string, string | undefined>>): MetricsSending | undefined => {
  const name = 'OTEL_METRIC_EXPORT_INTERVAL'
  const text = variables[name]?.trim() ?? ''
  const intervalMs = text === '' ? INTERVAL_MS : Number(text)
  if (!Number.isInteger(intervalMs) || intervalMs < 1 || intervalMs > DELAY_MS_MAX)
    throw invalidField(name, `integer 1..${DELAY_MS_MAX} ms`)
  const sending = signalExport(variables, 'metrics')
  return sending && { ...sending, intervalMs }
}

/** X2. */
const LAST_SENDING_MS_MAX = 2_000
/** Of a collector; it must fit into the interval. */
const SENDING_MS_MAX = 10_000

export class ServiceMetrics {
  readonly #logger: Logger
  readonly #registry: MetricRegistry
  readonly #serializer = new PrometheusSerializer('', false, undefined, false, true)
  readonly #reader: PeriodicExportingMetricReader | undefined

  private constructor(logger: Logger, registry: MetricRegistry, reader: PeriodicExportingMetricReader | undefined) {
    this.#logger = logger
    this.#registry = registry
    this.#reader = reader
  }

  /** Sends from now on, where it is to. */
  static async open({ clock, logger, resource, sending }: ServiceMetricsParts): Promise<ServiceMetrics> {
    const registry = new MetricRegistry({ clock, resource })
    const reader = sending === undefined ? undefined : await readerOf(sending, logger)
    reader?.setMetricProducer(registry)
    return new ServiceMetrics(logger, registry, reader)
  }

  /** What libraries tell their numbers. */
  get metrics(): Metrics {
    return this.#registry
  }

  /** All of it, in Prometheus' text format 0.0.4. */
  async text(): Promise<string> {
    const { resourceMetrics, errors } = await this.#registry.collect()
    for (const error of errors) this.#logger.warn('a metric could not be read', { reason: String(error) })
    return this.#serializer.serialize(resourceMetrics)
  }

  /** X2. Nothing is sent any more. */
  async close(): Promise<void> {
    await this.#reader?.shutdown({ timeoutMillis: LAST_SENDING_MS_MAX }).catch((error: unknown) => {
      this.#logger.warn('the last metrics were not sent', { reason: String(error) })
    })
  }
}

const readerOf = async (sending: MetricsSending, logger: Logger): Promise<PeriodicExportingMetricReader> => {
  tellTroubles(logger)
  const { intervalMs } = sending
  return new PeriodicExportingMetricReader({
    exporter: await exporterOf(sending),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(intervalMs, SENDING_MS_MAX),
  })
}

/** X1. */
const exporterOf = async ({ url, headers, protocol }: SignalExport): Promise<PushMetricExporter> => {
  const { OTLPMetricExporter } = await (protocol === 'http/json'
    ? import('@opentelemetry/exporter-metrics-otlp-http')
    : import('@opentelemetry/exporter-metrics-otlp-proto'))
  return new OTLPMetricExporter({ url, headers: { ...headers } })
}

/** X3. */
const tellTroubles = (logger: Logger): void => {
  const warn = (message: string, ...more: readonly unknown[]): void => {
    logger.warn('OpenTelemetry has trouble', { reason: [message, ...more].map(String).join(' ') })
  }
  const nothing = (): void => undefined
  const said = { error: warn, warn, info: nothing, debug: nothing, verbose: nothing }
  diag.setLogger(said, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
}
