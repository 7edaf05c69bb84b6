/** The store of simulations and unit tests: all in memory, the same answers as the real one, no faults of its own. */
import { assert } from '@waggle/kernel'
import type { KeyRange, KeyValueStore, StoreChange, StoreReader, StoreRow, StoreSnapshot } from './key-value-store.ts'
import { SortedRows } from './sorted-rows.ts'

/** Reads whatever `rows` gives at the moment of each call; `rows` throws when the store or the snapshot is closed. */
class MemoryReader implements StoreReader {
  readonly #rows: () => SortedRows

  constructor(rows: () => SortedRows) {
    this.#rows = rows
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#rows().get(key)
  }

  scan(range: KeyRange): AsyncIterableIterator<StoreRow> {
    return arriving(this.#rows().scan(range))
  }

  scanChunks(range: KeyRange): AsyncIterableIterator<readonly StoreRow[]> {
    return arriving(this.#rows().scanChunks(range))
  }

  scanKeys(range: KeyRange): AsyncIterableIterator<Uint8Array> {
    return arriving(keysOf(this.#rows().scan(range)))
  }
}

function* keysOf(rows: Iterable<StoreRow>): Generator<Uint8Array> {
  for (const [key] of rows) yield key
}

async function* arriving<Item>(items: Iterable<Item>): AsyncIterableIterator<Item> {
  yield* items
}

/** A write takes effect at once, in the call, and resolves in a later microtask, in the order of the calls. */
export class MemoryStore extends MemoryReader implements KeyValueStore {
  #rows = SortedRows.empty
  #closed = false

  constructor() {
    super(() => this.#open())
  }

  async write(changes: readonly StoreChange[], _options: { readonly sync: boolean }): Promise<void> {
    const rows = this.#open()
    for (const { key } of changes) assert(key.length > 0, 'a key is empty')
    this.#rows = rows.with(changes)
  }

  snapshot(): StoreSnapshot {
    const rows = this.#open()
    let closed = false
    const reader = new MemoryReader(() => {
      assert(!closed && !this.#closed, 'the snapshot or its store is closed')
      return rows
    })
    return Object.assign(reader, {
      close: async () => {
        closed = true
      },
    })
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #open(): SortedRows {
    assert(!this.#closed, 'the store is closed')
    return this.#rows
  }
}
