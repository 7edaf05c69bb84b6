/**
 * The store over LevelDB. S1-S5 are the port's; how they are kept here:
 *
 * S1  One chained batch is one record of the write-ahead log.
 * S2  The batches are handed to LevelDB one at a time: two at once would race in the thread pool. A failed one ends
 *     writing, because LevelDB itself would go on after it. `syncLogs` flushes what LevelDB leaves behind.
 * S4  `verifyLevelFiles` runs before LevelDB sees the files, and each value carries a checksum (`value-seal.ts`).
 *
 * An empty write with `sync: true` flushes all writes before it. It leaves a deletion of the empty key, which is why no
 * key may be empty.
 */
import { realpath } from 'node:fs/promises'
import { assert, type Fault } from '@waggle/kernel'
import { Level } from 'level'
import type { KeyValueStore, StoreChange, StoreSnapshot } from './key-value-store.ts'
import { engineFault } from '../errors.ts'
import { makeDurableDirectory } from './durable-directory.ts'
import { holdPath } from './held-paths.ts'
import { levelFault, missingFile, unreadableFile } from './level-faults.ts'
import { verifyLevelFiles, type LevelFilesReport } from './level-files.ts'
import { syncLogs } from './level-log-sync.ts'
import { LevelReader, type LevelDatabase } from './level-reader.ts'
import { RowCache } from './row-cache.ts'
import { sealValue } from './value-seal.ts'
import { WRITE_BUFFER_BYTES } from './write-buffer.ts'

const LEVEL_OPTIONS = {
  keyEncoding: 'view',
  valueEncoding: 'view',
  // Embeddings do not compress; the rest would save a fifth of the disk and cost time on every read.
  compression: false,
  writeBufferSize: WRITE_BUFFER_BYTES,
  maxFileSize: 8 << 20,
} as const

const CACHE_BYTES_DEFAULT = 64 << 20
/** For some thousand records that are asked for again and again, with their embeddings. */
const ROW_CACHE_BYTES = 8 << 20

/** See the empty write above. */
const NO_KEY = new Uint8Array(0)

export interface LevelStoreOptions {
  /** False when the database must be there already: its absence is then `CORRUPT`. Default: true. */
  readonly createIfMissing?: boolean
  /** Bytes of blocks kept in memory; default 64 MiB. */
  readonly cacheBytes?: number
}

class LevelSnapshot extends LevelReader implements StoreSnapshot {
  readonly #close: () => Promise<void>
  readonly #cache: RowCache
  readonly #moment: number
  readonly #read = (key: Uint8Array): Uint8Array | undefined => super.get(key)

  constructor(database: LevelDatabase, cache: RowCache) {
    const snapshot = database.snapshot()
    super(database, snapshot)
    this.#close = async () => snapshot.close()
    this.#cache = cache
    this.#moment = cache.moment
  }

  override get(key: Uint8Array): Uint8Array | undefined {
    if (this.#moment !== this.#cache.moment) return super.get(key)
    this.assertOpen()
    return this.#cache.value(key, this.#read)
  }

  async close(): Promise<void> {
    return this.#close()
  }
}

type Batch = ReturnType<LevelDatabase['batch']>

export class LevelStore extends LevelReader implements KeyValueStore {
  /** What was verified when the store was opened. */
  readonly files: LevelFilesReport
  readonly #database: LevelDatabase
  readonly #release: () => void
  /** Settles when all writes so far have; never rejects. */
  #writes: Promise<void> = Promise.resolve()
  #failure: Fault | undefined
  /** S2: whether anything was written without `sync` after the last write with it. */
  #unsynced = false
  /** Writes under way. */
  #writing = 0
  readonly #cache = new RowCache(ROW_CACHE_BYTES)
  #closing: Promise<void> | undefined

  /** Use `openLevelStore`. */
  constructor(database: LevelDatabase, files: LevelFilesReport, release: () => void) {
    super(database)
    this.#database = database
    this.files = files
    this.#release = release
  }

  async write(changes: readonly StoreChange[], { sync }: { readonly sync: boolean }): Promise<void> {
    assert(this.#closing === undefined, 'the store is closed')
    if (this.#failure !== undefined) throw this.#refusal()
    // The batch copies, so the caller may use its buffers again as soon as the call has returned.
    const batch = this.#database.batch()
    for (const { key, value } of changes) {
      assert(key.length > 0, 'a key is empty')
      if (value === undefined) batch.del(key)
      else batch.put(key, sealValue(key, value))
    }
    if (changes.length === 0 && sync) batch.del(NO_KEY)
    this.#cache.write(changes)
    this.#writing += 1
    // S2
    const written = this.#writes.then(async () => this.#commit(batch, sync))
    this.#writes = written.catch(() => undefined)
    return written
  }

  snapshot(): StoreSnapshot {
    assert(this.#closing === undefined, 'the store is closed')
    this.#cache.nextMoment(this.#writing === 0)
    return new LevelSnapshot(this.#database, this.#cache)
  }

  async close(): Promise<void> {
    this.#closing ??= this.#shutDown()
    return this.#closing
  }

  async #commit(batch: Batch, sync: boolean): Promise<void> {
    if (this.#failure !== undefined) {
      await batch.close()
      throw this.#refusal()
    }
    try {
      await batch.write({ sync })
      if (sync && this.#unsynced) await syncLogs(this.#database.location)
      this.#unsynced = !sync
      this.#writing -= 1
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      const details = { path: this.#database.location, cause: message }
      this.#failure = engineFault('STORAGE_FAILED', `a write failed: ${message}`, details, { cause })
      throw this.#failure
    }
  }

  #refusal(): Fault {
    const details = { path: this.#database.location }
    const refusal = 'nothing is written after a failed write'
    return engineFault('STORAGE_FAILED', refusal, details, { cause: this.#failure })
  }

  async #shutDown(): Promise<void> {
    await this.#writes
    try {
      await this.#database.close()
    } finally {
      this.#release()
    }
  }
}

/**
 * Opens the database in `directory`, or makes one. The caller holds the folder around it (`acquireFolderLock`). Costs
 * the verification of all files: 60-130 ms for each 100 MB that the operating system has in its cache.
 * @throws Fault `CORRUPT` when anything is damaged or missing
 * @throws Fault `DATABASE_LOCKED` when this or another process has the database open
 * @throws Fault `STORAGE_FAILED` when the directory cannot be used for want of rights or room
 */
export const openLevelStore = async (
  directory: string,
  { createIfMissing = true, cacheBytes: cacheSize = CACHE_BYTES_DEFAULT }: LevelStoreOptions = {},
): Promise<LevelStore> => {
  if (createIfMissing) {
    await makeDurableDirectory(directory).catch((error: unknown) => {
      throw levelFault(directory, error)
    })
  }
  const location = await realpath(directory).catch((error: unknown) => {
    throw unreadableFile(directory, error)
  })
  const release = holdPath(location)
  if (release === undefined) {
    throw engineFault('DATABASE_LOCKED', `this process has the database open path=${location}`, { path: location })
  }
  try {
    const files = await verifyLevelFiles(location)
    if (!files.exists && !createIfMissing) throw missingFile(location, 'there is no database')
    const database: LevelDatabase = new Level(location, { ...LEVEL_OPTIONS, cacheSize, createIfMissing: !files.exists })
    await database.open().catch((error: unknown) => {
      throw levelFault(location, error)
    })
    return new LevelStore(database, files, release)
  } catch (error) {
    release()
    throw error
  }
}
