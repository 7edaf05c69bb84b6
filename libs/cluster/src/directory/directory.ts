/**
 * The directory of a cluster: how many shards it has, and which stream is the log of each. It is a bucket, `waggle`.
 *
 * D1  The first node decides, by compare-and-set, what is fixed for life; the others follow it.
 * D2  A shard's entry is created first, and names the generation; only then may that stream be created (K4). So two
 *     nodes that create the same shard at once create the same stream.
 * D3  The entry says when its stream was created, from before the first append on. Without that the stream may be
 *     created, again and again; with it never: a stream that is missing, or another one, is lost data, and halts.
 * D4  Of a subject there is one stream, and a stream that nobody has appended to is empty: a server may bring the
 *     messages of a deleted stream back (measured).
 * D5  What a server says of a stream is compared with what was asked for, each time it is opened.
 * D6  Where a restore was committed (`cluster-restore.ts`), an entry takes what it says for its shard before it is
 *     used, and the stream that it replaces goes before the new one is created: a subject never has two streams.
 */
import type { StreamInfo } from '@nats-io/jetstream'
import { assert, pause, type Clock, type Logger, type Random, type Timers } from '@waggle/kernel'
import {
  fault,
  generationFrom,
  limits,
  liveSubject,
  logSubject,
  type Durability,
  type Sequence,
} from '@waggle/protocol'
import {
  bucketConfig,
  bucketStream,
  checkStreamConfig,
  LOG_BYTES_MAX_DEFAULT,
  logStreamConfig,
} from '../log/stream-config.ts'
import { LEASE_TTL_MS } from '../lease/lease-state.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import type { Bucket, BucketEntry } from '../nats/jetstream-bucket.ts'
import { checkServer } from '../nats/jetstream-gate.ts'
import { jittered, repeatedly } from '../nats/jetstream-retry.ts'
import {
  ensureStream,
  findKnownStream,
  findStream,
  removeStream,
  streamsOfSubject,
  type StreamQuestion,
} from '../nats/jetstream-streams.ts'
import { CLUSTER_KEY, decodeClusterEntry, encodeClusterEntry, type ClusterEntry } from './cluster-entry.ts'
import { restoredEntry } from './cluster-restore.ts'
import {
  decodeShardEntry,
  encodeShardEntry,
  newShardEntry,
  shardKey,
  shardLogOf,
  type ShardEntry,
  type ShardLog,
} from './shard-entry.ts'

export const DIRECTORY_BUCKET = 'waggle'
export const LEASE_BUCKET = 'waggle_leases'

/** Milliseconds, for what needs several requests. */
const PATIENCE_MS = 30_000
const CONFLICT_DELAY_MS = 50

export interface DirectoryParts {
  readonly access: JetStreamAccess
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

/** What a cluster is created with; one that exists keeps what it has. */
export interface ClusterOptions {
  /** 1 to 128. */
  readonly shards: number
  /** Copies of each log and bucket: 1, 3 or 5. */
  readonly replicas: number
  /** Copies of each state, 1 to 5; default 2. A cluster with fewer nodes has fewer. */
  readonly copies?: number
  /** Default `replicated`. */
  readonly durability?: Durability
  /** Room of each log, bytes, which the servers set aside at once; default 1 GiB. */
  readonly logBytesMax?: number
}

const COPIES_DEFAULT = 2
const MEASURES_OF_OTHERS = { logBytesMax: LOG_BYTES_MAX_DEFAULT }

export class Directory {
  readonly cluster: ClusterEntry
  /** The bucket of the leases. */
  readonly leases: Bucket
  /** The directory itself, for what is kept beside the entries of shards. */
  readonly entries: Bucket
  readonly #parts: DirectoryParts
  readonly #logBytesMax: number

  private constructor(
    parts: DirectoryParts,
    opened: { readonly cluster: ClusterEntry; readonly entries: Bucket; readonly leases: Bucket },
    { logBytesMax }: { readonly logBytesMax: number },
  ) {
    this.#parts = parts
    this.cluster = opened.cluster
    this.leases = opened.leases
    this.entries = opened.entries
    this.#logBytesMax = logBytesMax
  }

