/**
 * Passes over an iterator of LevelDB. The iterator exists, and has fixed what it sees, before the first `next`; it is
 * closed at the end, on `return` and after a fault, also when `next` was never called.
 */

/** How much one trip to the thread pool brings: at 16 kB, LevelDB's default, a pass is less than half as fast. */
export const FETCH_SIZE_BYTES = 1 << 20

/** The part of LevelDB's iterators that is used; entries and keys have different classes there. */
interface NativeIterator<Item> {
  nextv(rowsMax: number): Promise<Item[]>
  close(): Promise<void>
}

export interface LevelScanParts<Item, Result> {
  readonly native: NativeIterator<Item>
  /** What is given out for an item. @throws Fault `CORRUPT` */
  readonly result: (item: Item) => Result
  /** What an error of LevelDB is. */
  readonly fault: (error: unknown) => Error
}

/** A page of items: none at the end. */
class Pages<Item> {
  readonly #native: NativeIterator<Item>
  readonly #fault: (error: unknown) => Error
  #closed = false

  constructor({ native, fault }: Pick<LevelScanParts<Item, unknown>, 'native' | 'fault'>) {
    this.#native = native
    this.#fault = fault
  }

  async next(rowsMax: number): Promise<readonly Item[]> {
    if (this.#closed) return []
    try {
      return await this.#native.nextv(rowsMax)
    } catch (error) {
      await this.close()
      throw this.#fault(error)
    }
  }

  /** Waits for a trip under way. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#native.close()
  }
}

const PAGE_ROWS_MAX = 4096
/**
 * The first trip brings few rows, and each further one eight times as many: who wants ten rows of a large table does
 * not wait for thousands.
 */
const FIRST_PAGE_ROWS = 32
const PAGE_GROWTH = 8

/** Row by row, for whoever may break off. */
export class LevelScan<Item, Result> implements AsyncIterableIterator<Result> {
  readonly #pages: Pages<Item>
  readonly #result: (item: Item) => Result
  #page: readonly Item[] = []
  #position = 0
  #rowsMax = FIRST_PAGE_ROWS

  constructor(parts: LevelScanParts<Item, Result>) {
    this.#pages = new Pages(parts)
    this.#result = parts.result
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Result, undefined>> {
    if (this.#position === this.#page.length && !(await this.#turn())) return this.return()
    try {
      const value = this.#result(this.#page[this.#position] as Item)
      this.#position += 1
      return { value, done: false }
    } catch (error) {
      await this.return()
      throw error
    }
  }

  async return(): Promise<IteratorResult<Result, undefined>> {
    this.#page = []
    this.#position = 0
    await this.#pages.close()
    return { value: undefined, done: true }
  }

  /** Whether there is another row. */
  async #turn(): Promise<boolean> {
    this.#page = await this.#pages.next(this.#rowsMax)
    this.#position = 0
    this.#rowsMax = Math.min(this.#rowsMax * PAGE_GROWTH, PAGE_ROWS_MAX)
    return this.#page.length > 0
  }
}

/**
 * So few that they are garbage before the collector moves them: with 1,024 an index of 10,000 vectors is built no
 * faster, and the process keeps 14 MB more (measured). Of large rows FETCH_SIZE_BYTES make fewer.
 */
const CHUNK_ROWS_MAX = 128

/** Page by page, for whoever reads to the end: the next page is on its way while one is worked on. */
export class LevelChunks<Item, Result> implements AsyncIterableIterator<readonly Result[]> {
  readonly #pages: Pages<Item>
  readonly #result: (item: Item) => Result
  #ahead: Promise<readonly Item[]> | undefined

  constructor(parts: LevelScanParts<Item, Result>) {
    this.#pages = new Pages(parts)
    this.#result = parts.result
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<readonly Result[], undefined>> {
    const page = await (this.#ahead ?? this.#pages.next(CHUNK_ROWS_MAX))
    if (page.length === 0) return this.return()
    this.#ahead = this.#pages.next(CHUNK_ROWS_MAX)
    // Whoever breaks off does not ask for it.
    this.#ahead.catch(() => undefined)
    try {
      return { value: page.map(this.#result), done: false }
    } catch (error) {
      await this.return()
      throw error
    }
  }

  async return(): Promise<IteratorResult<readonly Result[], undefined>> {
    await this.#pages.close()
    this.#ahead = undefined
    return { value: undefined, done: true }
  }
}
