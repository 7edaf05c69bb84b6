/**
 * The state of one replica on a disk that can fail (port: `KeyValueStore`).
 *
 * T1  What was written lives in the machine's memory until it is synced: it outlives the process, not a power cut.
 * T2  A power cut leaves what was synced and, of the rest, a beginning; the last batch of it may be torn, which a
 *     store's own checksums turn into none at all. Rarely a batch in the middle is gone (DESIGN K2).
 * T3  A sync that fails breaks the store: it takes no further write.
 */
import {
  SortedRows,
  type KeyRange,
  type KeyValueStore,
  type StoreChange,
  type StoreRow,
  type StoreSnapshot,
} from '@waggle/engine'
import { assert, Fault } from '@waggle/kernel'
import type { Dice } from '../world/dice.ts'
import type { SimulatedProcess } from '../world/process.ts'
import type { FaultCounts } from '../faults/fault-counts.ts'

export interface DiskRates {
  readonly writeMs: number
  readonly syncMs: number
  readonly failedSyncRate: number
  /** Of power cuts: how many lose a batch in the middle. */
  readonly lostMiddleRate: number
  readonly slowRate: number
}

export const goodDisk: DiskRates = { writeMs: 0.05, syncMs: 1, failedSyncRate: 0, lostMiddleRate: 0, slowRate: 0 }

/** What lies on the disk of a machine, for one state: it outlives processes. */
export class Platter {
  synced = SortedRows.empty
  rows = SortedRows.empty
  #unsynced: (readonly StoreChange[])[] = []

  write(changes: readonly StoreChange[]): void {
    this.rows = this.rows.with(changes)
    this.#unsynced.push(changes)
  }

  sync(): void {
    this.synced = this.rows
    this.#unsynced = []
  }

  /** T2. */
  cutPower(dice: Dice, rates: DiskRates, faults: FaultCounts): void {
    const batches = this.#unsynced
    const kept = batches.slice(0, dice.below(batches.length + 1))
    if (kept.length < batches.length) faults.hit(dice.chance(0.5) ? 'tornWrite' : 'lostTail')
    if (kept.length > 2 && dice.chance(rates.lostMiddleRate)) {
      faults.hit('lostMiddle')
      kept.splice(dice.below(kept.length - 1), 1)
    }
    this.rows = kept.reduce((rows, changes) => rows.with(changes), this.synced)
    this.sync()
  }
}

interface StoreParts {
  readonly platter: Platter
  readonly process: SimulatedProcess
  readonly dice: Dice
  readonly rates: () => DiskRates
  readonly faults: FaultCounts
}

export class SimulatedStore implements KeyValueStore {
  readonly #parts: StoreParts
  #isOpen = true
  #isBroken = false
  #writes: Promise<void> = Promise.resolve()

  constructor(parts: StoreParts) {
    this.#parts = parts
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#rows.get(key)
  }

  scan(range: KeyRange): AsyncIterableIterator<StoreRow> {
    return arriving(this.#rows.scan(range))
  }

  scanChunks(range: KeyRange): AsyncIterableIterator<readonly StoreRow[]> {
    return arriving(this.#rows.scanChunks(range))
  }

  scanKeys(range: KeyRange): AsyncIterableIterator<Uint8Array> {
    return arriving(keysOf(this.#rows.scan(range)))
  }

  async write(changes: readonly StoreChange[], { sync }: { readonly sync: boolean }): Promise<void> {
    const { platter } = this.#parts
    assert(this.#isOpen, 'the store is closed')
    if (this.#isBroken) throw failed()
    const before = this.#writes
    const written = this.#last(sync)
    this.#writes = before.then(() => written)
    await this.#writes
    if (!this.#mayWrite(sync)) {
      this.#isBroken = true
      throw failed()
    }
    platter.write(changes)
    if (sync) platter.sync()
  }

  snapshot(): StoreSnapshot {
    return snapshotOf(this.#rows)
  }

  async close(): Promise<void> {
    await this.#writes
    this.#isOpen = false
  }

  /** Resolves when the disk has done it. */
  #last(sync: boolean): Promise<void> {
    const { process, dice, rates, faults } = this.#parts
    const { writeMs, syncMs, slowRate } = rates()
    const isSlow = dice.chance(slowRate)
    if (isSlow) faults.hit('slowDisk')
    const durationMs = dice.around(sync ? syncMs : writeMs) * (isSlow ? 100 : 1)
    return new Promise((resolve) => process.planFor('message', durationMs, 'disk', resolve))
  }

  /** T3. */
  #mayWrite(sync: boolean): boolean {
    const { dice, rates, faults } = this.#parts
    if (this.#isBroken) return false
    if (!sync || !dice.chance(rates().failedSyncRate)) return true
    faults.hit('failedSync')
    return false
  }

  get #rows(): SortedRows {
    assert(this.#isOpen, 'the store is closed')
    return this.#parts.platter.rows
  }
}

const snapshotOf = (rows: SortedRows): StoreSnapshot => ({
  get: (key) => rows.get(key),
  scan: (range) => arriving(rows.scan(range)),
  scanChunks: (range) => arriving(rows.scanChunks(range)),
  scanKeys: (range) => arriving(keysOf(rows.scan(range))),
  close: () => Promise.resolve(),
})

/** What lies on a disk, for whoever only looks. */
export const lookAt = ({ rows }: Platter): KeyValueStore => ({
  ...snapshotOf(rows),
  snapshot: () => snapshotOf(rows),
  write: () => Promise.reject(failed()),
})

const failed = (): Fault =>
  new Fault({ code: 'STORAGE_FAILED', kind: 'unavailable', message: 'the disk failed', details: {} })

async function* arriving<Item>(items: Iterable<Item>): AsyncIterableIterator<Item> {
  yield* items
}

function* keysOf(rows: Iterable<StoreRow>): Generator<Uint8Array> {
  for (const [key] of rows) yield key
}
