/**
 * What a node hears of one shard: who leads it, and which replicas follow. Pure: beats and times come in.
 *
 * V1  A replica that was silent for a second serves nobody: it beats four times in one.
 * V2  Of two leaders the one of the newer epoch counts; a beat that lets go leaves the shard without one.
 */
import type { ReplicaBeat, ShardBeat } from '@waggle/protocol'

/** V1. */
const REPLICA_SILENCE_MS = 1_000

export interface ShardView {
  readonly leader?: {
    readonly node: string
    readonly epoch: number
    readonly holds: Readonly<Record<string, number>>
    readonly heardMs: number
  }
  readonly followers: ReadonlyMap<
    string,
    { readonly serving: boolean; readonly applied: number; readonly heardMs: number }
  >
}

export const unseen: ShardView = { followers: new Map() }

/** V2. */
export const seeLeader = (before: ShardView, beat: ShardBeat, nowMs: number): ShardView => {
  const epoch = beat.epoch.sequence
  if (epoch < (before.leader?.epoch ?? 0)) return before
  if (!beat.leading) return before.leader?.epoch === epoch ? { followers: before.followers } : before
  const followers = new Map(before.followers)
  followers.delete(beat.node)
  return { leader: { node: beat.node, epoch, holds: beat.holds, heardMs: nowMs }, followers }
}

export const seeFollower = (before: ShardView, beat: ReplicaBeat, nowMs: number): ShardView => ({
  ...before,
  followers: new Map(before.followers).set(beat.node, {
    serving: beat.serving,
    applied: beat.applied,
    heardMs: nowMs,
  }),
})

/** Whose replicas take reads at this moment, the leader's among them. */
export const servingReplicas = (view: ShardView, nowMs: number): ReadonlySet<string> =>
  new Set([...leaders(view, nowMs), ...readyFollowers(view, 0, nowMs)])

/** Followers that take reads and have applied so much. @param applied a sequence */
export const readyFollowers = ({ followers }: ShardView, applied: number, nowMs: number): ReadonlySet<string> =>
  new Set(
    [...followers]
      .filter(([, follower]) => follower.serving && follower.applied >= applied && isHeard(follower, nowMs))
      .map(([node]) => node),
  )

const leaders = ({ leader }: ShardView, nowMs: number): readonly string[] =>
  leader !== undefined && isHeard(leader, nowMs) ? [leader.node] : []

/** V1. */
const isHeard = ({ heardMs }: { readonly heardMs: number }, nowMs: number): boolean =>
  nowMs - heardMs <= REPLICA_SILENCE_MS
