/**
 * What the standard variables of OpenTelemetry ask of a service: whether a signal is sent anywhere, to whom and how,
 * and who is said to send it.
 *
 * T1  Nothing is sent unless a variable asks for it: an endpoint, or `otlp` as the signal's exporter.
 * T2  `OTEL_SDK_DISABLED=true` and the exporter `none` send nothing, whatever else is set.
 * T3  What a variable may not be is refused by its name. `grpc` is among that: it would cost a library of its own.
 *
 * What is not read here, such as `OTEL_EXPORTER_OTLP_TIMEOUT`, `_COMPRESSION` and `_CERTIFICATE`, the exporters of
 * OpenTelemetry read by themselves.
 */
import { invalidField } from '@waggle/protocol'
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources'
import type { Variables } from '../config/given-options.ts'

export type TelemetrySignal = 'traces' | 'metrics'

export const otlpProtocols = ['http/protobuf', 'http/json'] as const
export type OtlpProtocol = (typeof otlpProtocols)[number]

/** Where a signal goes, over OTLP. */
export interface SignalExport {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly protocol: OtlpProtocol
}

/** Who sends. */
export interface TelemetrySource {
  /** Such as `waggle-router`. */
  readonly service: string
  readonly version: string
  /** Name of the process among those of its service. */
  readonly instance?: string | undefined
  readonly pid: number
}

const ENDPOINT_DEFAULT = 'http://localhost:4318'

/** `undefined`: nowhere (T1, T2). @throws Fault `INVALID_FIELD` (T3) */
export const signalExport = (variables: Variables, signal: TelemetrySignal): SignalExport | undefined => {
  const name = signal.toUpperCase()
  const endpoint = endpointOf(variables, signal)
  const protocol = protocolOf(variables, name)
  const headers = {
    ...pairsOf(variables, 'OTEL_EXPORTER_OTLP_HEADERS'),
    ...pairsOf(variables, `OTEL_EXPORTER_OTLP_${name}_HEADERS`),
  }
  const exporter = exporterOf(variables, signal, endpoint === undefined ? 'none' : 'otlp')
  if (isDisabled(variables) || exporter === 'none') return undefined
  return { url: endpoint ?? `${ENDPOINT_DEFAULT}/v1/${signal}`, protocol, headers }
}

/** Who sends, for every signal; what the variables say comes first. @throws Fault `INVALID_FIELD` */
export const telemetryResource = (
  variables: Variables,
  { service, version, instance, pid }: TelemetrySource,
): Resource => {
  const name = textOf(variables, 'OTEL_SERVICE_NAME')
  return resourceFromAttributes({
    'service.namespace': 'waggle',
    'service.name': service,
    'service.version': version,
    ...(instance === undefined ? {} : { 'service.instance.id': instance }),
    'process.pid': pid,
    ...pairsOf(variables, 'OTEL_RESOURCE_ATTRIBUTES'),
    ...(name === undefined ? {} : { 'service.name': name }),
  })
}

const isDisabled = (variables: Variables): boolean => {
  const value = textOf(variables, 'OTEL_SDK_DISABLED')?.toLowerCase() ?? 'false'
  if (value !== 'true' && value !== 'false') throw invalidField('OTEL_SDK_DISABLED', 'true|false')
  return value === 'true'
}

/** Metrics are served to Prometheus in any case, so its name asks for nothing. */
const exporterOf = (variables: Variables, signal: TelemetrySignal, otherwise: 'otlp' | 'none'): 'otlp' | 'none' => {
  const name = `OTEL_${signal.toUpperCase()}_EXPORTER`
  const known = signal === 'metrics' ? ['otlp', 'none', 'prometheus'] : ['otlp', 'none']
  const asked = (textOf(variables, name) ?? otherwise).split(',').map((value) => value.trim())
  if (asked.some((value) => !known.includes(value))) throw invalidField(name, known.join('|'))
  return asked.includes('otlp') ? 'otlp' : 'none'
}

const endpointOf = (variables: Variables, signal: TelemetrySignal): string | undefined => {
  const own = urlOf(variables, `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`)
  const shared = urlOf(variables, 'OTEL_EXPORTER_OTLP_ENDPOINT')
  return own ?? (shared === undefined ? undefined : `${shared.replace(/\/+$/, '')}/v1/${signal}`)
}

const urlOf = (variables: Variables, name: string): string | undefined => {
  const text = textOf(variables, name)
  if (text !== undefined && !(URL.canParse(text) && /^https?:\/\//i.test(text)))
    throw invalidField(name, 'http:// or https:// and what follows')
  return text
}

/** T3. */
const protocolOf = (variables: Variables, signalName: string): OtlpProtocol => {
  const names = [`OTEL_EXPORTER_OTLP_${signalName}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL']
  const name = names.find((candidate) => textOf(variables, candidate) !== undefined)
  if (name === undefined) return 'http/protobuf'
  const protocol = otlpProtocols.find((known) => known === textOf(variables, name))
  if (protocol === undefined) throw invalidField(name, otlpProtocols.join('|'))
  return protocol
}

/** `key=value,key=value`, values percent-encoded. */
const pairsOf = (variables: Variables, name: string): Readonly<Record<string, string>> => {
  const pairs = (textOf(variables, name) ?? '').split(',').filter((pair) => pair.trim() !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, key = '', value = ''] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
      if (key === '') throw invalidField(name, 'key=value,key=value')
      try {
        return [key, decodeURIComponent(value)]
      } catch {
        throw invalidField(name, 'values in percent-encoding')
      }
    }),
  )
}

/** An empty variable counts as absent. */
export const textOf = (variables: Variables, name: string): string | undefined => {
  const value = variables[name]?.trim()
  return value === '' ? undefined : value
}
