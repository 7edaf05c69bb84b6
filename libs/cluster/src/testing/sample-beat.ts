import type { Uuid } from '@waggle/kernel'
import type { Generation, Sequence, ShardBeat } from '@waggle/protocol'

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

export const sampleId = (number: number): Uuid => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}` as Uuid
