/**
 * The life of a service's process, from its configuration to its exit code.
 *
 * H1  SIGTERM and SIGINT drain: what is under way is ended, then the process leaves with 0. The same when the standard
 *     input ends, where `exitWithStdin` says that this means the parent's death.
 * H2  A drain is bounded; past its time the process leaves with 1. A second signal leaves at once.
 * H3  A configuration that cannot be used leaves with 2, before anything is touched. What is only asked for, such as
 *     `--print-config`, is answered and leaves with 0.
 * H4  A service that fails to start, ends on its own, or leaves an error uncaught, leaves with 1 and says why.
 * H5  The process leaves once, by its first reason.
 * H6  Its probes and metrics are served before it touches anything else, and until it leaves (`observation.ts`).
 */
import {
  isFault,
  type Clock,
  type Fault,
  type IdSource,
  type Logger,
  type Metrics,
  type Random,
  type Timers,
  type Tracer,
} from '@waggle/kernel'
import type { CommonOptions } from './config/common-options.ts'
import { configurationText, usageText } from './config/configuration-text.ts'
import { readConfiguration } from './config/configuration.ts'
import type { ValuesOf } from './config/option-table.ts'
import type { ReadinessCheck } from './http/health.ts'
import { jsonLogger, type LogLevel } from './logging.ts'
import { Observation, telemetrySettings, type TelemetrySettings } from './observation.ts'
import type { ProcessHost, StopSignal } from './process-host.ts'
import { openTraces, type OpenTraces } from './telemetry/open-traces.ts'
import { traceSettings } from './telemetry/trace-settings.ts'

export interface ServiceDefinition<Options extends CommonOptions> {
  /** Such as `waggle-router`: stands in every line of the log. */
  readonly name: string
  readonly version: string
  /** Those that every service has, and its own. */
  readonly options: Options
  readonly start: (config: ValuesOf<Options>, parts: ServiceParts) => Promise<RunningService>
}

export interface ServiceParts {
  readonly logger: Logger
  readonly metrics: Metrics
  /** The silent one where no variable of OpenTelemetry asks for traces. */
  readonly tracer: Tracer
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly ids: IdSource
  readonly pid: number
  /** Aborted when the process is to leave: what still starts need not go on. */
  readonly stopping: AbortSignal
}

export interface RunningService {
  /** Ends what is under way and lets go of everything; called at most once. */
  drain(): Promise<void>
  /** What it needs to be ready, as it is now; of the process itself, not of others. */
  checks(): readonly ReadinessCheck[]
  /** Settles when the service cannot go on: with the reason, or rejected with it. Also after `drain`. */
  readonly ended: Promise<unknown>
}

/** Also what was asked for is answered. */
const DRAINED = 0
const FAILED = 1
const MISCONFIGURED = 2
/** What a shell reports of a process that died by the signal. */
const INSISTED: Record<StopSignal, number> = { SIGINT: 130, SIGTERM: 143 }

/** Runs it to its end; the promise resolves with the exit code, just before the process leaves. */
export const runService = <Options extends CommonOptions>(
  definition: ServiceDefinition<Options>,
  host: ProcessHost,
): Promise<number> =>
  new Promise((resolve) => {
    new ServiceProcess(definition, host, resolve).run()
  })

class ServiceProcess<Options extends CommonOptions> {
  readonly #definition: ServiceDefinition<Options>
  readonly #host: ProcessHost
  readonly #left: (code: number) => void
  readonly #stopping = new AbortController()
  #logger: Logger
  #drainMsMax = 0
  #isLeft = false

  constructor(definition: ServiceDefinition<Options>, host: ProcessHost, left: (code: number) => void) {
    this.#definition = definition
    this.#host = host
    this.#left = left
    this.#logger = this.#makeLogger('info')
  }

