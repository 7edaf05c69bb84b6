/** Beats as leaders and nodes send them, with what a test does not care about filled in. */
import type { Uuid } from '@waggle/kernel'
import { generationFrom, type NodeBeat, type Sequence, type ShardBeat } from '@waggle/protocol'

export interface BeatFields {
  readonly shard?: number
  readonly shards?: number
  /** Sequence of the barrier. */
  readonly epoch?: number
  readonly node?: string
  readonly leading?: boolean
  readonly first?: number
  readonly last?: number
  readonly holds?: Readonly<Record<string, number>>
  readonly horizon?: number
  /** Sequence of the newest verified checkpoint. */
  readonly checkpoint?: number
  readonly stream?: string
}

export const shardBeat = (fields: BeatFields): ShardBeat => {
  const { shard = 0, shards = 1, epoch = 5, node = 'a', leading = true, first = 1, last = 20, holds = {} } = fields
  const { horizon, checkpoint, stream = 'WAGGLE_0_0000000000000000' } = fields
  return {
    ...{ kind: 'shard', shard, shards, node, pid: 1, leading, holds, answered: {} },
    generation: generationFrom(new Uint8Array(8)),
    epoch: { sequence: epoch as Sequence, id: '11111111-1111-7111-8111-111111111111' as Uuid },
    applied: last as Sequence,
    first: first as Sequence,
    last: last as Sequence,
    stream,
    streamBytes: 0,
    ...(horizon === undefined ? {} : { horizon }),
    ...(checkpoint === undefined ? {} : { checkpoint: { sequence: checkpoint, digest: 'd' } }),
  }
}

export const nodeBeat = (node: string): NodeBeat => ({
  ...{ kind: 'node', node, pid: 1, version: '0.1.0', draining: false, leads: [], halted: [] },
})
