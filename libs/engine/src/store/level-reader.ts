/** Reading from LevelDB, of the newest state or of a snapshot. Every value is verified before it is given out (S4). */
import { assert, hexOf } from '@waggle/kernel'
import type { GetOptions, Level } from 'level'
import type { KeyRange, StoreReader, StoreRow } from './key-value-store.ts'
import { engineFault } from '../errors.ts'
import { levelFault } from './level-faults.ts'
import { unsealValue } from './value-seal.ts'

export type LevelDatabase = Level<Uint8Array, Uint8Array>
export type LevelSnapshotHandle = ReturnType<LevelDatabase['snapshot']>

/** How much one trip to the thread pool brings: at 16 kB, the default, a scan is less than half as fast. */
const FETCH_SIZE_BYTES = 1 << 20
const FETCH_ROWS_MAX = 4096
/**
 * The first trip brings few rows, and each further one eight times as many: who wants ten rows of a large table does
 * not wait for thousands.
 */
const FIRST_FETCH_ROWS = 32
const FETCH_GROWTH = 8

/** The part of LevelDB's iterators that is used; entries and keys have different classes there. */
interface NativeIterator<Item> {
  nextv(rowsMax: number): Promise<Item[]>
  close(): Promise<void>
}

/**
 * One pass over an iterator of LevelDB. The iterator exists, and has fixed what it sees, before the first `next`. It is
 * closed at the end, on `return` and after a fault, also when `next` was never called.
 */
class LevelScan<Item, Result> implements AsyncIterableIterator<Result> {
  readonly #native: NativeIterator<Item>
  readonly #result: (item: Item) => Result
  readonly #fault: (error: unknown) => Error
  #fetched: readonly Item[] = []
  #position = 0
  #rowsMax = FIRST_FETCH_ROWS
  #ended = false

  constructor(native: NativeIterator<Item>, result: (item: Item) => Result, fault: (error: unknown) => Error) {
    this.#native = native
    this.#result = result
    this.#fault = fault
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Result, undefined>> {
    if (this.#position === this.#fetched.length && !(await this.#fetch())) return this.return()
    try {
      const value = this.#result(this.#fetched[this.#position] as Item)
      this.#position += 1
      return { value, done: false }
    } catch (error) {
      await this.return()
      throw error
    }
  }

  async return(): Promise<IteratorResult<Result, undefined>> {
    if (!this.#ended) {
      this.#ended = true
      this.#fetched = []
      this.#position = 0
      await this.#native.close()
    }
    return { value: undefined, done: true }
  }

  /** Whether there is another row. */
  async #fetch(): Promise<boolean> {
    if (this.#ended) return false
    try {
      this.#fetched = await this.#native.nextv(this.#rowsMax)
      this.#position = 0
      this.#rowsMax = Math.min(this.#rowsMax * FETCH_GROWTH, FETCH_ROWS_MAX)
      return this.#fetched.length > 0
    } catch (error) {
      await this.return()
      throw this.#fault(error)
    }
  }
}

/** A key as a plain array of bytes, as the port promises: a `Buffer` slices without copying. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)

export class LevelReader implements StoreReader {
  readonly #database: LevelDatabase
  readonly #snapshot: LevelSnapshotHandle | undefined
  readonly #getOptions: GetOptions<Uint8Array, Uint8Array> | undefined

  constructor(database: LevelDatabase, snapshot?: LevelSnapshotHandle) {
    this.#database = database
    this.#snapshot = snapshot
    this.#getOptions = snapshot && { keyEncoding: 'view', valueEncoding: 'view', snapshot }
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#assertOpen()
    const sealed = this.#getSealed(key)
    return sealed === undefined ? undefined : this.#unseal(key, sealed)
  }

  scan(range: KeyRange): AsyncIterableIterator<StoreRow> {
    this.#assertOpen()
    const native = this.#database.iterator(this.#rangeOptions(range))
    const row = ([key, sealed]: [Uint8Array, Uint8Array]): StoreRow => [plain(key), this.#unseal(key, sealed)]
    return new LevelScan(native, row, (error) => this.#fault(error))
  }

  scanKeys(range: KeyRange): AsyncIterableIterator<Uint8Array> {
    this.#assertOpen()
    const native = this.#database.keys(this.#rangeOptions(range))
    return new LevelScan(native, plain, (error) => this.#fault(error))
  }

  #rangeOptions({ gte, lt, reverse = false, limit }: KeyRange) {
    return {
      gte,
      ...(lt && { lt }),
      ...(limit !== undefined && { limit }),
      ...(this.#snapshot && { snapshot: this.#snapshot }),
      reverse,
      highWaterMarkBytes: FETCH_SIZE_BYTES,
    }
  }

  #getSealed(key: Uint8Array): Uint8Array | undefined {
    try {
      return this.#getOptions ? this.#database.getSync(key, this.#getOptions) : this.#database.getSync(key)
    } catch (error) {
      throw this.#fault(error)
    }
  }

  #unseal(key: Uint8Array, sealed: Uint8Array): Uint8Array {
    const value = unsealValue(key, sealed)
    if (value !== undefined) return value
    const details = { path: this.#database.location, key: hexOf(key) }
    throw engineFault('CORRUPT', `a stored value fails its checksum key=${details.key}`, details)
  }

  #fault(error: unknown): Error {
    this.#assertOpen()
    return levelFault(this.#database.location, error)
  }

  #assertOpen(): void {
    assert(this.#database.status === 'open', 'the store is closed')
  }
}
