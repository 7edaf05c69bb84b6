/**
 * What reads see: the state as of the newest batch that was applied, and nothing of the one that is being written.
 *
 * The store itself would not do: between two point reads of one query, a write may reach it from another thread.
 *
 * R1  A reading sees one moment from beginning to end, so it never meets half a batch (P3), nor a record without its
 *     embedding.
 * R2  That moment has a sequence, which the answer's token names (P5), and it is the moment of the indexes too.
 * R3  Closing waits for the readings that were begun.
 */
import type { Sequence } from '@waggle/protocol'
import type { KeyValueStore, StoreReader, StoreSnapshot } from '../store/key-value-store.ts'

/** One moment of the state, kept as long as it is the newest or somebody reads it. */
interface Moment {
  readonly snapshot: StoreSnapshot
  readonly sequence: Sequence
  readings: number
}

/** What one query sees. */
export interface Reading {
  readonly state: StoreReader
  /** The newest record whose effects it sees. */
  readonly sequence: Sequence
  /** Moves on to the newest moment; what was read before belongs to an older one. */
  renew(): void
}

export class AppliedState {
  readonly #store: KeyValueStore
  #newest: Moment
  readonly #releasing = new Set<Promise<void>>()
  #readings = 0
  #onIdle: (() => void) | undefined

  /** @param sequence the record that the store has reached */
  constructor(store: KeyValueStore, sequence: Sequence) {
    this.#store = store
    this.#newest = { snapshot: store.snapshot(), sequence, readings: 0 }
  }

  /** Called when a batch is in the store and no other one is on its way: reads that begin from now on see it. */
  advance(sequence: Sequence): void {
    const before = this.#newest
    this.#newest = { snapshot: this.#store.snapshot(), sequence, readings: 0 }
    if (before.readings === 0) this.#release(before)
  }

  /** Runs `use` over the newest moment. */
  async read<Result>(use: (reading: Reading) => Promise<Result> | Result): Promise<Result> {
    let moment = this.#hold()
    const renew = (): void => {
      if (moment === this.#newest) return
      this.#letGo(moment)
      moment = this.#hold()
    }
    this.#readings += 1
    try {
      return await use({
        get state() {
          return moment.snapshot
        },
        get sequence() {
          return moment.sequence
        },
        renew,
      })
    } finally {
      this.#letGo(moment)
      this.#readings -= 1
      if (this.#readings === 0) this.#onIdle?.()
    }
  }

  /** R3. Nothing may be read or applied afterwards. */
  async close(): Promise<void> {
    if (this.#readings > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
    this.#release(this.#newest)
    await Promise.all(this.#releasing)
  }

  #hold(): Moment {
    this.#newest.readings += 1
    return this.#newest
  }

  #letGo(moment: Moment): void {
    moment.readings -= 1
    if (moment.readings === 0 && moment !== this.#newest) this.#release(moment)
  }

  #release({ snapshot }: Moment): void {
    const released = snapshot.close().then(() => {
      this.#releasing.delete(released)
    })
    this.#releasing.add(released)
  }
}
