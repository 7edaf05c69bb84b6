import { silentTracer, type Clock, type Logger, type Timers, type Tracer } from '@waggle/kernel'
import { telemetryResource, type TelemetrySource } from './resource.ts'
import { traceSettings } from './trace-settings.ts'

export interface OpenTracesParts {
  /** As `traceSettings` takes them. */
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly source: TelemetrySource
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
}

export interface OpenTraces {
  readonly tracer: Tracer
  /** Sends what was not sent yet, within 2 s. */
  readonly close: () => Promise<void>
}

/**
 * The traces of a service; where no variable asks for any, nothing is loaded for them.
 * @throws Fault `INVALID_FIELD`
 */
export const openTraces = async ({ variables, source, ...parts }: OpenTracesParts): Promise<OpenTraces> => {
  const settings = traceSettings(variables)
  if (settings === undefined) return { tracer: silentTracer, close: () => Promise.resolve() }
  const { Traces } = await import('./traces.ts')
  const traces = await Traces.open({ ...parts, settings, resource: telemetryResource(variables, source) })
  return { tracer: traces, close: () => traces.close() }
}
