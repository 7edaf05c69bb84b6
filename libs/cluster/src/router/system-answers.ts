/** What a router answers the operators, from what it has heard. */
import type {
  AnsweredBy,
  CompactorBeat,
  NodeBeat,
  ShardBeat,
  ShardStatus,
  SystemName,
  SystemResultOf,
} from '@waggle/protocol'
import { noShards } from './routing.ts'

/** A shard as `Route` knows it. */
export interface ShardSeen {
  readonly shard: number
  readonly isLed: boolean
  readonly lastBeat: ShardBeat | undefined
}

export interface Heard {
  /** All shards, in order; empty before the first beat. */
  readonly shards: readonly ShardSeen[]
  readonly nodes: readonly NodeBeat[]
  readonly compactors: readonly CompactorBeat[]
  readonly answeredBy: AnsweredBy
}

/** @throws Fault `SHARD_NOT_READY` as long as it cannot say how many shards there are */
export const systemAnswers: { readonly [Name in SystemName]: (heard: Heard) => SystemResultOf<Name> } = {
  'shard.list': ({ shards, answeredBy }) => ({ items: known(shards).map(shardStatus), answeredBy }),

  'log.status'({ shards, compactors, answeredBy }) {
    const active = compactors.find((compactor) => compactor.active)
    return {
      items: known(shards).map(({ shard, lastBeat }) => {
        const point = active?.safePoints[shard]
        return {
          shard,
          ...(lastBeat === undefined ? {} : logOf(lastBeat)),
          ...(point === undefined ? {} : { safePoint: point.sequence, safePointReason: point.reason }),
        }
      }),
      compactors: compactors.map(({ compactor, pid, active: isActive }) => ({ compactor, pid, active: isActive })),
      servers: active?.servers ?? [],
      answeredBy,
    }
  },

  'node.list': ({ nodes, answeredBy }) => ({
    items: nodes.map(({ node, pid, version, draining, leads, halted }) => ({
      ...{ node, pid, version, draining },
      leads: [...leads].sort((left, right) => left - right),
      halted,
    })),
    answeredBy,
  }),
}

const known = (shards: readonly ShardSeen[]): readonly ShardSeen[] => {
  if (shards.length === 0) throw noShards()
  return shards
}

const shardStatus = ({ shard, isLed, lastBeat }: ShardSeen): ShardStatus => {
  if (lastBeat === undefined) return { shard, followers: [] }
  const { node, pid, epoch, applied, last, first } = lastBeat
  const holds = Object.values(lastBeat.holds)
  return {
    shard,
    ...(isLed ? { leader: node, pid } : {}),
    ...{ epoch: epoch.sequence, applied, last, first },
    ...(holds.length === 0 ? {} : { horizon: Math.min(...holds) }),
    // Warm replicas are not built yet: a shard has its leader alone.
    followers: [],
  }
}

const logOf = ({ stream, first, last, streamBytes, applied, holds, trouble }: ShardBeat) => ({
  ...{ stream, first, last, bytes: streamBytes, applied, holds },
  ...(trouble === undefined ? {} : { trouble }),
})