  /**
   * Opens the directory, and creates it where there is none.
   * @throws Fault `SERVER_UNSUITABLE`, `STREAM_CONFIGURATION`, `DIRECTORY_UNREADABLE`; `SHARD_NOT_READY` when nobody
   *   answers within 30 s
   */
  static async open(parts: DirectoryParts, options: ClusterOptions): Promise<Directory> {
    const { access, logger } = parts
    const { shards, replicas, copies = COPIES_DEFAULT, durability = 'replicated' } = options
    const { logBytesMax = LOG_BYTES_MAX_DEFAULT } = options
    assert(shards >= 1 && shards <= limits.SHARDS_MAX, 'the number of shards is checked where it comes in')
    await checkServer(access, parts, replicas)
    const found = await ensureBucket(parts, { bucket: DIRECTORY_BUCKET, replicas })
    // D1: the bucket is the first thing that somebody made; its copies are everybody's.
    if (found.config.num_replicas > 1) await checkServer(access, parts, found.config.num_replicas)
    const entries = await access.bucket(DIRECTORY_BUCKET)
    const cluster = await ensureClusterEntry(parts, entries, {
      ...{ shards, copies, durability },
      replicas: found.config.num_replicas,
    })
    for (const [name, wanted, decided] of [
      ['shards', shards, cluster.shards],
      ['replicas', replicas, cluster.replicas],
      ['copies', copies, cluster.copies],
      ['durability', durability, cluster.durability],
    ] as const)
      if (wanted !== decided) logger.warn('a cluster keeps what it was created with', { name, wanted, decided })
    await ensureBucket(parts, { bucket: LEASE_BUCKET, replicas: cluster.replicas, ttlMs: LEASE_TTL_MS })
    const leases = await access.bucket(LEASE_BUCKET)
    return new Directory(parts, { cluster, entries, leases }, { logBytesMax })
  }

  /** Opens the directory for whoever may create nothing; `undefined` while there is none. @throws Fault as `open` */
  static async find(parts: DirectoryParts): Promise<Directory | undefined> {
    const { access } = parts
    const question = { access, waiting: parts }
    for (const bucket of [DIRECTORY_BUCKET, LEASE_BUCKET])
      if ((await findStream(question, bucketStream(bucket))) === undefined) return undefined
    const entries = await access.bucket(DIRECTORY_BUCKET)
    const entry = await readEntry(parts, entries, CLUSTER_KEY)
    if (entry === undefined) return undefined
    const leases = await access.bucket(LEASE_BUCKET)
    return new Directory(parts, { cluster: decodeClusterEntry(entry.value), entries, leases }, MEASURES_OF_OTHERS)
  }

