/** The entries `shard.<n>` of the directory, each the arbiter of which stream is a shard's log (DESIGN K4). */
import { utf8 } from '@waggle/kernel'
import { isGeneration, liveSubject, logSubject, type Generation, type Sequence } from '@waggle/protocol'
import { decodeEntry, isCount, unreadable } from './cluster-entry.ts'

const FORMAT = 1

/** Where the log of a shard is. */
export interface ShardLog {
  readonly shard: number
  readonly generation: Generation
  /** `WAGGLE_<shard>_<generation>`. */
  readonly stream: string
  /** `wal.<shard>`. */
  readonly subject: string
  /** `live.<shard>`. */
  readonly liveSubject: string
  /** Of the first record that this generation can have. */
  readonly firstSequence: Sequence
  /** When the stream was created, as the server says it: the same for life, another one for a re-created stream. */
  readonly created: string
  /** Copies of the stream, 1 to 5. */
  readonly replicas: number
  /** Room that the stream has. */
  readonly bytesMax: number
}

export interface ShardEntry {
  readonly generation: Generation
  readonly stream: string
  readonly firstSequence: Sequence
  /** Absent until the stream was seen: nobody has appended to it yet. */
  readonly created?: string
}

export const shardKey = (shard: number): string => `shard.${shard}`

export const newShardEntry = (shard: number, generation: Generation, firstSequence: Sequence): ShardEntry => ({
  generation,
  stream: `WAGGLE_${shard}_${generation}`,
  firstSequence,
})

export const shardLogOf = (
  shard: number,
  entry: ShardEntry,
  stream: Pick<ShardLog, 'created' | 'replicas' | 'bytesMax'>,
): ShardLog => ({
  shard,
  generation: entry.generation,
  stream: entry.stream,
  subject: logSubject(shard),
  liveSubject: liveSubject(shard),
  firstSequence: entry.firstSequence,
  created: stream.created,
  replicas: stream.replicas,
  bytesMax: stream.bytesMax,
})

export const encodeShardEntry = (entry: ShardEntry): Uint8Array => utf8(JSON.stringify({ format: FORMAT, ...entry }))

/** @throws Fault `DIRECTORY_UNREADABLE` */
export const decodeShardEntry = (shard: number, value: Uint8Array | undefined): ShardEntry => {
  const key = shardKey(shard)
  const { format, generation, stream, firstSequence, created } = decodeEntry(key, value)
  if (format !== FORMAT || !isGeneration(generation) || !isCount(firstSequence) || firstSequence < 1)
    throw unreadable(key, value)
  const entry = newShardEntry(shard, generation, firstSequence as Sequence)
  if (stream !== entry.stream || (created !== undefined && typeof created !== 'string')) throw unreadable(key, value)
  return created === undefined ? entry : { ...entry, created }
}
