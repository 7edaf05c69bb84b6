import type { Append, AppendOutcome, BatchLog, KeyValueStore, LogBounds, StoredRecord } from '@waggle/engine'
import type { Clock, Logger, Random, Timers } from '@waggle/kernel'
import type { FaultCode, Generation, Sequence } from '@waggle/protocol'
import type { ShardLog } from '../directory/shard-entry.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'

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
}

export class JetStreamLog implements BatchLog {
  readonly generation: Generation

  constructor(parts: JetStreamLogParts) {
    this.generation = parts.shardLog.generation
  }

  /** @throws Fault as `status` */
  bounds(): Promise<LogBounds> {
    throw new Error('not built')
  }

  /**
   * Bounds and size, from the stream's leader.
   * @throws Fault `STREAM_BEHIND` when the stream is missing or is another one, `STREAM_CONFIGURATION` when a field that
   *   matters was changed, `SHARD_NOT_READY` when nobody answers within 10 s
   */
  status(): Promise<LogStatus> {
    throw new Error('not built')
  }

  /** @throws Fault `SHARD_NOT_READY` when a record cannot be had within 30 s, or was purged meanwhile; and as `status` */
  read(_from: Sequence): AsyncIterableIterator<StoredRecord> {
    throw new Error('not built')
  }

  /** The record with an intact checksum where any copy has one, else what there is. May take 10 s. */
  readAgain(_sequence: Sequence): Promise<Uint8Array | undefined> {
    throw new Error('not built')
  }

  /** @throws Fault `UNAVAILABLE` when the outcome is unknown; what the store throws when the record is in the stream */
  append(_append: Append): Promise<AppendOutcome> {
    throw new Error('not built')
  }
}
