/**
 * Up to where a shard's log may be purged (DESIGN K1), and why not further: the lowest hold of its replicas or its
 * newest verified checkpoint, by what its leader says. Where nothing was verified yet nothing may go. The point never
 * passes the end of the log, and where nothing is known it is 0. The leader alone decides; this is for operators.
 */
import type { CompactorBeat, ShardBeat } from '@waggle/protocol'
import { SILENT_MS, type ClusterView, type KnownShard } from './cluster-view.ts'

export type SafePoint = CompactorBeat['safePoints'][number]

/** The safe point of every shard of the cluster, heard of or not. */
export const safePoints = (view: ClusterView, nowMs: number): Readonly<Record<number, SafePoint>> =>
  Object.fromEntries(
    Array.from({ length: view.shardCount }, (_, shard) => [shard, safePoint(view, view.shard(shard), nowMs)]),
  )

interface Hold {
  readonly replica: string
  readonly sequence: number
}

interface Limit {
  readonly sequence: number
  readonly because: 'nobody' | 'unverified' | 'checkpoint' | 'hold'
  readonly lowest: Hold | undefined
}

/** How far the leader may move the horizon, by its beat. */
export const loggedLimit = ({ last, horizon = 1, holds, checkpoint }: ShardBeat): Limit => {
  const [lowest] = Object.entries(holds)
    .map(([replica, sequence]): Hold => ({ replica, sequence }))
    .sort((left, right) => left.sequence - right.sequence)
  const atLeast = (sequence: number): number => Math.min(Math.max(horizon, sequence), last)
  if (lowest === undefined) return { sequence: atLeast(0), because: 'nobody', lowest }
  if (checkpoint === undefined) return { sequence: atLeast(0), because: 'unverified', lowest }
  return checkpoint.sequence <= lowest.sequence
    ? { sequence: atLeast(checkpoint.sequence), because: 'checkpoint', lowest }
    : { sequence: atLeast(lowest.sequence), because: 'hold', lowest }
}

const safePoint = (view: ClusterView, known: KnownShard | undefined, nowMs: number): SafePoint => {
  if (known === undefined) return { sequence: 0, reason: 'no leader was ever heard' }
  const { beat } = known
  const { sequence, because, lowest } = loggedLimit(beat)
  const about = {
    nobody: () => ['no replica is registered'],
    unverified: () => ['no verified checkpoint', ...describeHold(view, lowest, nowMs)],
    checkpoint: () => [`newest verified checkpoint sequence=${beat.checkpoint?.sequence ?? 0}`],
    hold: () => describeHold(view, lowest, nowMs),
  }
  return { sequence, reason: [...about[because](), ...silence(known, nowMs)].join('; ') }
}

/** A hold of a replica that is not heard keeps the log for as long as it is registered: an operator should know. */
const describeHold = (view: ClusterView, hold: Hold | undefined, nowMs: number): readonly string[] => {
  if (hold === undefined) return []
  const node = view.node(hold.replica)
  const silent = node === undefined ? ' never heard' : silentFor(node.heardMs, nowMs)
  return [`lowest hold sequence=${hold.sequence} replica=${hold.replica}${silent}`]
}

const silence = ({ beat, heardMs }: KnownShard, nowMs: number): readonly string[] => {
  const silent = silentFor(heardMs, nowMs)
  if (silent !== '') return [`leader${silent}`]
  return beat.leading ? [] : ['leader has let go']
}

const silentFor = (heardMs: number, nowMs: number): string =>
  nowMs - heardMs > SILENT_MS ? ` silent for ${Math.floor((nowMs - heardMs) / 1_000)} s` : ''
