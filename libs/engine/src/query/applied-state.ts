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
import { rememberCollectives } from '../memory/collective/remembered-collectives.ts'
import type { KeyValueStore, StoreReader, StoreSnapshot } from '../store/key-value-store.ts'

/** One moment of the state, kept as long as it is the newest or somebody reads it. */
interface Moment {
  readonly snapshot: StoreSnapshot
  readonly sequence: Sequence
  readings: number
}

const momentOf = (store: KeyValueStore, sequence: Sequence): Moment => {
  const snapshot = store.snapshot()
  rememberCollectives(snapshot)
  return { snapshot, sequence, readings: 0 }
}

/** What one query sees. */
export interface Reading {
  readonly state: StoreReader
  /** The newest record whose effects it sees. */
  readonly sequence: Sequence
  /** Moves on to the newest moment; what was read before belongs to an older one. */
  renew(): void
}

/** Whose moments are held. */
interface Holder {
  hold(): Moment
  letGo(moment: Moment): void
}

/** A class, and no object of closures: there is one for every read. */
class HeldReading implements Reading {
  readonly #holder: Holder
  #moment: Moment

  constructor(holder: Holder) {
    this.#holder = holder
    this.#moment = holder.hold()
  }

  get state(): StoreReader {
    return this.#moment.snapshot
  }

  get sequence(): Sequence {
    return this.#moment.sequence
  }

  renew(): void {
    const newest = this.#holder.hold()
    this.end()
    this.#moment = newest
  }

  end(): void {
    this.#holder.letGo(this.#moment)
  }
}

export class AppliedState {
  readonly #store: KeyValueStore
  #newest: Moment
  readonly #releasing = new Set<Promise<void>>()
  #readings = 0
  #onIdle: (() => void) | undefined
  readonly #holder: Holder = {
    hold: () => {
      this.#newest.readings += 1
      return this.#newest
    },
    letGo: (moment) => {
      moment.readings -= 1
      if (moment.readings === 0 && moment !== this.#newest) this.#release(moment)
    },
  }

  /** @param sequence the record that the store has reached */
  constructor(store: KeyValueStore, sequence: Sequence) {
    this.#store = store
    this.#newest = momentOf(store, sequence)
  }

  /** Called when a batch is in the store and no other one is on its way: reads that begin from now on see it. */
  advance(sequence: Sequence): void {
    const before = this.#newest
    this.#newest = momentOf(this.#store, sequence)
    if (before.readings === 0) this.#release(before)
  }

  /**
   * Runs `use` over the newest moment, which is held until it has returned, or until the promise that it returned is
   * settled. What it returns is returned: a read that waits for nothing is answered without a promise.
   */
  read<Result>(use: (reading: Reading) => Result): Result {
    const reading = new HeldReading(this.#holder)
    this.#readings += 1
    let isWaiting = false
    try {
      const result = use(reading)
      if (!(result instanceof Promise)) return result
      isWaiting = true
      return result.finally(() => this.#end(reading)) as Result
    } finally {
      if (!isWaiting) this.#end(reading)
    }
  }

  /** R3. Nothing may be read or applied afterwards. */
  async close(): Promise<void> {
    if (this.#readings > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
    this.#release(this.#newest)
    await Promise.all(this.#releasing)
  }

  #end(reading: HeldReading): void {
    reading.end()
    this.#readings -= 1
    if (this.#readings === 0) this.#onIdle?.()
  }

  #release({ snapshot }: Moment): void {
    const released = snapshot.close().then(() => {
      this.#releasing.delete(released)
    })
    this.#releasing.add(released)
  }
}
