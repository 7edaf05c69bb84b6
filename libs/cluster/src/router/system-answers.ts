/** What a router answers the operators, from what it has heard. */
import {
  judgeDurability,
  type AnsweredBy,
  type CompactorBeat,
  type FollowerStatus,
  type NodeBeat,
  type ReplicaBeat,
  type ShardBeat,
  type ShardStatus,
  type StateName,
  type SystemResultOf,
} from '@waggle/protocol'
import { noShards } from './routing.ts'

/** A shard as `Route` knows it. */
export interface ShardSeen {
  readonly shard: number
  readonly isLed: boolean
  readonly lastBeat: ShardBeat | undefined
  readonly followers: readonly { readonly beat: ReplicaBeat; readonly serving: boolean }[]
}

export interface Heard {
  /** All shards, in order; empty before the first beat. */
  readonly shards: readonly ShardSeen[]
  readonly nodes: readonly NodeBeat[]
  readonly compactors: readonly CompactorBeat[]
  readonly answeredBy: AnsweredBy
}

/** @throws Fault `SHARD_NOT_READY` as long as it cannot say how many shards there are */
export const systemAnswers: { readonly [Name in StateName]: (heard: Heard) => SystemResultOf<Name> } = {
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
      ...(active?.durability === undefined
        ? {}
        : { durability: { ...active.durability, ...judgeDurability(active.durability, active.servers) } }),
      answeredBy,
    }
  },

  'node.list': ({ nodes, answeredBy }) => ({
    items: nodes.map(({ node, pid, version, draining, leads, hosts, halted }) => ({
      ...{ node, pid, version, draining },
      leads: inOrder(leads),
      ...(hosts === undefined ? {} : { hosts: inOrder(hosts) }),
      halted,
    })),
    answeredBy,
  }),
}

const inOrder = (shards: readonly number[]): readonly number[] => [...shards].sort((left, right) => left - right)

const known = (shards: readonly ShardSeen[]): readonly ShardSeen[] => {
  if (shards.length === 0) throw noShards()
  return shards
}

const shardStatus = ({ shard, isLed, lastBeat, followers }: ShardSeen): ShardStatus => {
  // Whoever came to lead may have been a follower a moment ago.
  const others = followers.filter(({ beat }) => !isLed || beat.node !== lastBeat?.node)
  const ends = others.map(({ beat }) => beat.applied)
  const end = Math.max(lastBeat?.last ?? 0, ...ends)
  const status = { shard, followers: others.map((follower) => followerStatus(follower, end)) }
  if (lastBeat === undefined) return status
  const { node, pid, epoch, applied, last, first, horizon = first, checkpoint, reads } = lastBeat
  return {
    ...status,
    ...(isLed ? { leader: node, pid } : {}),
    ...{ epoch: epoch.sequence, applied, last, first, horizon },
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(reads === undefined ? {} : { reads }),
  }
}

const followerStatus = ({ beat, serving }: ShardSeen['followers'][number], end: number): FollowerStatus => {
  const { node, pid, applied, reads } = beat
  return { node, pid, applied, lag: end - applied, serving, reads }
}

const logOf = ({ stream, first, last, streamBytes, applied, holds, trouble }: ShardBeat) => ({
  ...{ stream, first, last, bytes: streamBytes, applied, holds },
  ...(trouble === undefined ? {} : { trouble }),
})
