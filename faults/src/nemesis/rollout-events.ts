/** No faults at all: a rolling update, and 3 shard processes that become 5 and 3 again, as Kubernetes does them. */
import { Rollout, type Departure } from '@waggle/local-cluster'
import type { FaultKind } from './fault-kind.ts'

const GROWTH = 2

const event = (name: string, play: (rollout: Rollout) => Promise<readonly (Departure | string)[]>): FaultKind => ({
  name,
  holdMs: [0, 0],
  async begin({ surroundings: { cluster } }) {
    const rollout = await Rollout.open(cluster)
    try {
      const steps = await play(rollout)
      return { target: steps.map(textOf).join(', '), heal: async () => undefined }
    } finally {
      await rollout.close()
    }
  },
})

const textOf = (step: Departure | string): string => {
  if (typeof step === 'string') return step
  const { name, drainMs, returnMs } = step
  const back = returnMs === undefined ? '' : `, back after ${Math.round(returnMs)} ms`
  return `${name} drained in ${Math.round(drainMs)} ms${back}`
}

/** In this order. */
export const rolloutEvents: readonly FaultKind[] = [
  event('restart-shards', (rollout) => rollout.restartShards()),
  event('replace-routers', (rollout) => rollout.replace('router')),
  event('replace-compactors', (rollout) => rollout.replace('compactor')),
  event('scale-out', (rollout) => rollout.scaleOut(GROWTH)),
  event('scale-in', (rollout) => rollout.scaleIn(GROWTH)),
  event('scale-out-again', (rollout) => rollout.scaleOut(GROWTH)),
  // Both processes may have been the only ones with a replica of some shard.
  event('scale-in-undrained', (rollout) => rollout.cutOff(GROWTH)),
]
