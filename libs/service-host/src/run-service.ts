/**
 * The life of a service's process, from its environment to its exit code.
 *
 * H1  SIGTERM and SIGINT drain: what is under way is ended, then the process leaves with 0. The same when the standard
 *     input ends, where `WAGGLE_EXIT_WITH_STDIN=1` says that this means the parent's death.
 * H2  A drain is bounded; past its time the process leaves with 1. A second signal leaves at once.
 * H3  What cannot be read from the environment leaves with 2, before anything is touched.
 * H4  A service that fails to start, ends on its own, or leaves an error uncaught, leaves with 1 and says why.
 * H5  The process leaves once, by its first reason.
 */
import { isFault } from '@waggle/kernel'
import type { Clock, IdSource, Logger, Random, Timers } from '@waggle/kernel'
import { Environment } from './environment.ts'
import { jsonLogger, logLevels, type LogLevel } from './logging.ts'
import type { ProcessHost, StopSignal } from './process-host.ts'

export interface ServiceDefinition<Config> {
  /** Such as `waggle-router`: stands in every line of the log. */
  readonly name: string
  readonly version: string
  /** @throws Fault that names the variable */
  readonly config: (environment: Environment) => Config
  readonly start: (config: Config, parts: ServiceParts) => Promise<RunningService>
  /** Milliseconds that a drain may take; default 10,000. */
  readonly drainMsMax?: number
}

export interface ServiceParts {
  readonly logger: Logger
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
  /** Settles when the service cannot go on: with the reason, or rejected with it. Also after `drain`. */
  readonly ended: Promise<unknown>
}

const DRAIN_MS_MAX = 10_000

const DRAINED = 0
const FAILED = 1
const MISCONFIGURED = 2
/** What a shell reports of a process that died by the signal. */
const INSISTED: Record<StopSignal, number> = { SIGINT: 130, SIGTERM: 143 }

/** Runs it to its end; the promise resolves with the exit code, just before the process leaves. */
export const runService = <Config>(definition: ServiceDefinition<Config>, host: ProcessHost): Promise<number> =>
  new Promise((resolve) => {
    new ServiceProcess(definition, host, resolve).run()
  })

class ServiceProcess<Config> {
  readonly #definition: ServiceDefinition<Config>
  readonly #host: ProcessHost
  readonly #left: (code: number) => void
  readonly #stopping = new AbortController()
  #logger: Logger
  #isLeft = false

  constructor(definition: ServiceDefinition<Config>, host: ProcessHost, left: (code: number) => void) {
    this.#definition = definition
    this.#host = host
    this.#left = left
    this.#logger = this.#makeLogger('info')
  }

  run(): void {
    const host = this.#host
    const environment = new Environment(host.environment)
    try {
      this.#logger = this.#makeLogger(environment.oneOf('LOG_LEVEL', logLevels, 'info'))
      const config = this.#definition.config(environment)
      if (environment.flag('WAGGLE_EXIT_WITH_STDIN')) host.onInputEnd(() => this.#stop('standard input ended'))
      host.onSignal((signal) => this.#signalled(signal))
      host.onUncaught((error) => this.#fail('error that nobody caught', error))
      void this.#serve(config)
    } catch (error) {
      if (!isFault(error)) throw error
      // H3.
      this.#logger.error('configuration refused', { code: error.code, reason: error.message, ...error.details })
      this.#leave(MISCONFIGURED)
    }
  }

  #makeLogger(level: LogLevel): Logger {
    const { clock, pid } = this.#host
    const { name: service, version } = this.#definition
    return jsonLogger({ level, clock, fields: { service, version, pid }, write: (line) => this.#host.writeLog(line) })
  }

  async #serve(config: Config): Promise<void> {
    const { clock, timers, random, ids, pid } = this.#host
    const parts = { logger: this.#logger, clock, timers, random, ids, pid, stopping: this.#stopping.signal }
    try {
      const running = await this.#definition.start(config, parts)
      const reason = await Promise.race([running.ended, this.#stopped()])
      // H4: after the wish to stop, whatever ends it is the end that was wished for.
      if (!this.#stopping.signal.aborted) {
        this.#fail('the service ended', reason)
        return
      }
      await running.drain()
      this.#logger.info('drained')
      this.#leave(DRAINED)
    } catch (error) {
      this.#fail(this.#stopping.signal.aborted ? 'drain failed' : 'the service failed', error)
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
    const { drainMsMax = DRAIN_MS_MAX } = this.#definition
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
