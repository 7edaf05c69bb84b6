/** What a process is to the code inside it: main.ts hands it in, so that nothing else reaches for the globals. */
import { systemClock, systemIds, systemRandom, systemTimers } from '@waggle/kernel'
import type { Clock, IdSource, Random, Timers } from '@waggle/kernel'
import type { EnvironmentVariables } from './environment.ts'

export type StopSignal = 'SIGINT' | 'SIGTERM'

export interface ProcessHost {
  readonly pid: number
  readonly environment: EnvironmentVariables
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly ids: IdSource
  /** Writes one line to where logs go; what cannot be written is lost. */
  writeLog(line: string): void
  onSignal(listener: (signal: StopSignal) => void): void
  /** Errors that nobody caught. */
  onUncaught(listener: (error: unknown) => void): void
  /** Calls when the standard input ends, which it does when the process that holds its other end dies. */
  onInputEnd(listener: () => void): void
  exit(code: number): void
}

/** The process that runs, from `process` itself. */
export const processHost = (running: NodeJS.Process): ProcessHost => {
  // Nobody reads the log any more when the parent died; that is no reason to stop in the middle.
  running.stderr.on('error', () => undefined)
  return {
    pid: running.pid,
    environment: running.env,
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    ids: systemIds,
    writeLog: (line) => void running.stderr.write(line),
    onSignal(listener) {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) running.on(signal, listener)
    },
    onUncaught(listener) {
      running.on('uncaughtException', listener)
      running.on('unhandledRejection', listener)
    },
    onInputEnd(listener) {
      for (const event of ['end', 'close', 'error']) running.stdin.on(event, listener)
      running.stdin.resume()
    },
    exit: (code) => running.exit(code),
  }
}
