/** The log of a service: one line of JSON an event, with `ts`, `level`, `msg` and the facts beside it. */
import type { Clock, Logger } from '@waggle/kernel'
import { pino, stdSerializers } from 'pino'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export interface LoggingOptions {
  readonly level: LogLevel
  /** Stands in every line: which process speaks. */
  readonly fields: Readonly<Record<string, string | number>>
  readonly clock: Clock
  readonly write: (line: string) => void
}

export const jsonLogger = ({ level, fields, clock, write }: LoggingOptions): Logger => {
  const lines = pino(
    {
      level,
      base: fields,
      timestamp: () => `,"ts":"${new Date(clock.nowMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: (error: unknown) => (error instanceof Error ? stdSerializers.err(error) : error) },
    },
    { write },
  )
  return {
    writesDebug: lines.isLevelEnabled('debug'),
    debug: (message, facts) => lines.debug(facts ?? {}, message),
    info: (message, facts) => lines.info(facts ?? {}, message),
    warn: (message, facts) => lines.warn(facts ?? {}, message),
    error: (message, facts) => lines.error(facts ?? {}, message),
  }
}
