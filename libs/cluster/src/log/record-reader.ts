/**
 * Reads records of one stream.
 *
 * W1  A few records are read one by one from the stream's leader, many at a time. No consumer: one that lived on a
 *     server that died stalls for half a minute (measured), and a request that stalls is simply made again.
 * W2  Many records are read in bulk, from any copy. What a bulk reading leaves out, because that copy lags behind or
 *     has lost it, is read from the leader.
 * W3  A record is absent only when the leader has said so several times, and that it is not below the first one.
 * W4  A message on another subject is none of ours.
 */
import { pause, type Clock, type Logger, type Random, type Timers } from '@waggle/kernel'
import { decodeRecord, fault, type Sequence } from '@waggle/protocol'
import type { StoredRecord } from '@waggle/engine'
import type { ShardLog } from '../directory/shard-entry.ts'
import { isTransient } from '../nats/api-errors.ts'
import { REQUEST_TIMEOUT_MS, type JetStreamAccess } from '../nats/jetstream-access.ts'
import { isAtLeast } from '../nats/jetstream-gate.ts'
import { jittered, repeatedly } from '../nats/jetstream-retry.ts'
import { streamInfo } from '../nats/jetstream-streams.ts'
import { readBatch, type BatchRecord } from './record-batch.ts'

export interface RecordReaderParts {
  readonly access: JetStreamAccess
  readonly shardLog: ShardLog
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

/** What is to be read: the bounds at the time of the call, and how large a record is on average. */
export interface ReadRange {
  readonly first: Sequence
  readonly last: Sequence
  readonly recordBytes: number
}

/** Milliseconds for one record. */
const PATIENCE_MS = 30_000
/** W3: over about a second. */
const ABSENT_ANSWERS = 5
const ABSENT_DELAY_MS = 200
/** Requests under way. */
const WINDOW_MAX = 64
const WINDOW_BYTES = 8 * 1024 ** 2
/** Older servers know no bulk reading. */
const BULK_VERSION_MIN = '2.11.0'
/** Below it a bulk reading saves nothing that can be felt. */
const BULK_RECORDS_MIN = 256
/** In a row, after which the rest is read one by one. */
const BULK_FAILURES_MAX = 3

export class RecordReader {
  readonly #parts: RecordReaderParts
  #hasSteppedDown = false

  constructor(parts: RecordReaderParts) {
    this.#parts = parts
  }

  /** One answer of the stream's leader. @throws what the client throws when there is none */
  async fromLeader(sequence: Sequence): Promise<Uint8Array | undefined> {
    const { access, shardLog } = this.#parts
    const message = await access.manager.streams.getMessage(shardLog.stream, { seq: sequence })
    return message === null ? undefined : this.#ownBytes(message)
  }

  /** The records of a range, in their order. @throws Fault `SHARD_NOT_READY` */
  async *range(range: ReadRange): AsyncIterableIterator<StoredRecord> {
    let next: number = range.first
    let failures = 0
    while (next <= range.last) {
      const isLong = range.last - next >= BULK_RECORDS_MIN && failures < BULK_FAILURES_MAX && this.#canReadBulk
      const begin = next
      for (const { sequence, bytes } of isLong ? await this.#batch(begin) : []) {
        if (sequence < next || sequence > range.last) continue
        // W2
        if (sequence > next) yield* this.#singly(next, sequence - 1, range.recordBytes)
        yield { sequence: sequence as Sequence, bytes }
        next = sequence + 1
      }
      failures = next === begin ? failures + 1 : 0
      if (next > begin) continue
      const last = isLong ? begin + BULK_RECORDS_MIN - 1 : range.last
      yield* this.#singly(begin, last, range.recordBytes)
      next = last + 1
    }
  }

  /** The record with an intact checksum where any copy has one, else what there is (DESIGN L2). */
  async again(sequence: Sequence): Promise<Uint8Array | undefined> {
    let damaged: Uint8Array | undefined
    for (const read of this.#waysToReadAgain(sequence)) {
      const bytes = await read().catch(() => undefined)
      if (bytes === undefined) continue
      const decoded = decodeRecord(bytes)
      if (!('defect' in decoded) || decoded.defect === 'format') return bytes
      damaged = bytes
    }
    return damaged
  }

