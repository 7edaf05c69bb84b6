/**
 * Figures that were measured bound what the manifests may say: a pod is given more time to go than it took, and more
 * memory.
 */
import { nameOf, podSpec, type Workload } from '../manifest.ts'
import { numberTold } from './configuration.ts'
import { containersOf, Rendered, type Component } from './rendered.ts'

export interface Measured {
  /** The longest that a process of the component took from SIGTERM to its end, milliseconds. */
  readonly drainMs: Readonly<Record<Component, number>>
  /** The most that a process took, resident, beside the room of its indexes, bytes. */
  readonly memoryBytes: Readonly<Record<Component | 'nats', number>>
}

/** What the machine of a cluster may be slower than the one that was measured on. */
const SPARE = 2

export const drainFindings = (rendered: Rendered, { drainMs }: Measured): readonly string[] =>
  rendered.workloads.flatMap((workload) => {
    const component = Rendered.componentOf(workload)
    if (component === undefined) return []
    const timeoutMs = numberTold(rendered, workload, 'WAGGLE_DRAIN__TIMEOUT_MS')
    if (timeoutMs === undefined) return [`${nameOf(workload)}: says nothing of how long it drains`]
    const graceMs = (podSpec(workload).terminationGracePeriodSeconds ?? 0) * 1_000
    const hookMs = preStopSeconds(workload) * 1_000
    return [
      ...(timeoutMs > SPARE * drainMs[component]
        ? []
        : [`${nameOf(workload)}: drains for ${timeoutMs} ms at most, where ${drainMs[component]} ms were measured`]),
      ...(graceMs > hookMs + timeoutMs
        ? []
        : [`${nameOf(workload)}: is killed after ${graceMs} ms, in the middle of ${hookMs + timeoutMs} ms`]),
    ]
  })

const preStopSeconds = (workload: Workload): number =>
  Math.max(0, ...containersOf(workload).map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0))

export const memoryFindings = (rendered: Rendered, { memoryBytes }: Measured): readonly string[] =>
  rendered.workloads.flatMap((workload) => {
    const indexes = numberTold(rendered, workload, 'WAGGLE_INDEX__BYTES_MAX') ?? 0
    const measured = memoryBytes[Rendered.componentOf(workload) ?? 'nats'] + indexes
    return containersOf(workload).flatMap(({ resources }) => {
      const limit = bytesOf(resources?.limits?.memory ?? '0')
      return limit > measured ? [] : [`${nameOf(workload)}: is killed at ${limit} bytes, where it takes ${measured}`]
    })
  })

/** Every server keeps all logs and all checkpoints. */
export const roomFindings = (rendered: Rendered): readonly string[] => {
  const named = (name: string): Workload | undefined =>
    rendered.workloads.find(({ metadata }) => metadata.name === name)
  const [nats, shard] = [named('waggle-nats'), named('waggle-shard')]
  if (nats === undefined || shard === undefined) return []
  const told = (name: string): number => numberTold(rendered, shard, `WAGGLE_CLUSTER__${name}`) ?? Infinity
  const needed = told('SHARDS') * told('LOG_BYTES_MAX') + told('CHECKPOINT_BYTES_MAX')
  return (nats.spec.volumeClaimTemplates ?? []).flatMap(({ spec }) => {
    const { storage } = spec.resources.requests
    return bytesOf(storage) > needed ? [] : [`${nameOf(nats)}: ${storage} have no room for ${needed} bytes`]
  })
}

const UNITS: Readonly<Record<string, number>> = { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }

/** Of a quantity of memory. @throws where it is none */
export const bytesOf = (quantity: string): number => {
  const [, digits, unit = ''] = /^(\d+)(Ki|Mi|Gi)?$/.exec(quantity) ?? []
  if (digits === undefined) throw new Error(`no quantity of memory: ${quantity}`)
  return Number(digits) * (UNITS[unit] as number)
}
