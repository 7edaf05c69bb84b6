/**
 * Who is there: the nodes of a cluster as one of them hears of them. Pure: beats and times come in, a list comes out.
 *
 * M1  A node is a member while a beat of it was heard within 10 s: a restart that is quicker than that moves nothing.
 * M2  Nobody agrees on the list. Two nodes may have different ones; what follows from it costs time, never data
 *     (DESIGN L1).
 * M3  The list is stable since one came, went, or began or ceased to drain. What a node beats besides changes nothing.
 */
import type { NodeBeat } from '@waggle/protocol'

/** M1. */
export const MEMBER_SILENCE_MS = 10_000

/** What a member said last. */
export interface Member {
  readonly node: string
  /** It takes no shards, and hands over those that it has. */
  readonly draining: boolean
  /** Shards of which it has a replica; `undefined` where it does not say. */
  readonly hosts: ReadonlySet<number> | undefined
  /** How far its clock is ahead of the servers', milliseconds; `undefined` where it does not know. */
  readonly clockAheadMs: number | undefined
  readonly heardMs: number
}

export interface Membership {
  /** By name. */
  readonly members: ReadonlyMap<string, Member>
  /** M3. Monotonic. */
  readonly changedMs: number
}

export const nobody = (nowMs: number): Membership => ({ members: new Map(), changedMs: nowMs })

export const hearNode = (before: Membership, beat: NodeBeat, nowMs: number): Membership => {
  const { node, draining, hosts, clockAheadMs } = beat
  const known = before.members.get(node)
  const member = { node, draining, hosts: hosts && new Set(hosts), clockAheadMs, heardMs: nowMs }
  const members = new Map(before.members).set(node, member)
  return { members, changedMs: known?.draining === draining ? before.changedMs : nowMs }
}

/** M1. Called often enough for the times that it sets to mean something. */
export const forgetSilent = (before: Membership, nowMs: number): Membership => {
  const present = [...before.members].filter(([, { heardMs }]) => nowMs - heardMs <= MEMBER_SILENCE_MS)
  return present.length === before.members.size ? before : { members: new Map(present), changedMs: nowMs }
}

/** M3. */
export const stableForMs = ({ changedMs }: Membership, nowMs: number): number => nowMs - changedMs

/** Those that take shards, by name. */
export const hostsAmong = ({ members }: Membership): readonly string[] =>
  [...members.values()]
    .filter(({ draining }) => !draining)
    .map(({ node }) => node)
    .sort()
