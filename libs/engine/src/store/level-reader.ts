/** Reading from LevelDB, of the newest state or of a snapshot. Every value is verified before it is given out (S4). */
import { assert, hexOf } from '@waggle/kernel'
import type { GetOptions, Level } from 'level'
import type { KeyRange, StoreReader, StoreRow } from './key-value-store.ts'
import { engineFault } from '../errors.ts'
import { levelFault } from './level-faults.ts'
import { FETCH_SIZE_BYTES, LevelChunks, LevelScan, type LevelScanParts } from './level-scan.ts'
import { unsealValue } from './value-seal.ts'

export type LevelDatabase = Level<Uint8Array, Uint8Array>
export type LevelSnapshotHandle = ReturnType<LevelDatabase['snapshot']>

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
    this.assertOpen()
    const sealed = this.#getSealed(key)
    return sealed === undefined ? undefined : this.#unseal(key, sealed)
  }

  scan(range: KeyRange): AsyncIterableIterator<StoreRow> {
    return new LevelScan(this.#rowsIn(range))
  }

  scanChunks(range: KeyRange): AsyncIterableIterator<readonly StoreRow[]> {
    return new LevelChunks(this.#rowsIn(range))
  }

  scanKeys(range: KeyRange): AsyncIterableIterator<Uint8Array> {
    this.assertOpen()
    const native = this.#database.keys(this.#rangeOptions(range))
    return new LevelScan({ native, result: plain, fault: (error) => this.#fault(error) })
  }

  #rowsIn(range: KeyRange): LevelScanParts<[Uint8Array, Uint8Array], StoreRow> {
    this.assertOpen()
    return {
      native: this.#database.iterator(this.#rangeOptions(range)),
      result: ([key, sealed]) => [plain(key), this.#unseal(key, sealed)],
      fault: (error) => this.#fault(error),
    }
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
    this.assertOpen()
    return levelFault(this.#database.location, error)
  }

  protected assertOpen(): void {
    assert(this.#database.status === 'open', 'the store is closed')
  }
}