  *#waysToReadAgain(sequence: Sequence): Generator<() => Promise<Uint8Array | undefined>> {
    const { timers, random } = this.#parts
    const fromLeader = async () => {
      const bytes = await this.fromLeader(sequence)
      if (bytes === undefined) await pause(timers, jittered(random, ABSENT_DELAY_MS))
      return bytes
    }
    for (let times = 0; times < ABSENT_ANSWERS; times += 1) yield fromLeader
    // Each is answered by whichever copy is quickest.
    for (let times = 0; times < 2 * ABSENT_ANSWERS; times += 1) yield () => this.#fromAnyCopy(sequence)
    if (!this.#mayStepDown()) return
    yield async () => {
      await this.#stepDown()
      return fromLeader()
    }
    for (let times = 0; times < ABSENT_ANSWERS; times += 1) yield fromLeader
  }

  async #fromAnyCopy(sequence: Sequence): Promise<Uint8Array | undefined> {
    const { access, shardLog } = this.#parts
    const message = await access.manager.direct.getMessage(shardLog.stream, { seq: sequence })
    return message === null ? undefined : this.#ownBytes(message)
  }

  /** Once: it costs every writer of the shard a moment. */
  #mayStepDown(): boolean {
    if (this.#hasSteppedDown || this.#parts.shardLog.replicas === 1) return false
    this.#hasSteppedDown = true
    return true
  }

  async #stepDown(): Promise<void> {
    const { access, shardLog, logger } = this.#parts
    logger.warn('stream’s leader steps down, for a record that it cannot give', { stream: shardLog.stream })
    await access.connection
      .request(`$JS.API.STREAM.LEADER.STEPDOWN.${shardLog.stream}`, undefined, { timeout: REQUEST_TIMEOUT_MS })
      .catch(() => undefined)
    await repeatedly(this.#parts, { patienceMs: PATIENCE_MS, what: `stream ${shardLog.stream}` }, () =>
      streamInfo(access.manager.streams, shardLog.stream),
    )
  }

  /** W4. */
  #ownBytes({ subject, data }: { readonly subject: string; readonly data: Uint8Array }): Uint8Array | undefined {
    const { shardLog, logger } = this.#parts
    if (subject === shardLog.subject) return data
    logger.error('message in the log is on another subject', { stream: shardLog.stream, subject })
    return undefined
  }

  /** W1: in their order, with many requests under way. */
  async *#singly(first: number, last: number, recordBytes: number): AsyncIterableIterator<StoredRecord> {
    const window = Math.min(WINDOW_MAX, Math.max(2, Math.floor(WINDOW_BYTES / Math.max(1, recordBytes))))
    const underWay: Promise<StoredRecord>[] = []
    for (let next = first; next <= last || underWay.length > 0;) {
      for (; next <= last && underWay.length < window; next += 1) {
        const fetching = this.#fetch(next as Sequence)
        // It is awaited below; should an earlier one fail, nobody does.
        fetching.catch(() => undefined)
        underWay.push(fetching)
      }
      yield await (underWay.shift() as Promise<StoredRecord>)
    }
  }

  /** W3. */
  async #fetch(sequence: Sequence): Promise<StoredRecord> {
    const { timers, random, shardLog } = this.#parts
    const what = `record ${sequence} of stream ${shardLog.stream}`
    for (let answers = 1; ; answers += 1) {
      const bytes = await repeatedly(this.#parts, { patienceMs: PATIENCE_MS, what }, () => this.fromLeader(sequence))
      if (bytes !== undefined) return { sequence, bytes }
      if (answers === ABSENT_ANSWERS) break
      await pause(timers, jittered(random, ABSENT_DELAY_MS))
    }
    const { state } = await repeatedly(this.#parts, { patienceMs: PATIENCE_MS, what }, () =>
      streamInfo(this.#parts.access.manager.streams, shardLog.stream),
    )
    if (sequence < state.first_seq)
      throw fault('SHARD_NOT_READY', `log was pruned while it was read first=${state.first_seq}`, {
        first: state.first_seq,
        sequence,
      })
    return { sequence }
  }

  get #canReadBulk(): boolean {
    return isAtLeast(this.#parts.access.connection.info?.version ?? '', BULK_VERSION_MIN)
  }

  async #batch(first: number): Promise<readonly BatchRecord[]> {
    const { access, shardLog, clock, timers, logger } = this.#parts
    try {
      return await readBatch({ manager: access.manager, clock, timers }, shardLog, first)
    } catch (error) {
      if (!isTransient(error))
        logger.warn('records cannot be read in bulk', { stream: shardLog.stream, first, reason: String(error) })
      return []
    }
  }
}
