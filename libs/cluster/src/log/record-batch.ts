/**
 * One bulk reading of a stream: many records for one request, from any copy of it, from server version 2.11 on.
 *
 * Measured on a busy machine of two cores, thousands of records of 2 KB a second: 27-42 from one server and 18-38 from
 * three, against 4.7 and 4.5 one by one, and 36-71 with an ordered consumer. Records of 128 KB: 145 and 87-118 MB/s,
 * against 41 and 47. An ordered consumer that asked for 5,000 of those stalled for good, on a server in best health.
 */
import type { CancelTimer, Clock, Timers } from '@waggle/kernel'
import type { ShardLog } from '../directory/shard-entry.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'

export interface BatchParts {
  readonly manager: JetStreamAccess['manager']
  readonly clock: Clock
  readonly timers: Timers
}

export interface BatchRecord {
  readonly sequence: number
  readonly bytes: Uint8Array
}

const RECORDS_MAX = 1_000
/** One batch is in memory at a time, and the server keeps it all in one connection's queue. */
const BYTES_MAX = 8 * 1024 ** 2
/** Milliseconds without a record after which what has come is all. */
const STALL_MS = 1_000

/**
 * Records from `first` on, rising, perhaps with gaps; as many as came.
 * @throws what the client throws for the very first answer
 */
export const readBatch = (
  { manager, clock, timers }: BatchParts,
  { stream, subject }: ShardLog,
  first: number,
): Promise<readonly BatchRecord[]> =>
  new Promise((resolve, reject) => {
    const records: BatchRecord[] = []
    let lastMs = clock.monotonicMs()
    let cancel: CancelTimer = () => undefined
    const finish = (error?: Error): void => {
      cancel()
      if (error === undefined || records.length > 0) resolve(records)
      else reject(error)
    }
    const reading = manager.direct.getBatch(stream, {
      seq: first,
      batch: RECORDS_MAX,
      max_bytes: BYTES_MAX,
      // With a callback alone the client gives up its subscription when the batch ends.
      callback: (done, message) => {
        if (done !== null) {
          finish(done.err)
          return
        }
        lastMs = clock.monotonicMs()
        if (message.subject === subject) records.push({ sequence: message.seq, bytes: message.data })
      },
    })
    reading.then((iterator) => {
      const watch = (): void => {
        const idleMs = clock.monotonicMs() - lastMs
        if (idleMs >= STALL_MS) iterator.stop()
        else cancel = timers.after(STALL_MS - idleMs, watch)
      }
      watch()
    }, reject)
  })
