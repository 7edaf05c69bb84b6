/** Replicas: at one sequence all have the same state, byte for byte (P8). */
import { digestState } from '@waggle/engine'
import { lookAt } from '../disk/simulated-store.ts'
import type { SimulatedCluster } from '../cluster/simulated-cluster.ts'

export interface ReplicaState {
  readonly node: string
  readonly shard: number
  readonly sequence: number
  readonly digest: string
}

/** Everything that is on a disk. */
export const statesOf = async (cluster: SimulatedCluster): Promise<readonly ReplicaState[]> => {
  const states: ReplicaState[] = []
  for (const [node, machine] of cluster.machines)
    for (const [shard, platter] of machine.states) states.push({ node, shard, ...(await digestState(lookAt(platter))) })
  return states
}

export const checkDigests = (states: readonly ReplicaState[]): readonly string[] => {
  const first = new Map<string, ReplicaState>()
  return states.flatMap((state) => {
    const at = `${state.shard}@${state.sequence}`
    const other = first.get(at) ?? state
    first.set(at, other)
    return other.digest === state.digest
      ? []
      : [`P8 shard=${state.shard} sequence=${state.sequence}: ${state.node} differs from ${other.node}`]
  })
}
