/**
 * The log of a shard, on JetStream: one stream, whose sequences are the log's (port: `BatchLog` of `@waggle/engine`).
 *
 * J1  What is appended is there for good, or it is known that another record is, or the outcome is told as unknown:
 *     `resolution.ts` decides, on proof alone (DESIGN L7).
 * J2  What an append changes is written to the replica's store once the record is in the stream, unsynced: the stream
 *     is the durable copy (DESIGN section 3).
 * J3  Before its bounds are believed, the stream is compared with the one that the directory names.
 *
 * It does not know who leads: what is appended, and when to stop, is the actor's business.
 */
import type { Append, AppendOutcome, BatchLog, KeyValueStore, LogBounds, StoredRecord } from '@waggle/engine'
import {
  assert,
  silentMetrics,
  type Clock,
  type Histogram,
  type Logger,
  type Metrics,
  type Random,
  type Timers,
} from '@waggle/kernel'
import { fault, metricTable, type FaultCode, type Generation, type Sequence } from '@waggle/protocol'
import type { ShardLog } from '../directory/shard-entry.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import { findKnownStream } from '../nats/jetstream-streams.ts'
import { Appender } from './appender.ts'
import { RecordReader } from './record-reader.ts'
import { checkStreamConfig, logStreamConfig } from './stream-config.ts'

export interface JetStreamLogParts {
  readonly access: JetStreamAccess
  /** Which stream, from the directory. */
  readonly shardLog: ShardLog
  /** The replica's state: what an append changes is written there once the record is in the stream. */
  readonly store: KeyValueStore
  readonly clock: Clock
  readonly timers: Timers
  /** For the jitter of waits. */
  readonly random: Random
  readonly logger: Logger
  /** Absent: nobody is told. */
  readonly metrics?: Metrics | undefined
  /**
   * Until when, on the monotonic clock, an append whose outcome is unknown may be tried again: the lease's deadline. It
   * may move while an append is under way. The first attempt is made in any case.
   */
  readonly mayTryUntilMs: () => number
  /** Why appends wait for now (`STORAGE_FULL`), and `undefined` once they go on. */
  readonly onTrouble: (code: FaultCode | undefined) => void
}

/** What the stream's leader says of it. */
export interface LogStatus extends LogBounds {
  readonly bytes: number
  readonly bytesMax: number
  readonly records: number
}

/** Milliseconds for the bounds: an election may be under way. */
const STATUS_PATIENCE_MS = 10_000

export class JetStreamLog implements BatchLog {
  readonly generation: Generation
  readonly #parts: JetStreamLogParts
  readonly #reader: RecordReader
  readonly #appender: Appender
  readonly #appendSeconds: Histogram
  #isAppending = false
  #bytes = 0

  constructor(parts: JetStreamLogParts) {
    this.generation = parts.shardLog.generation
    this.#parts = parts
    this.#reader = new RecordReader(parts)
    this.#appender = new Appender({ ...parts, reader: this.#reader })
    this.#appendSeconds = (parts.metrics ?? silentMetrics).histogram(metricTable.logAppendDuration, {})
  }

  /** @throws Fault as `status` */
  async bounds(): Promise<LogBounds> {
    const { first, last } = await this.status()
    return { first, last }
  }

  /**
   * Bounds and size, from the stream's leader.
   * @throws Fault `STREAM_BEHIND` when the stream is missing or is another one, `STREAM_CONFIGURATION` when a field
   *   that matters was changed, `SHARD_NOT_READY` when nobody answers within 10 s
   */
  async status(): Promise<LogStatus> {
    const { access, shardLog } = this.#parts
    const { shard, stream } = shardLog
    const question = { access, waiting: this.#parts, patienceMs: STATUS_PATIENCE_MS }
    const info = await findKnownStream(question, stream)
    // J3
    if (info?.created !== shardLog.created)
      throw fault('STREAM_BEHIND', `stream of the shard is missing or another one stream=${stream}`, {
        shard,
        stream,
        created: info?.created ?? null,
        expected: shardLog.created,
      })
    checkStreamConfig(logStreamConfig(shardLog), info.config)
    const { messages, first_seq: first, last_seq: last, bytes } = info.state
    this.#bytes = bytes
    return {
      first: (messages === 0 ? last + 1 : first) as Sequence,
      last: last as Sequence,
      bytes,
      bytesMax: info.config.max_bytes,
      records: messages,
    }
  }

  /** What the stream takes, about: as it last said, and what was appended since. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * @throws Fault `SHARD_NOT_READY` when a record cannot be had within 30 s or was pruned meanwhile; and as `status`
   */
  async *read(from: Sequence): AsyncIterableIterator<StoredRecord> {
    const { first, last, bytes, records } = await this.status()
    const start = Math.max(from, first) as Sequence
    yield* this.#reader.range({ first: start, last, recordBytes: bytes / Math.max(1, records) })
  }

  /** The record with an intact checksum where any copy has one, else what there is. May take some seconds. */
  readAgain(sequence: Sequence): Promise<Uint8Array | undefined> {
    return this.#reader.again(sequence)
  }

  /** @throws Fault `UNAVAILABLE` when the outcome is unknown; what the store throws when the record is in the stream */
  async append({ record, changes, onLogged }: Append): Promise<AppendOutcome> {
    assert(!this.#isAppending, 'one append at a time')
    this.#isAppending = true
    const { clock, store } = this.#parts
    const begunMs = clock.monotonicMs()
    try {
      // J1
      const resolution = await this.#appender.append(record)
      if (resolution === 'unknown') {
        const { stream } = this.#parts.shardLog
        const { position } = record.record
        throw fault('UNAVAILABLE', `outcome of an append is unknown stream=${stream} sequence=${position}`, {
          stream,
          sequence: position,
        })
      }
      if (resolution === 'appended') {
        this.#bytes += record.bytes.length
        onLogged?.()
        // J2
        await store.write(changes, { sync: false })
        this.#appendSeconds.record((clock.monotonicMs() - begunMs) / 1_000)
      }
      return resolution
    } finally {
      this.#isAppending = false
    }
  }
}
