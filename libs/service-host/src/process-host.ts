/** What a process is to the code inside it: main.ts hands it in, so that nothing else reaches for the globals. */
import { systemClock, systemIds, systemRandom, systemTimers } from '@waggle/kernel'
import type { Clock, IdSource, Random, Timers } from '@waggle/kernel'
import { readFileSync } from 'node:fs'
import type { Start } from './config/given-options.ts'
import { serveHttp, type HttpServer, type HttpServerParts } from './http/http-server.ts'

export type StopSignal = 'SIGINT' | 'SIGTERM'

/** What the process has used, and takes. */
export interface ProcessUsage {
  /** User and system. */
  readonly cpuSeconds: number
  readonly residentBytes: number
  /** Of JavaScript. */
  readonly heapBytes: number
}

export interface ProcessHost extends Start {
  readonly pid: number
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly ids: IdSource
  usage(): ProcessUsage
  serveHttp(parts: HttpServerParts): Promise<HttpServer>
  /** Writes what the caller of the process asked for. */
  writeAnswer(text: string): void
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
    arguments: running.argv.slice(2),
    variables: running.env,
    readText: (path) => readFileSync(path, 'utf8'),
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    ids: systemIds,
    usage() {
      const { user, system } = running.cpuUsage()
      const { rss: residentBytes, heapUsed: heapBytes } = running.memoryUsage()
      return { cpuSeconds: (user + system) / 1e6, residentBytes, heapBytes }
    },
    serveHttp,
    writeAnswer: (text) => void running.stdout.write(text),
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
