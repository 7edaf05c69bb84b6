/**
 * What the standard variables of OpenTelemetry ask of traces: where they go, which are kept, and how many may wait.
 * Wrong values are refused by the variable's name.
 */
import { DELAY_MS_MAX } from '@waggle/kernel'
import { invalidField } from '@waggle/protocol'
import type { Variables } from '../config/given-options.ts'
import { signalExport, textOf, type SignalExport } from './resource.ts'

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const
export type SamplerName = (typeof samplers)[number]

export interface TraceSettings extends SignalExport {
  readonly sampler: SamplerName
  /** Of traces that begin here, where the sampler asks for it: 0..1. */
  readonly ratio: number
  /** Spans that wait to be sent; what does not fit is dropped. */
  readonly queueMax: number
  readonly batchMax: number
  /** Between two sendings, and for one of them. */
  readonly delayMs: number
  readonly timeoutMs: number
}

const QUEUE_MAX = 1_000_000

/** `undefined`: no variable asks for traces. @throws Fault `INVALID_FIELD` */
export const traceSettings = (variables: Variables): TraceSettings | undefined => {
  const sending = signalExport(variables, 'traces')
  const integer = (name: string, min: number, max: number, otherwise: number): number =>
    numberOf(variables, name, { min, max, otherwise, isWhole: true })
  const settings = {
    sampler: samplerOf(variables),
    ratio: numberOf(variables, 'OTEL_TRACES_SAMPLER_ARG', { min: 0, max: 1, otherwise: 1, isWhole: false }),
    queueMax: integer('OTEL_BSP_MAX_QUEUE_SIZE', 1, QUEUE_MAX, 2_048),
    batchMax: integer('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 1, QUEUE_MAX, 512),
    delayMs: integer('OTEL_BSP_SCHEDULE_DELAY', 0, DELAY_MS_MAX, 5_000),
    timeoutMs: integer('OTEL_BSP_EXPORT_TIMEOUT', 1, DELAY_MS_MAX, 30_000),
  }
  return sending && { ...sending, ...settings }
}

const samplerOf = (variables: Variables): SamplerName => {
  const text = textOf(variables, 'OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on'
  const sampler = samplers.find((known) => known === text)
  if (sampler === undefined) throw invalidField('OTEL_TRACES_SAMPLER', samplers.join('|'))
  return sampler
}

interface Range {
  readonly min: number
  readonly max: number
  readonly otherwise: number
  readonly isWhole: boolean
}

const numberOf = (variables: Variables, name: string, { min, max, otherwise, isWhole }: Range): number => {
  const text = textOf(variables, name)
  const value = text === undefined ? otherwise : Number(text)
  if (!(value >= min && value <= max) || (isWhole && !Number.isInteger(value)))
    throw invalidField(name, `${isWhole ? 'integer' : 'number'} ${min}..${max}`, { min, max })
  return value
}
