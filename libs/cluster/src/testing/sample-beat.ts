import type { Uuid } from '@waggle/kernel'
import type { Generation, ReplicaBeat, Sequence, ShardBeat } from '@waggle/protocol'

/** A beat of a leader whose epoch is that sequence; equal sequences have equal ids. */
export const sampleBeat = ({
  epoch,
  ...fields
}: { readonly epoch: number } & Partial<Omit<ShardBeat, 'epoch'>>): ShardBeat => ({
  kind: 'shard',
  shard: 0,
  shards: 1,
  generation: '00112233445566aa' as Generation,
  epoch: { sequence: epoch as Sequence, id: sampleId(epoch) },
  node: 'shard-1',
  pid: 4711,
  leading: true,
  applied: 0 as Sequence,
  first: 1 as Sequence,
  last: 0 as Sequence,
  stream: 'WAGGLE_0_00112233445566aa',
  streamBytes: 0,
  holds: {},
  answered: {},
  ...fields,
})

/** A beat of a follower that serves. */
export const sampleReplicaBeat = (fields: Partial<ReplicaBeat> = {}): ReplicaBeat => ({
  ...{ kind: 'replica', shard: 0, shards: 1, node: 'shard-2', pid: 4712 },
  generation: '00112233445566aa' as Generation,
  epoch: { sequence: 5 as Sequence, id: sampleId(5) },
  ...{ applied: 0 as Sequence, hold: 0, serving: true, reads: 0, answered: {}, ...fields },
})

export const sampleId = (number: number): Uuid => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}` as Uuid