  run(): void {
    const { name, version, options } = this.#definition
    const { flags, refusals: refusedOptions, configuration } = readConfiguration(options, this.#host)
    const { telemetry, refusals: refusedTelemetry } = this.#telemetry(configuration?.values)
    const refusals = [...refusedOptions, ...onceEach([...refusedTelemetry, ...refusedTraces(this.#host)])]
    // H3.
    if (flags.has('help')) this.#answer(usageText(name, options))
    else if (flags.has('version')) this.#answer(`${name} ${version}\n`)
    else if (configuration === undefined || telemetry === undefined || refusals.length > 0) this.#refuse(refusals)
    else if (flags.has('print-config')) this.#answer(configurationText(configuration.settings))
    else this.#begin(configuration.values, telemetry)
  }

  #answer(text: string): void {
    this.#host.writeAnswer(text)
    this.#leave(DRAINED)
  }

  #refuse(refusals: readonly Fault[]): void {
    for (const { code, message, details } of refusals)
      this.#logger.error('configuration refused', { code, reason: message, ...details })
    this.#leave(MISCONFIGURED)
  }

  #begin(config: ValuesOf<Options>, telemetry: TelemetrySettings): void {
    const host = this.#host
    const { log, drain, exitWithStdin } = commonOf(config)
    this.#logger = this.#makeLogger(log.level)
    this.#drainMsMax = drain.timeoutMs
    if (exitWithStdin) host.onInputEnd(() => this.#stop('standard input ended'))
    host.onSignal((signal) => this.#signalled(signal))
    host.onUncaught((error) => this.#fail('error that nobody caught', error))
    void this.#serve(config, telemetry)
  }

  #makeLogger(level: LogLevel): Logger {
    const { clock, pid } = this.#host
    const { name: service, version } = this.#definition
    return jsonLogger({ level, clock, fields: { service, version, pid }, write: (line) => this.#host.writeLog(line) })
  }

  async #serve(config: ValuesOf<Options>, telemetry: TelemetrySettings): Promise<void> {
    const { clock, timers, random, ids, pid } = this.#host
    const parts = { logger: this.#logger, clock, timers, random, ids, pid, stopping: this.#stopping.signal }
    try {
      const observation = await this.#observed(config, telemetry)
      const traces = await this.#traces(config)
      const { metrics } = observation
      const running = await this.#definition.start(config, { ...parts, metrics, tracer: traces.tracer })
      observation.started(() => running.checks())
      const reason = await Promise.race([running.ended, this.#stopped()])
      // H4: after the wish to stop, whatever ends it is the end that was wished for.
      if (!this.#stopping.signal.aborted) {
        this.#fail('the service ended', reason)
        return
      }
      await running.drain()
      await traces.close()
      this.#logger.info('drained')
      await observation.close()
      this.#leave(DRAINED)
    } catch (error) {
      this.#fail(this.#stopping.signal.aborted ? 'drain failed' : 'the service failed', error)
    }
  }

  #traces(config: ValuesOf<Options>): Promise<OpenTraces> {
    const { clock, timers, variables, pid } = this.#host
    const { name: service, version } = this.#definition
    const { node: instance } = commonOf(config)
    return openTraces({
      ...{ clock, timers, variables, logger: this.#logger },
      source: { service, version, instance, pid },
    })
  }

  /** H6. */
  #observed(config: ValuesOf<Options>, telemetry: TelemetrySettings): Promise<Observation> {
    const { name: service, version } = this.#definition
    const { clock, timers } = this.#host
    return Observation.open({
      ...{ host: this.#host, clock, timers, logger: this.#logger, service, version, telemetry },
      address: commonOf(config).http,
      stopping: this.#stopping.signal,
    })
  }

  /** What cannot be read of the variables of OpenTelemetry is refused with the options. */
  #telemetry(config: ValuesOf<Options> | undefined): {
    readonly telemetry?: TelemetrySettings
    readonly refusals: readonly Fault[]
  } {
    const { name: service, version } = this.#definition
    const { variables, pid } = this.#host
    const instance = config === undefined ? undefined : commonOf(config).node
    try {
      return { telemetry: telemetrySettings(variables, { service, version, instance, pid }), refusals: [] }
    } catch (error) {
      if (!isFault(error)) throw error
      return { refusals: [error] }
    }
  }

  #stopped(): Promise<void> {
    const { signal } = this.#stopping
    return new Promise((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve())
    })
  }

  #signalled(signal: StopSignal): void {
    if (this.#stopping.signal.aborted) {
      // H2.
      this.#logger.warn('second signal: leaving at once', { signal })
      this.#leave(INSISTED[signal])
    } else this.#stop(signal)
  }

  /** H1. */
  #stop(reason: string): void {
    if (this.#stopping.signal.aborted) return
    this.#logger.info('draining', { reason })
    this.#stopping.abort()
    const drainMsMax = this.#drainMsMax
    this.#host.timers.after(drainMsMax, () => this.#fail('the drain took too long', `more than ${drainMsMax} ms`))
  }

  #fail(message: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    if (!this.#isLeft) this.#logger.error(message, { reason, ...(error instanceof Error ? { error } : {}) })
    this.#leave(FAILED)
  }

  /** H5. */
  #leave(code: number): void {
    if (this.#isLeft) return
    this.#isLeft = true
    this.#left(code)
    this.#host.exit(code)
  }
}

/** What the variables of OpenTelemetry may not be is refused with the options. */
const refusedTraces = ({ variables }: Pick<ProcessHost, 'variables'>): readonly Fault[] => {
  try {
    traceSettings(variables)
    return []
  } catch (error) {
    if (!isFault(error)) throw error
    return [error]
  }
}

/** Several signals may share a variable. */
const onceEach = (refusals: readonly Fault[]): readonly Fault[] => [
  ...new Map(refusals.map((refusal) => [refusal.message, refusal])).values(),
]

/** TypeScript does not see that a table with more options has values with more members. */
const commonOf = <Options extends CommonOptions>(config: ValuesOf<Options>): ValuesOf<CommonOptions> =>
  config as unknown as ValuesOf<CommonOptions>
