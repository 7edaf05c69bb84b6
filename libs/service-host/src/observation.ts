/**
 * What others see of a service while it runs: whether it is live and ready, and its metrics, over HTTP.
 *
 * O1  It is there before the service connects anywhere, so that one that starts is live and not ready.
 * O2  From the first moment of a drain on the service is not ready; the server goes last.
 */
import { assert, type Clock, type Logger, type Metrics, type Timers } from '@waggle/kernel'
import { metricTable } from '@waggle/protocol'
import { Health, type ReadinessCheck } from './http/health.ts'
import type { HttpServer, Page, Pages } from './http/http-server.ts'
import { LoopWatch } from './http/loop-watch.ts'
import type { ProcessHost } from './process-host.ts'
import { ServiceMetrics, metricsSending, type MetricsSending } from './telemetry/metrics.ts'
import { telemetryResource, type TelemetrySource } from './telemetry/resource.ts'
import type { Resource } from '@opentelemetry/resources'

/** What the variables of OpenTelemetry say. */
export interface TelemetrySettings {
  readonly resource: Resource
  readonly sending: MetricsSending | undefined
}

/** @throws Fault `INVALID_FIELD` */
export const telemetrySettings = (
  variables: Readonly<Record<string, string | undefined>>,
  source: TelemetrySource,
): TelemetrySettings => ({ resource: telemetryResource(variables, source), sending: metricsSending(variables) })

export interface ObservationParts {
  readonly host: Pick<ProcessHost, 'serveHttp' | 'usage'>
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly service: string
  readonly version: string
  /** Where its pages are. */
  readonly address: { readonly host: string; readonly port: number }
  readonly telemetry: TelemetrySettings
  /** Aborted at the first moment of a drain. */
  readonly stopping: AbortSignal
}

export class Observation {
  readonly #metrics: ServiceMetrics
  readonly #health: Health
  readonly #watch: LoopWatch
  #server: HttpServer | undefined

  private constructor({ clock, timers, stopping }: ObservationParts, metrics: ServiceMetrics) {
    this.#metrics = metrics
    const delays = metrics.metrics.histogram(metricTable.eventLoopDelay, {})
    this.#watch = new LoopWatch({ clock, timers, delays })
    this.#health = new Health(() => this.#watch.longestMs)
    // O2.
    if (stopping.aborted) this.#health.draining()
    else stopping.addEventListener('abort', () => this.#health.draining())
  }

  /** O1. @throws Error naming the address when it cannot be listened at */
  static async open(parts: ObservationParts): Promise<Observation> {
    const { host, timers, logger, address, telemetry } = parts
    const metrics = await ServiceMetrics.open({ ...parts, ...telemetry })
    const observation = new Observation(parts, metrics)
    tellOfProcess(metrics.metrics, parts)
    const server = await host.serveHttp({ ...address, pages: observation.#pages, timers, logger })
    logger.info('http server listens', { host: address.host, port: server.port })
    observation.#server = server
    return observation
  }

  /** What the service's libraries tell their numbers. */
  get metrics(): Metrics {
    return this.#metrics.metrics
  }

  /** The service runs from now on, and is ready when these say so. */
  started(checks: () => readonly ReadinessCheck[]): void {
    this.#health.started(checks)
  }

  /** O2. Sends what is left of the metrics. */
  async close(): Promise<void> {
    this.#watch.stop()
    await this.#metrics.close()
    assert(this.#server !== undefined, 'what is closed was open')
    await this.#server.close()
  }

  get #pages(): Pages {
    const ready = (): Page => this.#health.readyPage()
    return {
      '/livez': () => this.#health.livePage(),
      '/readyz': ready,
      '/healthz': ready,
      '/metrics': async () => ({ status: 200, contentType: PROMETHEUS_TEXT, body: await this.#metrics.text() }),
    }
  }
}

const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8'

const tellOfProcess = (metrics: Metrics, { host, clock, service, version }: ObservationParts): void => {
  const startSeconds = clock.nowMs() / 1_000
  const one = (value: number) => [{ labels: {}, value }]
  metrics.observe(metricTable.buildInfo, () => [{ labels: { service, version }, value: 1 }])
  metrics.observe(metricTable.processStart, () => one(startSeconds))
  metrics.observe(metricTable.processCpu, () => one(host.usage().cpuSeconds))
  metrics.observe(metricTable.processMemory, () => one(host.usage().residentBytes))
  metrics.observe(metricTable.processHeap, () => one(host.usage().heapBytes))
}
