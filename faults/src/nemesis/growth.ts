/** Three shard processes become five, and five become three again, while everybody works. */
import type { FaultKind } from './fault-kind.ts'

const GROWTH = 2

export const growthFaults: readonly FaultKind[] = [
  {
    name: 'grow-and-shrink',
    holdMs: [15_000, 20_000],
    async begin({ surroundings: { cluster } }) {
      const added: string[] = []
      for (let count = 0; count < GROWTH; count += 1) added.push(await cluster.addProcess('shard'))
      return {
        target: added.join(' '),
        async heal() {
          for (const name of added) await cluster.removeProcess(name)
        },
      }
    },
  },
]
