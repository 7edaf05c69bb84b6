/**
 * How streams and buckets are configured, and the check that a server really does so (it drops what it does not know).
 *
 * C1  A log loses nothing by itself: no age, no number of messages, no rollup, no deletion of single messages; when it
 *     is full it refuses what is new.
 * C2  A log is bounded in bytes. The servers set aside that much room when the stream is created, and refuse to create
 *     it where there is less: the bound is no surprise on a day when the disk is full.
 * C3  Nothing reaches a log but through its one subject: no mirror, source or transform.
 * C4  An acknowledged message was given to the file system, synchronously.
 */
import { DiscardPolicy, RetentionPolicy, StorageType, type Republish, type StreamConfig } from '@nats-io/jetstream'
import { clusterFault } from '../errors.ts'
import { MESSAGE_BYTES_MAX } from '../nats/jetstream-gate.ts'

/** 1 GiB: some 500,000 memories of 2 KB. All shards of one server need so much times their number (C2). */
export const LOG_BYTES_MAX_DEFAULT = 1024 ** 3
/** Values are some hundred bytes. */
const BUCKET_BYTES_MAX = 16 * 1024 ** 2
const BUCKET_VALUE_BYTES_MAX = 64 * 1024

const NANOSECONDS = 1_000_000
/** Two minutes: longer than any election that an append outlasts. */
const DUPLICATE_WINDOW_MS = 120_000

type Config = Partial<StreamConfig> & { readonly name: string }

const everyStream = {
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  max_msgs: -1,
  max_consumers: -1,
  deny_delete: true,
} as const satisfies Partial<StreamConfig>

export interface LogStream {
  readonly stream: string
  readonly subject: string
  /** Where the servers repeat what is stored. */
  readonly liveSubject: string
  readonly replicas: number
  readonly bytesMax: number
  readonly firstSequence: number
}

/** C1, C2. */
export const logStreamConfig = ({
  stream,
  subject,
  liveSubject,
  replicas,
  bytesMax,
  firstSequence,
}: LogStream): Config => ({
  ...everyStream,
  name: stream,
  subjects: [subject],
  // Compactors purge what nobody needs (DESIGN K1).
  deny_purge: false,
  num_replicas: replicas,
  max_bytes: bytesMax,
  max_age: 0,
  max_msgs_per_subject: -1,
  // Of headers and body together (measured: one byte more in either is refused).
  max_msg_size: MESSAGE_BYTES_MAX,
  duplicate_window: DUPLICATE_WINDOW_MS * NANOSECONDS,
  allow_direct: true,
  allow_rollup_hdrs: false,
  // Followers hear of records without asking; what they miss they read.
  republish: { src: subject, dest: liveSubject },
  // Servers before 2.10 know no other first sequence than 1.
  ...(firstSequence > 1 ? { first_seq: firstSequence } : {}),
})

export interface BucketStream {
  readonly bucket: string
  readonly replicas: number
  /** How long a value stays that nobody writes again; absent: for ever. */
  readonly ttlMs?: number
}

export const bucketStream = (bucket: string): string => `KV_${bucket}`

/** What the client library calls a bucket, with the last value of each key. */
export const bucketConfig = ({ bucket, replicas, ttlMs = 0 }: BucketStream): Config => ({
  ...everyStream,
  name: bucketStream(bucket),
  subjects: [`$KV.${bucket}.>`],
  num_replicas: replicas,
  max_bytes: BUCKET_BYTES_MAX,
  max_age: ttlMs * NANOSECONDS,
  max_msgs_per_subject: 1,
  max_msg_size: BUCKET_VALUE_BYTES_MAX,
  duplicate_window: (ttlMs === 0 ? DUPLICATE_WINDOW_MS : Math.min(ttlMs, DUPLICATE_WINDOW_MS)) * NANOSECONDS,
  // Compactors hold the right to purge streams, and buckets are none of theirs.
  deny_purge: true,
  // Reads are for decisions: from the leader alone.
  allow_direct: false,
  // Rollup would let one message delete all others.
  allow_rollup_hdrs: false,
})

