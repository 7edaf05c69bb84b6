/** Names of checkpoints on the shelf: `shard-<n>/<generation>/<sequence>`. */
import { isGeneration, type Generation, type Sequence } from '@waggle/protocol'

export interface CheckpointName {
  readonly shard: number
  readonly generation: Generation
  readonly sequence: Sequence
}

export const checkpointsOf = (shard: number): string => `shard-${shard}/`

export const encodeCheckpointName = ({ shard, generation, sequence }: CheckpointName): string =>
  `${checkpointsOf(shard)}${generation}/${sequence}`

const NAME = /^shard-(\d{1,4})\/([^/]+)\/(\d{1,16})$/

/** `undefined` for a name that `encodeCheckpointName` did not make. */
export const decodeCheckpointName = (name: string): CheckpointName | undefined => {
  const [, shard, generation, sequence] = NAME.exec(name) ?? []
  if (!isGeneration(generation) || !Number.isSafeInteger(Number(sequence))) return undefined
  return { shard: Number(shard), generation, sequence: Number(sequence) as Sequence }
}
