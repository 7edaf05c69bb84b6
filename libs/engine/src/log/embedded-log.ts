/**
 * The log of an embedded store: rows beside the state, in the same LevelDB. A record, what it does to the state and the
 * outcomes that it must remember are one synced batch, so there is nothing to replay after a crash.
 *
 * Rows are kept until the store has surely flushed what they say: they are evidence, not the copy of anything.
 */
import type { Generation, Sequence } from '@waggle/protocol'
import { logKey, logPrefix, sequenceOfKey } from '../state/keyspace.ts'
import type { KeyRange, KeyValueStore, StoreChange } from '../store/key-value-store.ts'
import { prefixRange } from '../store/prefix-range.ts'
import type { Append, AppendOutcome, BatchLog, LogBounds, StoredRecord } from './batch-log.ts'

/** Rows removed with one append, so that no append becomes a long one. */
const TRIM_ROWS_MAX = 64

export class EmbeddedLog implements BatchLog {
  readonly generation: Generation
  readonly #store: KeyValueStore
  #first: Sequence
  #last: Sequence

  private constructor(store: KeyValueStore, generation: Generation, bounds: LogBounds) {
    this.#store = store
    this.generation = generation
    this.#first = bounds.first
    this.#last = bounds.last
  }

  /** @param emptyAfter the last sequence ever used, should no row be left */
  static async open(store: KeyValueStore, generation: Generation, emptyAfter: Sequence): Promise<EmbeddedLog> {
    const range = logRange(0)
    const first = await firstSequence(store, range)
    const last = await firstSequence(store, { ...range, reverse: true })
    return new EmbeddedLog(store, generation, {
      first: first ?? ((emptyAfter + 1) as Sequence),
      last: last ?? emptyAfter,
    })
  }

  async bounds(): Promise<LogBounds> {
    return { first: this.#first, last: this.#last }
  }

  async *read(from: Sequence): AsyncIterableIterator<StoredRecord> {
    let expected = Math.max(from, this.#first)
    for await (const [key, bytes] of this.#store.scan(logRange(from))) {
      const sequence = sequenceOfKey(key)
      for (; expected < sequence; expected += 1) yield { sequence: expected as Sequence }
      yield { sequence, bytes }
      expected += 1
    }
  }

  async readAgain(sequence: Sequence): Promise<Uint8Array | undefined> {
    return this.#store.get(logKey(sequence))
  }

  async append({ record, changes, keepFrom }: Append): Promise<AppendOutcome> {
    const { position } = record.record
    if (position !== this.#last + 1) return 'fenced'
    const trimmed = Math.min(keepFrom, position, this.#first + TRIM_ROWS_MAX) as Sequence
    const rows: StoreChange[] = [{ key: logKey(position), value: record.bytes }]
    for (let sequence: number = this.#first; sequence < trimmed; sequence += 1)
      rows.push({ key: logKey(sequence), value: undefined })
    await this.#store.write([...rows, ...changes], { sync: true })
    this.#last = position
    this.#first = Math.max(this.#first, trimmed) as Sequence
    return 'appended'
  }
}

const logRange = (from: number): KeyRange => ({ ...prefixRange(logPrefix()), gte: logKey(from) })

const firstSequence = async (store: KeyValueStore, range: KeyRange): Promise<Sequence | undefined> => {
  for await (const key of store.scanKeys({ ...range, limit: 1 })) return sequenceOfKey(key)
  return undefined
}
