/** The entries `shard.<n>` of the directory, each the arbiter of which stream is a shard's log (DESIGN K4). */
import { utf8 } from '@waggle/kernel'
import { isGeneration, isMap, liveSubject, logSubject, type Generation, type Sequence } from '@waggle/protocol'
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
  /** What this life of the log begins with; absent: with nothing. */
  readonly origin?: ShardOrigin
}

/** The state before the first record of a generation that another one went before (DESIGN K4): a checkpoint. */
export interface ShardOrigin {
  /** As the checkpoint's bytes have it; not above what goes before the first record. */
  readonly sequence: Sequence
  readonly digest: string
  readonly bytes: number
}

/** What a leader that a restore has stopped says of its shard: nothing was written to this log beyond it. */
export interface ShardProof {
  readonly restore: string
  /** The end of the log: that leader's barrier. */
  readonly last: Sequence
  /** Whether no tenant has anything there. */
  readonly isEmpty: boolean
}

export interface ShardEntry {
  readonly generation: Generation
  readonly stream: string
  readonly firstSequence: Sequence
  /** Absent until the stream was seen: nobody has appended to it yet. */
  readonly created?: string
  readonly origin?: ShardOrigin
  /** The restore that this generation began with. */
  readonly restore?: string
  /** The stream of the generation before: it goes before this one's is created. */
  readonly replaces?: string
  readonly proof?: ShardProof
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
  ...(entry.origin === undefined ? {} : { origin: entry.origin }),
})

export const encodeShardEntry = (entry: ShardEntry): Uint8Array => utf8(JSON.stringify({ format: FORMAT, ...entry }))

/** @throws Fault `DIRECTORY_UNREADABLE` */
export const decodeShardEntry = (shard: number, value: Uint8Array | undefined): ShardEntry => {
  const key = shardKey(shard)
  const { format, generation, stream, firstSequence, ...optional } = decodeEntry(key, value)
  if (format !== FORMAT || !isGeneration(generation) || !isCount(firstSequence) || firstSequence < 1)
    throw unreadable(key, value)
  const entry = newShardEntry(shard, generation, firstSequence as Sequence)
  if (stream !== entry.stream || !areOptionalFields(optional)) throw unreadable(key, value)
  const { created, origin, restore, replaces, proof } = optional
  return {
    ...entry,
    ...(created === undefined ? {} : { created }),
    ...(origin === undefined ? {} : { origin }),
    ...(restore === undefined ? {} : { restore }),
    ...(replaces === undefined ? {} : { replaces }),
    ...(proof === undefined ? {} : { proof }),
  }
}

const areOptionalFields = (
  fields: Readonly<Record<string, unknown>>,
): fields is Partial<ShardEntry> & typeof fields => {
  const { origin, proof } = fields
  const isAbsentOr = (value: unknown, isRight: boolean): boolean => value === undefined || isRight
  return (
    [fields.created, fields.restore, fields.replaces].every((text) => isAbsentOr(text, typeof text === 'string')) &&
    isAbsentOr(origin, isMap(origin) && [origin.sequence, origin.bytes].every(isCount) && isText(origin.digest)) &&
    isAbsentOr(proof, isMap(proof) && isText(proof.restore) && isCount(proof.last) && isBoolean(proof.isEmpty))
  )
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isBoolean = (value: unknown): boolean => typeof value === 'boolean'