export interface CheckpointStream {
  readonly bucket: string
  readonly replicas: number
  readonly bytesMax: number
}

/**
 * Where checkpoints are kept: as the Object Store's clients make it, but bounded (C2), and refusing what is new when it
 * is full. Unlike a log it may be purged object by object, and what is said of an object replaces what was said before.
 */
export const checkpointStreamConfig = ({ bucket, replicas, bytesMax }: CheckpointStream): Config => ({
  ...everyStream,
  name: `OBJ_${bucket}`,
  subjects: [`$O.${bucket}.C.>`, `$O.${bucket}.M.>`],
  num_replicas: replicas,
  max_bytes: bytesMax,
  max_age: 0,
  max_msgs_per_subject: -1,
  deny_purge: false,
  duplicate_window: DUPLICATE_WINDOW_MS * NANOSECONDS,
  allow_direct: true,
  allow_rollup_hdrs: true,
})

/** C3, C4: what must not be set, under the names of any server version. */
const unset = [
  ...['mirror', 'sources', 'subject_transform', 'sealed', 'no_ack', 'discard_new_per_subject'],
  ...['allow_msg_ttl', 'subject_delete_marker_ttl', 'allow_msg_counter', 'allow_msg_schedules'],
]
const PERSIST_MODE_DEFAULT = 'default'

type Differs = (expected: unknown, got: unknown) => boolean

const isLess: Differs = (expected, got) => (got as number) < (expected as number)
const isUnbounded: Differs = (_, got) => (got as number) <= 0

/** Fields that an operator may set to something else: more copies, more or less room, a longer memory of ids. */
const lenient: Readonly<Record<string, Differs>> = {
  num_replicas: isLess,
  max_bytes: isUnbounded,
  max_msg_size: isLess,
  duplicate_window: () => false,
  // Buckets that an earlier version made let themselves be purged; nobody has the right to.
  deny_purge: (expected, got) => expected === false && got === true,
  first_seq: () => false,
  republish: (expected, got) => !isRepeated(expected, got),
}

/** The server adds fields of its own. */
const isRepeated = (expected: unknown, got: unknown): boolean => {
  const [wanted, found] = [expected, got ?? {}] as [Republish, Partial<Republish>]
  return wanted.src === found.src && wanted.dest === found.dest && found.headers_only !== true
}

const differs: Differs = (expected, got) => JSON.stringify(expected) !== JSON.stringify(got)

/**
 * Compares what a server says with what was asked for.
 * @throws Fault `STREAM_CONFIGURATION` naming stream, field, and both values
 */
export const checkStreamConfig = (expected: Config, got: Readonly<Partial<StreamConfig>>): void => {
  const fields = got as Readonly<Record<string, unknown>>
  for (const [field, value] of Object.entries(expected))
    // The server leaves out what is false or zero.
    if ((lenient[field] ?? differs)(value, fields[field] ?? emptyOf(value)))
      throw misconfigured(expected.name, field, value, fields[field])
  for (const field of unset)
    if (isSet(fields[field])) throw misconfigured(expected.name, field, undefined, fields[field])
  const mode = fields.persist_mode ?? PERSIST_MODE_DEFAULT
  if (mode !== PERSIST_MODE_DEFAULT && mode !== '')
    throw misconfigured(expected.name, 'persist_mode', PERSIST_MODE_DEFAULT, mode)
}

const emptyOf = (value: unknown): unknown => {
  if (typeof value === 'boolean') return false
  return typeof value === 'number' ? 0 : undefined
}

const isSet = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== false &&
  value !== 0 &&
  !(Array.isArray(value) && value.length === 0)

const misconfigured = (stream: string, field: string, expected: unknown, got: unknown) => {
  const [wanted, found] = [expected, got].map((value) => JSON.stringify(value ?? null)) as [string, string]
  return clusterFault(
    'STREAM_CONFIGURATION',
    `stream is not configured as the cluster relies on stream=${stream} field=${field} expected=${wanted} got=${found}`,
    { stream, field, expected: wanted, got: found },
  )
}
