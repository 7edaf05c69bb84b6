/**
 * Up to where a shard's log could be purged (DESIGN K1), and why it is not.
 *
 * Nothing is purged yet: K1 wants a verified checkpoint first, and none can be made. The point says what replicas would
 * allow: the lowest of their holds. It never passes the end of the log, and where nothing is known it is 0.
 */
import type { CompactorBeat } from '@waggle/protocol'
import { SILENT_MS, type ClusterView, type KnownShard } from './cluster-view.ts'

export type SafePoint = CompactorBeat['safePoints'][number]

/** The one reason that holds for every shard. */
const NO_CHECKPOINT = 'no verified checkpoint'

/** The safe point of every shard of the cluster, heard of or not. */
export const safePoints = (view: ClusterView, nowMs: number): Readonly<Record<number, SafePoint>> =>
  Object.fromEntries(
    Array.from({ length: view.shardCount }, (_, shard) => [shard, safePoint(view, view.shard(shard), nowMs)]),
  )

const safePoint = (view: ClusterView, known: KnownShard | undefined, nowMs: number): SafePoint => {
  if (known === undefined) return { sequence: 0, reason: reasonOf(['no leader was ever heard']) }
  const { first, last, holds } = known.beat
  const lowest = Object.entries(holds).reduce<Hold | undefined>(
    (low, [replica, sequence]) => (low === undefined || sequence < low.sequence ? { replica, sequence } : low),
    undefined,
  )
  if (lowest === undefined)
    return { sequence: Math.min(first, last), reason: reasonOf(['no replica is registered', ...silence(known, nowMs)]) }
  return {
    sequence: Math.min(lowest.sequence, last),
    reason: reasonOf([describeHold(view, lowest, nowMs), ...silence(known, nowMs)]),
  }
}

interface Hold {
  readonly replica: string
  readonly sequence: number
}

const reasonOf = (more: readonly string[]): string => [NO_CHECKPOINT, ...more].join('; ')

/** A hold of a replica that is not heard keeps the log for as long as it is registered: an operator should know. */
const describeHold = (view: ClusterView, { replica, sequence }: Hold, nowMs: number): string => {
  const node = view.node(replica)
  const silent = node === undefined ? ' never heard' : silentFor(node.heardMs, nowMs)
  return `lowest hold sequence=${sequence} replica=${replica}${silent}`
}

const silence = ({ beat, heardMs }: KnownShard, nowMs: number): readonly string[] => {
  const silent = silentFor(heardMs, nowMs)
  if (silent !== '') return [`leader${silent}`]
  return beat.leading ? [] : ['leader has let go']
}

const silentFor = (heardMs: number, nowMs: number): string =>
  nowMs - heardMs > SILENT_MS ? ` silent for ${Math.floor((nowMs - heardMs) / 1_000)} s` : ''
