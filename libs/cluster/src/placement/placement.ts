/**
 * Where replicas of a shard belong, and what follows for each: who opens one, who hands its leadership over to whom,
 * who may leave. Pure; every node decides for itself, from the members and the beats that it hears.
 *
 * P1  Hosts are the first of the members that take shards, by rank; the others have no replica once it is not needed.
 * P2  A leader hands over to whoever comes before it in the order of leadership and is ready; never to nobody. It waits
 *     until the members have been the same for 3 s, unless it must go.
 * P3  Whoever's clock is wrong comes after all others in that order (DESIGN L8): more than 2 s from the servers', and
 *     from the nearest that there is, for it may be the servers' that are wrong.
 * P4  A replica leaves when its node is no host, does not lead, and every host serves.
 * P5  A hold is struck off when a member says that it has no replica, is no host, and every host is registered. The
 *     hold of a node that says nothing is not this rule's business.
 */
import { hostsAmong, stableForMs, type Membership } from '../membership/membership.ts'
import { rank } from './rank.ts'
import { readyFollowers, servingReplicas, type ShardView } from './shard-view.ts'

/** P2. */
export const STABLE_MS = 3_000
/** P3. */
export const CLOCK_AHEAD_MS_MAX = 2_000
/** Records that a successor may lack, as of half a second ago: about what one reply of the log carries. */
const LAG_RECORDS_MAX = 64
/** A member that was silent for so long is not waited for by a candidate. */
const CANDIDATE_SILENCE_MS = 3_000
/** How long a candidate lets each of those before it go first. */
export const STAGGER_MS = 1_500
/** P1: one that is no host lets all hosts go first, for long enough to be heard of. */
const STRANGER_STAGGER_MS = 12_000

/** What a node knows of one shard when it decides. */
export interface Placing {
  readonly shard: number
  /** The node that decides. */
  readonly self: string
  readonly copies: number
  readonly membership: Membership
  readonly view: ShardView
  readonly nowMs: number
}

/** P1. */
export const hostsNow = ({ shard, copies, membership }: Placing): readonly string[] =>
  rank(shard, hostsAmong(membership)).slice(0, copies)

export const isHost = (placing: Placing): boolean => hostsNow(placing).includes(placing.self)

/** P3. All that take shards, in the order in which they should lead this one. */
export const leadershipOrder = ({ shard, membership }: Placing): readonly string[] => {
  const ranked = rank(shard, hostsAmong(membership))
  const wrong = wrongClocks(membership, ranked)
  return [...ranked.filter((node) => !wrong.has(node)), ...ranked.filter((node) => wrong.has(node))]
}

/** How far a node's clock is from the servers'; 0 where nothing is known. */
const clockOffMs = ({ members }: Membership, node: string): number => Math.abs(members.get(node)?.clockAheadMs ?? 0)

/** P3. */
const wrongClocks = (membership: Membership, nodes: readonly string[]): ReadonlySet<string> => {
  const nearestMs = Math.min(...nodes.map((node) => clockOffMs(membership, node)))
  return new Set(nodes.filter((node) => clockOffMs(membership, node) > nearestMs + CLOCK_AHEAD_MS_MAX))
}

/**
 * P2. Whom this leader should hand over to, if anybody.
 * @param appliedBefore what it had applied about half a second ago: beats are that old
 */
export const successorNow = (placing: Placing, appliedBefore: number): string | undefined => {
  const { self, membership, view, nowMs } = placing
  const order = leadershipOrder(placing)
  const own = order.indexOf(self)
  const isWrong = wrongClocks(membership, order).has(self)
  if (own !== -1 && !isWrong && stableForMs(membership, nowMs) < STABLE_MS) return undefined
  const ready = readyFollowers(view, appliedBefore - LAG_RECORDS_MAX, nowMs)
  const isNearer = (node: string): boolean =>
    clockOffMs(membership, node) < clockOffMs(membership, self) - CLOCK_AHEAD_MS_MAX
  const earlier = order.slice(0, own === -1 ? undefined : own)
  // P3: of wrong clocks only a nearer one is any better.
  return (isWrong ? order.filter(isNearer) : earlier).find((node) => ready.has(node))
}

/** Whether somebody else may come to lead what this node leads. */
export const hasOthers = ({ self, membership }: Placing): boolean =>
  hostsAmong(membership).some((node) => node !== self)

/** P4. */
export const mayLeave = (placing: Placing): boolean => {
  const { self, view, nowMs } = placing
  const hosts = hostsNow(placing)
  const serving = servingReplicas(view, nowMs)
  return (
    hosts.length > 0 && !hosts.includes(self) && view.leader?.node !== self && hosts.every((node) => serving.has(node))
  )
}

/** P5. Whose holds the leader of this shard strikes off. @param holds those that are registered */
export const departed = (placing: Placing, holds: readonly string[]): readonly string[] => {
  const { shard, membership } = placing
  const hosts = hostsNow(placing)
  if (hosts.length === 0 || !hosts.every((node) => holds.includes(node))) return []
  return holds.filter((node) => !hosts.includes(node) && membership.members.get(node)?.hosts?.has(shard) === false)
}

/** How long this node, as a candidate, lets others go first: the less, the earlier it comes in the order. */
export const staggerMs = (placing: Placing): number => {
  const { self, membership, view, nowMs } = placing
  const hosts = hostsNow(placing)
  if (!hosts.includes(self)) return STRANGER_STAGGER_MS
  const present = leadershipOrder(placing).filter((node) => {
    if (node === self) return true
    const heardMs = membership.members.get(node)?.heardMs ?? -Infinity
    // A leader that is waited for no longer is not waited for as a candidate either.
    return hosts.includes(node) && nowMs - heardMs < CANDIDATE_SILENCE_MS && node !== view.leader?.node
  })
  return present.indexOf(self) * STAGGER_MS
}
