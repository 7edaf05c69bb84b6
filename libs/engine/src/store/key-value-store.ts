/**
 * The port to the ordered store that holds the state: LevelDB in production, a sorted map in memory for simulation.
 *
 * Invariants that every implementation keeps (checked by `testing/key-value-store.contract.ts`):
 *
 * S1  A `write` is all or nothing, also across kill -9.
 * S2  Writes take effect in the order in which `write` was called, and a write with `sync: true` that has resolved
 *     survives a power cut together with everything before it.
 * S3  Keys are ordered bytewise.
 * S4  A value that comes out is, byte for byte, the one that went in under that very key, or reading fails with
 *     `CORRUPT`: a damaged value is never returned and never taken for an absent one.
 * S5  A snapshot sees every write that had resolved when it was made and none that was begun after it; one that was
 *     under way it sees whole or not at all.
 */

/** One change of a batch: `value: undefined` deletes the key. */
export interface StoreChange {
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/** A range of keys, ascending unless `reverse`. */
export interface KeyRange {
  /** First key, inclusive. */
  readonly gte: Uint8Array
  /** End, exclusive; absent: to the last key. */
  readonly lt?: Uint8Array
  readonly reverse?: boolean
  /** At most so many rows; absent: all. */
  readonly limit?: number
}

export type StoreRow = readonly [key: Uint8Array, value: Uint8Array]

/** Reads, either of the newest state or of a snapshot. */
export interface StoreReader {
  /**
   * The value under `key`, or `undefined`. Synchronous: decisions are made in one turn of the event loop, and a point
   * read of a warm store costs 3-7 µs. The bytes must not be changed by the caller.
   * @throws Fault `CORRUPT` when the value fails its checksum.
   */
  get(key: Uint8Array): Uint8Array | undefined
  /** The rows of a range as of the moment of the call. @throws Fault `CORRUPT` as `get`. */
  scan(range: KeyRange): AsyncIterableIterator<StoreRow>
  /**
   * The same rows some hundred at a time, for whoever reads all of them: a promise for each row would cost more than
   * the row. While one chunk is worked on, the next one is on its way; between two chunks the event loop runs.
   */
  scanChunks(range: KeyRange): AsyncIterableIterator<readonly StoreRow[]>
  /** The keys of a range alone, without reading their values. */
  scanKeys(range: KeyRange): AsyncIterableIterator<Uint8Array>
}

/** A view that does not change; close it soon, an open one keeps old data from being reclaimed. */
export interface StoreSnapshot extends StoreReader {
  close(): Promise<void>
}

export interface KeyValueStore extends StoreReader {
  /** @throws Fault `STORAGE_FAILED` when the write may not have happened; the store then accepts no further write. */
  write(changes: readonly StoreChange[], options: { readonly sync: boolean }): Promise<void>
  snapshot(): StoreSnapshot
  /** Waits for writes under way, then releases everything; a second call does nothing. */
  close(): Promise<void>
}
