import type { Generation, Sequence } from '@waggle/protocol'

/** Where the log of a shard is. */
export interface ShardLog {
  readonly shard: number
  readonly generation: Generation
  /** `WAGGLE_<shard>_<generation>`. */
  readonly stream: string
  /** `wal.<shard>`. */
  readonly subject: string
  /** Of the first record that this generation can have. */
  readonly firstSequence: Sequence
  /** When the stream was created, as the server says it: the same for life, another one for a re-created stream. */
  readonly created: string
  /** Copies of the stream, 1 to 5. */
  readonly replicas: number
  /** Room that the stream has. */
  readonly bytesMax: number
}
