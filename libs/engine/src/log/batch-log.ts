/**
 * The port to the log of one shard: what decides the order of everything and outlives every process.
 *
 * Invariants that every implementation keeps (checked by `testing/batch-log.contract.ts`):
 *
 * B1  Sequences rise by one. A record is appended only at the position that it names, directly after the last one.
 *     Where that position is taken the append is `fenced`; where it lies beyond the end it is `fenced` or fails.
 *     Neither changes anything.
 * B2  When an append has resolved as `appended`, the record is durable as the log's mode says, and its `changes` are in
 *     the store: in one and the same batch where log and state share a store, after the record where they do not.
 * B3  Reading gives back the bytes that were appended, in their order.
 * B4  A log keeps its generation for life, and a log that was made anew has another one.
 * B5  Records below `keepFrom` may go; none at or above it does.
 * B6  A record that the log has lost in its middle is told as such (`bytes` is absent), never left out in silence.
 */
import type { EncodedRecord, Generation, Sequence } from '@waggle/protocol'
import type { StoreChange } from '../store/key-value-store.ts'

export interface LogBounds {
  /** The lowest sequence still there; one above `last` when there is none. */
  readonly first: Sequence
  /** The highest sequence ever appended; 0 before the first. */
  readonly last: Sequence
}

export interface StoredRecord {
  readonly sequence: Sequence
  /** Absent when the log has no such record although it has later ones. */
  readonly bytes?: Uint8Array
}

export interface Append {
  readonly record: EncodedRecord
  /** What the record means for the state of the replica that appends it. */
  readonly changes: readonly StoreChange[]
  /** This replica needs no record below. */
  readonly keepFrom: Sequence
  /** Called when the record is in the log, where that comes before its changes are in the store. */
  readonly onLogged?: (() => void) | undefined
}

/** `fenced`: another writer has the position; nothing happened. */
export type AppendOutcome = 'appended' | 'fenced'

export interface BatchLog {
  readonly generation: Generation
  /** As of the moment of the call, from whoever may append to the log. */
  bounds(): Promise<LogBounds>
  /** Records from `from` to the last one at the time of the call. */
  read(from: Sequence): AsyncIterableIterator<StoredRecord>
  /** One record once more, by every way there is: for one whose bytes were absent or damaged (DESIGN L2). */
  readAgain(sequence: Sequence): Promise<Uint8Array | undefined>
  /**
   * One append at a time.
   * @throws Fault `STORAGE_FAILED` or `UNAVAILABLE` when the outcome is unknown; append no more after it in this term
   */
  append(append: Append): Promise<AppendOutcome>
}
