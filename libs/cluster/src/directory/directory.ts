import type { Clock, Logger, Random, Timers } from '@waggle/kernel'
import type { Bucket } from '../nats/jetstream-bucket.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'
import type { ClusterEntry } from './cluster-entry.ts'
import type { ShardLog } from './shard-entry.ts'

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
  /** Room of each log, bytes; default 1 GiB. */
  readonly logBytesMax?: number
}

/** The directory of a cluster: how many shards it has, and which stream is the log of each. */
export class Directory {
  readonly cluster: ClusterEntry
  /** The bucket of the leases. */
  readonly leases: Bucket

  private constructor(cluster: ClusterEntry, leases: Bucket) {
    this.cluster = cluster
    this.leases = leases
  }

  /**
   * Opens the directory, and creates it where there is none.
   * @throws Fault `SERVER_UNSUITABLE`, `STREAM_CONFIGURATION`, `DIRECTORY_UNREADABLE`; `SHARD_NOT_READY` when nobody
   *   answers within 30 s
   */
  static open(_parts: DirectoryParts, _options: ClusterOptions): Promise<Directory> {
    throw new Error('not built')
  }

  /** Opens the directory for whoever may create nothing; `undefined` while there is none. @throws Fault as `open` */
  static find(_parts: DirectoryParts): Promise<Directory | undefined> {
    throw new Error('not built')
  }

  /**
   * The log of a shard; entry and stream are created where there are none.
   * @throws Fault `STREAM_BEHIND` when the stream is missing or another one; and as `open`
   */
  shardLog(_shard: number): Promise<ShardLog> {
    throw new Error('not built')
  }

  /** The same for whoever may create nothing; `undefined` while the log is not there yet. */
  findShardLog(_shard: number): Promise<ShardLog | undefined> {
    throw new Error('not built')
  }
}