  /**
   * The log of a shard; entry and stream are created where there are none.
   * @throws Fault `STREAM_BEHIND` when the stream is missing or another one; and as `open`
   */
  async shardLog(shard: number): Promise<ShardLog> {
    assert(
      Number.isInteger(shard) && shard >= 0 && shard < this.cluster.shards,
      'a shard has a number below their count',
    )
    const { clock, timers, random } = this.#parts
    const endMs = clock.monotonicMs() + PATIENCE_MS
    for (;;) {
      // D6: read first, so that what it says is not older than the entry.
      const cluster = decodeClusterEntry((await readEntry(this.#parts, this.entries, CLUSTER_KEY))?.value)
      const found = await readEntry(this.#parts, this.entries, shardKey(shard))
      const entry = found && decodeShardEntry(shard, found.value)
      const restored = entry && restoredEntry(shard, entry, cluster)
      if (found !== undefined && restored !== undefined)
        await this.entries.write(shardKey(shard), encodeShardEntry(restored), found.revision)
      else if (entry?.created !== undefined) return this.#seenLog(shard, entry)
      else if (found === undefined || entry === undefined) await this.#createEntry(shard)
      else await this.#createStream(shard, entry, found.revision)
      if (clock.monotonicMs() >= endMs)
        throw fault('SHARD_NOT_READY', `entry of the directory cannot be written shard=${shard}`, { shard })
      await pause(timers, jittered(random, CONFLICT_DELAY_MS))
    }
  }

  get #question(): StreamQuestion {
    return { access: this.#parts.access, waiting: this.#parts }
  }

  /** D2. Whatever becomes of it, the entry is read again. */
  async #createEntry(shard: number): Promise<void> {
    const foreign = await streamsOfSubject(this.#question, logSubject(shard))
    // Or it is the stream of an entry that somebody has just made.
    const isStillAbsent = (await readEntry(this.#parts, this.entries, shardKey(shard))) === undefined
    if (!isStillAbsent) return
    if (foreign.length > 0) throw severalStreams(shard, foreign)
    const entry = newShardEntry(shard, generationFrom(this.#parts.random.bytes(8)), 1 as Sequence)
    await this.entries.write(shardKey(shard), encodeShardEntry(entry), 0)
  }

  /** D2-D6. Whatever becomes of the last write, the entry is read again. */
  async #createStream(shard: number, entry: ShardEntry, revision: number): Promise<void> {
    if (entry.replaces !== undefined) await removeStream(this.#question, entry.replaces)
    const info = await ensureStream(this.#question, this.#config(shard, entry))
    const isUnchanged = async () => {
      const now = await readEntry(this.#parts, this.entries, shardKey(shard))
      return now?.revision === revision
    }
    if (info.state.last_seq !== entry.firstSequence - 1) {
      // Somebody may have seen the stream, said so and appended, since the entry was read here.
      if (!(await isUnchanged())) return
      throw fault(
        'STREAM_BEHIND',
        `stream that nobody has appended to is not empty stream=${entry.stream} last=${info.state.last_seq}`,
        { shard, stream: entry.stream, last: info.state.last_seq },
      )
    }
    checkStreamConfig(this.#config(shard, entry), info.config)
    await this.#refuseOthers(shard, entry)
    await this.entries.write(shardKey(shard), encodeShardEntry({ ...entry, created: info.created }), revision)
  }

  /** D3-D5. */
  async #seenLog(shard: number, entry: ShardEntry): Promise<ShardLog> {
    const info = await findKnownStream(this.#question, entry.stream)
    if (info === undefined)
      throw fault('STREAM_BEHIND', `stream of the shard is missing stream=${entry.stream}`, {
        shard,
        stream: entry.stream,
      })
    if (info.created !== entry.created)
      throw fault(
        'STREAM_BEHIND',
        `stream of the shard is another one of the same name stream=${entry.stream} created=${info.created}`,
        { shard, stream: entry.stream, created: info.created, expected: entry.created ?? null },
      )
    checkStreamConfig(this.#config(shard, entry), info.config)
    await this.#refuseOthers(shard, entry)
    const { num_replicas: replicas, max_bytes: bytesMax } = info.config
    return shardLogOf(shard, entry, { created: info.created, replicas, bytesMax })
  }

  #config(shard: number, { stream, firstSequence }: ShardEntry) {
    return logStreamConfig({
      ...{ stream, subject: logSubject(shard), liveSubject: liveSubject(shard), firstSequence },
      replicas: this.cluster.replicas,
      bytesMax: this.#logBytesMax,
    })
  }

  /** D4. */
  async #refuseOthers(shard: number, { stream }: ShardEntry): Promise<void> {
    const names = await streamsOfSubject(this.#question, logSubject(shard))
    if (names.some((name) => name !== stream)) throw severalStreams(shard, names)
  }
}

const severalStreams = (shard: number, streams: readonly string[]) =>
  fault(
    'STREAM_BEHIND',
    `subject has a stream that the directory does not name subject=${logSubject(shard)} streams=${streams.join(',')}`,
    { shard, streams },
  )

const readEntry = (parts: DirectoryParts, bucket: Bucket, key: string): Promise<BucketEntry | undefined> =>
  repeatedly(parts, { patienceMs: PATIENCE_MS, what: `bucket ${bucket.name}` }, () => bucket.read(key))

/** D5. The copies of a bucket are those that its first node gave it. */
const ensureBucket = async (
  parts: DirectoryParts,
  wanted: { readonly bucket: string; readonly replicas: number; readonly ttlMs?: number },
): Promise<StreamInfo> => {
  const info = await ensureStream({ access: parts.access, waiting: parts }, bucketConfig(wanted))
  checkStreamConfig(bucketConfig({ ...wanted, replicas: info.config.num_replicas }), info.config)
  return info
}

/** D1. */
const ensureClusterEntry = async (
  parts: DirectoryParts,
  entries: Bucket,
  wanted: Omit<ClusterEntry, 'createdAtMs'>,
): Promise<ClusterEntry> => {
  const { clock, timers, random } = parts
  const endMs = clock.monotonicMs() + PATIENCE_MS
  for (;;) {
    const found = await readEntry(parts, entries, CLUSTER_KEY)
    if (found !== undefined) return decodeClusterEntry(found.value)
    if (clock.monotonicMs() >= endMs)
      throw fault('SHARD_NOT_READY', 'entry of the directory cannot be written key=cluster', { key: CLUSTER_KEY })
    await entries.write(CLUSTER_KEY, encodeClusterEntry({ ...wanted, createdAtMs: clock.nowMs() }), 0)
    await pause(timers, jittered(random, CONFLICT_DELAY_MS))
  }
}
