/** How large a run is. */
import type { FaultKind } from './nemesis/fault-kind.ts'
import { folderFaults } from './nemesis/folder-faults.ts'
import { growthFaults } from './nemesis/growth.ts'
import { linkFaults } from './nemesis/link-faults.ts'
import { roomFaults } from './nemesis/room-faults.ts'
import { processFaults } from './nemesis/process-faults.ts'
import { rolloutEvents } from './nemesis/rollout-events.ts'

export interface Form {
  readonly name: 'full' | 'short' | 'self-test' | 'rollout'
  readonly servers: 1 | 3
  readonly nodes: number
  readonly routers: number
  readonly compactors: number
  readonly shards: number
  readonly collectives: number
  readonly writersOfCollective: number
  readonly readersOfCollective: number
  /** During which faults are begun; absent: each kind comes once, in the order of `kinds`. */
  readonly durationMs?: number
  readonly kinds: readonly FaultKind[]
}

const all: readonly FaultKind[] = [...processFaults, ...linkFaults, ...folderFaults, ...roomFaults]

export const forms: Readonly<Record<Form['name'], Form>> = {
  full: {
    ...{ name: 'full', servers: 3, nodes: 3, routers: 2, compactors: 2, shards: 4, collectives: 6 },
    ...{ writersOfCollective: 2, readersOfCollective: 1, durationMs: 420_000 },
    kinds: [...all, ...growthFaults],
  },
  short: {
    ...{ name: 'short', servers: 1, nodes: 2, routers: 1, compactors: 1, shards: 2, collectives: 3 },
    ...{ writersOfCollective: 2, readersOfCollective: 1, durationMs: 45_000 },
    kinds: all.filter(({ isShort }) => isShort === true),
  },
  'self-test': {
    ...{ name: 'self-test', servers: 1, nodes: 2, routers: 1, compactors: 1, shards: 2, collectives: 2 },
    ...{ writersOfCollective: 2, readersOfCollective: 1, durationMs: 8_000 },
    kinds: all.filter(({ name }) => name === 'kill-leader'),
  },
  rollout: {
    ...{ name: 'rollout', servers: 1, nodes: 3, routers: 2, compactors: 2, shards: 6, collectives: 4 },
    ...{ writersOfCollective: 1, readersOfCollective: 1 },
    kinds: rolloutEvents,
  },
}
