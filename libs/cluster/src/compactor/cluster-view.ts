/**
 * What a compactor knows of a cluster: what leaders and nodes said last, and when that was heard. Times are monotonic
 * milliseconds.
 *
 * C1  A beat of an older epoch is not listened to while a newer one is fresh: a deposed leader may still be speaking.
 * C2  What is known is kept when nobody speaks any more, and its age with it: a shard does not need less of its log for
 *     having no leader.
 */
import { limits, type NodeBeat, type ShardBeat } from '@waggle/protocol'

/** Without a beat for so long nobody leads a shard, as far as one can hear: twelve beats. */
export const SILENT_MS = 3_000

/** Names that are kept of nodes that come and go; the longest silent go first. */
const NODES_MAX = 1_024

export interface KnownShard {
  readonly beat: ShardBeat
  readonly heardMs: number
}

export interface KnownNode {
  readonly beat: NodeBeat
  readonly heardMs: number
}

export class ClusterView {
  readonly #shards = new Map<number, KnownShard>()
  readonly #nodes = new Map<string, KnownNode>()
  #shardCount = 0

  hearShard(beat: ShardBeat, nowMs: number): void {
    if (beat.shards > limits.SHARDS_MAX) return
    const known = this.#shards.get(beat.shard)
    // C1.
    if (known !== undefined && beat.epoch.sequence < known.beat.epoch.sequence && isFresh(known, nowMs)) return
    this.#shards.set(beat.shard, { beat, heardMs: nowMs })
    this.#shardCount = Math.max(this.#shardCount, beat.shards)
  }

  hearNode(beat: NodeBeat, nowMs: number): void {
    // Last heard is last in the map.
    this.#nodes.delete(beat.node)
    this.#nodes.set(beat.node, { beat, heardMs: nowMs })
    for (const node of this.#nodes.keys()) {
      if (this.#nodes.size <= NODES_MAX) return
      this.#nodes.delete(node)
    }
  }

  /** Of the cluster; 0 until a leader has been heard. */
  get shardCount(): number {
    return this.#shardCount
  }

  /** What the shard's leader said last; `undefined` when none was ever heard. */
  shard(shard: number): KnownShard | undefined {
    return this.#shards.get(shard)
  }

  node(node: string): KnownNode | undefined {
    return this.#nodes.get(node)
  }

  /** What the leaders say that lead right now. */
  leading(nowMs: number): readonly ShardBeat[] {
    return [...this.#shards.values()]
      .filter((known) => known.beat.leading && isFresh(known, nowMs))
      .map(({ beat }) => beat)
  }

  /** Shards that somebody leads right now, with the epoch in which. */
  leaders(nowMs: number): readonly { readonly shard: number; readonly epoch: number }[] {
    return this.leading(nowMs).map(({ shard, epoch }) => ({ shard, epoch: epoch.sequence }))
  }
}

const isFresh = ({ heardMs }: KnownShard, nowMs: number): boolean => nowMs - heardMs <= SILENT_MS
