/**
 * An ordered map of byte keys that never changes: a batch of changes makes another one, which shares what it did not
 * touch. A snapshot is therefore just a reference.
 *
 * Rows lie in leaves of at most `LEAF_ROWS_MAX`; a change copies its leaf and the list of leaves, so it costs some
 * microseconds up to a million rows. That is enough for simulations and tests, for which this is made.
 */
import { compareBytes } from '@waggle/kernel'
import type { KeyRange, StoreChange, StoreRow } from './key-value-store.ts'

type Leaf = readonly StoreRow[]

const LEAF_ROWS_MAX = 128
/** Few, so that small tests meet several chunks. */
const CHUNK_ROWS = 8

/** The first index in `0…length` from which on `keyAt` is at or after `key`. */
const lowerBound = (length: number, keyAt: (index: number) => Uint8Array, key: Uint8Array): number => {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareBytes(keyAt(middle), key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

const rowAt = (leaf: Leaf, index: number): StoreRow => leaf[index] as StoreRow
const leafIndex = (leaf: Leaf, key: Uint8Array): number =>
  lowerBound(leaf.length, (index) => rowAt(leaf, index)[0], key)

/** The leaf that holds `key`, or would: the last one that does not start after it. */
const leafNumber = (leaves: readonly Leaf[], key: Uint8Array): number => {
  const firstKeyAt = (index: number): Uint8Array => rowAt(leaves[index] as Leaf, 0)[0]
  const next = lowerBound(leaves.length, firstKeyAt, key)
  const startsThere = next < leaves.length && compareBytes(firstKeyAt(next), key) === 0
  return startsThere ? next : Math.max(next - 1, 0)
}

/** Replaces one leaf by what is left of it after a change: none when it ran empty, two when it grew too large. */
const change = (leaves: Leaf[], { key, value }: StoreChange): void => {
  const number = leafNumber(leaves, key)
  const leaf = leaves[number] ?? []
  const index = leafIndex(leaf, key)
  const found = index < leaf.length && compareBytes(rowAt(leaf, index)[0], key) === 0
  if (value === undefined && !found) return
  // The copies belong to the map alone: the caller may use its buffers again.
  const inserted: StoreRow[] = value === undefined ? [] : [[new Uint8Array(key), new Uint8Array(value)]]
  const rows = leaf.toSpliced(index, found ? 1 : 0, ...inserted)
  const half = rows.length >>> 1
  const pieces = rows.length === 0 ? [] : rows.length > LEAF_ROWS_MAX ? [rows.slice(0, half), rows.slice(half)] : [rows]
  leaves.splice(number, 1, ...pieces)
}

export class SortedRows {
  static readonly empty = new SortedRows([])

  /** No leaf is empty. */
  readonly #leaves: readonly Leaf[]

  private constructor(leaves: readonly Leaf[]) {
    this.#leaves = leaves
  }

  /** These rows after `changes`, in their order. Keys and values are copied. */
  with(changes: readonly StoreChange[]): SortedRows {
    const leaves = [...this.#leaves]
    for (const each of changes) change(leaves, each)
    return new SortedRows(leaves)
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const leaf = this.#leaves[leafNumber(this.#leaves, key)] ?? []
    const row = leaf[leafIndex(leaf, key)]
    return row !== undefined && compareBytes(row[0], key) === 0 ? row[1] : undefined
  }

  *scan({ gte, lt, reverse = false, limit = Infinity }: KeyRange): Generator<StoreRow> {
    let left = limit
    for (const row of reverse ? this.#backwards(lt) : this.#forwards(gte)) {
      const beyond = reverse ? compareBytes(row[0], gte) < 0 : lt !== undefined && compareBytes(row[0], lt) >= 0
      if (beyond || left <= 0) return
      left -= 1
      yield row
    }
  }

  /** The same rows, some at a time. */
  *scanChunks(range: KeyRange): Generator<readonly StoreRow[]> {
    let chunk: StoreRow[] = []
    for (const row of this.scan(range)) {
      chunk.push(row)
      if (chunk.length < CHUNK_ROWS) continue
      yield chunk
      chunk = []
    }
    if (chunk.length > 0) yield chunk
  }

  *#forwards(gte: Uint8Array): Generator<StoreRow> {
    const first = leafNumber(this.#leaves, gte)
    for (let number = first; number < this.#leaves.length; number += 1) {
      const leaf = this.#leaves[number] as Leaf
      for (let index = number === first ? leafIndex(leaf, gte) : 0; index < leaf.length; index += 1) {
        yield rowAt(leaf, index)
      }
    }
  }

  *#backwards(lt: Uint8Array | undefined): Generator<StoreRow> {
    const last = lt === undefined ? this.#leaves.length - 1 : leafNumber(this.#leaves, lt)
    for (let number = Math.min(last, this.#leaves.length - 1); number >= 0; number -= 1) {
      const leaf = this.#leaves[number] as Leaf
      const end = number === last && lt !== undefined ? leafIndex(leaf, lt) : leaf.length
      for (let index = end - 1; index >= 0; index -= 1) yield rowAt(leaf, index)
    }
  }
}
