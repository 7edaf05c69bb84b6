/**
 * Hears the records of one log as the servers repeat them, and keeps those that are yet to be applied.
 *
 * A message that is lost, or that there is no room for, is a gap, which whoever follows reads from the log
 * (`tail-state.ts`).
 */
import type { StoredRecord } from '@waggle/engine'
import type { Sequence } from '@waggle/protocol'
import type { ShardLog } from '../directory/shard-entry.ts'
import type { BusMessage, BusSubscription } from '../nats/bus.ts'
import { headerOf } from '../nats/headers.ts'
import type { JetStreamAccess } from '../nats/jetstream-access.ts'

/** What may wait to be applied (P11). A replica that is further behind reads in bulk, which is quicker anyway. */
const WAITING_COUNT_MAX = 512
const WAITING_BYTES_MAX = 4_000_000

export interface LogTailParts {
  readonly access: Pick<JetStreamAccess, 'connection'>
  readonly shardLog: Pick<ShardLog, 'stream' | 'liveSubject'>
  /** A record came; it may be one that was applied already. Must not throw. */
  readonly onHeard: (sequence: Sequence) => void
}

export class LogTail {
  readonly #parts: LogTailParts
  /** In rising order: what comes out of order is left out. */
  readonly #waiting = new Map<Sequence, Uint8Array>()
  #bytes = 0
  #highest = 0
  #subscription: BusSubscription | undefined

  constructor(parts: LogTailParts) {
    this.#parts = parts
  }

  /** Whoever reads the log after this call hears all that is stored later. */
  start(): void {
    const { access, shardLog } = this.#parts
    this.#subscription ??= access.connection.subscribe(shardLog.liveSubject, {
      callback: (error, message) => {
        if (error === null) this.#heard(message)
      },
    })
  }

  stop(): void {
    this.#subscription?.unsubscribe()
    this.#subscription = undefined
    this.#waiting.clear()
    this.#bytes = 0
    this.#highest = 0
  }

  /** The lowest record that is kept, once all up to `applied` are forgotten. */
  next(applied: Sequence): Sequence | undefined {
    for (const [sequence, bytes] of this.#waiting) {
      if (sequence > applied) return sequence
      this.#waiting.delete(sequence)
      this.#bytes -= bytes.length
    }
    return undefined
  }

  record(sequence: Sequence): StoredRecord {
    const bytes = this.#waiting.get(sequence)
    return bytes === undefined ? { sequence } : { sequence, bytes }
  }

  #heard(message: BusMessage): void {
    const sequence = sequenceOf(message, this.#parts.shardLog.stream)
    if (sequence === undefined) return
    const { data } = message
    const hasRoom =
      this.#waiting.size < WAITING_COUNT_MAX &&
      (this.#waiting.size === 0 || this.#bytes + data.length <= WAITING_BYTES_MAX)
    if (hasRoom && sequence > this.#highest) {
      // The bytes are a view into what the connection received in one go, which would be kept with them.
      this.#waiting.set(sequence, Uint8Array.from(data))
      this.#bytes += data.length
      this.#highest = sequence
    }
    this.#parts.onHeard(sequence)
  }
}

/** `undefined` for what this stream did not store. */
const sequenceOf = (message: BusMessage, stream: string): Sequence | undefined => {
  const text = headerOf(message, 'Nats-Sequence') ?? ''
  const isOurs = headerOf(message, 'Nats-Stream') === stream && /^[1-9]\d{0,15}$/.test(text)
  return isOurs ? (Number(text) as Sequence) : undefined
}
