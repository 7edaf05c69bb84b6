/**
 * A log in memory, shared by the replicas that open it: what a simulation and the tests of replay run on. Durable as
 * long as the `MemoryStream` lives, however often replicas are lost.
 */
import type { Generation, Sequence } from '@waggle/protocol'
import type { KeyValueStore } from '../store/key-value-store.ts'
import type { Append, AppendOutcome, BatchLog, LogBounds, StoredRecord } from './batch-log.ts'

/** The records themselves. */
export class MemoryStream {
  readonly generation: Generation
  #first = 1
  readonly #records: (Uint8Array | undefined)[] = []

  constructor(generation: Generation) {
    this.generation = generation
  }

  bounds(): LogBounds {
    return { first: this.#first as Sequence, last: (this.#first + this.#records.length - 1) as Sequence }
  }

  at(sequence: number): Uint8Array | undefined {
    return this.#records[sequence - this.#first]
  }

  push(bytes: Uint8Array): void {
    this.#records.push(bytes)
  }

  /** Loses or replaces a record, as a disk might. */
  damage(sequence: number, bytes: Uint8Array | undefined): void {
    this.#records[sequence - this.#first] = bytes
  }

  /** Drops the records below `from`. */
  purge(from: Sequence): void {
    const count = Math.min(Math.max(0, from - this.#first), this.#records.length)
    this.#records.splice(0, count)
    this.#first += count
  }
}

/** One replica's way to the stream, with the store that its appends change. */
export class MemoryLog implements BatchLog {
  readonly #stream: MemoryStream
  readonly #store: KeyValueStore

  constructor(stream: MemoryStream, store: KeyValueStore) {
    this.#stream = stream
    this.#store = store
  }

  get generation(): Generation {
    return this.#stream.generation
  }

  async bounds(): Promise<LogBounds> {
    return this.#stream.bounds()
  }

  async *read(from: Sequence): AsyncIterableIterator<StoredRecord> {
    const { first, last } = this.#stream.bounds()
    for (let sequence = Math.max(from, first); sequence <= last; sequence += 1) {
      const bytes = this.#stream.at(sequence)
      yield await Promise.resolve({ sequence: sequence as Sequence, ...(bytes === undefined ? {} : { bytes }) })
    }
  }

  async readAgain(sequence: Sequence): Promise<Uint8Array | undefined> {
    return this.#stream.at(sequence)
  }

  async append({ record, changes, onLogged }: Append): Promise<AppendOutcome> {
    if (record.record.position !== this.#stream.bounds().last + 1) return 'fenced'
    this.#stream.push(record.bytes)
    onLogged?.()
    await this.#store.write(changes, { sync: false })
    return 'appended'
  }
}
