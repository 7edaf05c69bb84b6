/** Whether each shard has as many copies of its state as it should, and all of them at the end of its log. */
import { readPosition } from '@waggle/engine'
import type { SimulatedCluster } from '../cluster/simulated-cluster.ts'
import { lookAt } from '../disk/simulated-store.ts'
import { shardOf } from './judge.ts'

/** What is missing, in words. */
export const missingReplicas = ({ servers, machines, shape }: SimulatedCluster): readonly string[] =>
  servers.logs.flatMap(({ stream }) => {
    const shard = shardOf(stream.config.subjects?.[0])
    const applied = [...machines.values()].flatMap(({ states }) => {
      const platter = states.get(shard)
      return platter === undefined ? [] : [readPosition(lookAt(platter))?.applied ?? 0]
    })
    const whole = applied.filter((sequence) => sequence === stream.last).length
    return whole >= shape.copies
      ? []
      : [`shard ${shard} has ${whole} whole copies of ${shape.copies} applied=${applied.join(',')} last=${stream.last}`]
  })
