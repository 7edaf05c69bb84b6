/** Structured facts beside a log message. Never the content of a memory. */
export type LogFields = Readonly<Record<string, unknown>>

/** Where a library says what an operator should know. */
export interface Logger {
  /** Whether anybody reads what `debug` says; absent: somebody may. */
  readonly writesDebug?: boolean
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** A logger that says nothing: the default of a library. */
export const silentLogger: Logger = {
  writesDebug: false,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}
