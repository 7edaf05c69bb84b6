/**
 * One bound on the memory of all indexes of a store, whatever they are indexes of (P11).
 *
 * M1  Beyond the bound the index that was unused for longest goes first. What is in use stays, and so does the one that
 *     was used last, however large it is: else it would be built anew for every search.
 * M2  What an index takes is asked for when it is used or changed, never by going through all of them.
 */

/** Half of what a small machine has; 100,000 experiences of 384 dimensions with their words take about a quarter. */
export const INDEX_BYTES_MAX_DEFAULT = 1024 * 1024 * 1024

/** What takes memory and can be had again. */
export interface Evictable {
  readonly bytes: number
  readonly isInUse: boolean
  /** It must go, and is not in the budget any more. */
  drop(): void
}

export class IndexBudget {
  readonly #bytesMax: number
  /** What each was last known to take, in order of last use. */
  readonly #known = new Map<Evictable, number>()
  #bytes = 0
  #last: Evictable | undefined

  constructor(bytesMax = INDEX_BYTES_MAX_DEFAULT) {
    this.#bytesMax = bytesMax
  }

  /** What all of them take. */
  get bytes(): number {
    return this.#bytes
  }

  /** Now this one is the one that was used last. */
  touch(entry: Evictable): void {
    this.forget(entry)
    this.#note(entry)
    this.#last = entry
  }

  /** It has changed. */
  measure(entry: Evictable): void {
    const known = this.#known.get(entry)
    if (known === undefined) return
    this.#bytes -= known
    this.#note(entry)
  }

  forget(entry: Evictable): void {
    this.#bytes -= this.#known.get(entry) ?? 0
    this.#known.delete(entry)
    if (this.#last === entry) this.#last = undefined
  }

  /** M1. */
  fit(): void {
    if (this.#bytes <= this.#bytesMax) return
    for (const entry of this.#known.keys()) {
      if (entry.isInUse || entry === this.#last) continue
      this.forget(entry)
      entry.drop()
      if (this.#bytes <= this.#bytesMax) return
    }
  }

  #note(entry: Evictable): void {
    const { bytes } = entry
    this.#known.set(entry, bytes)
    this.#bytes += bytes
  }
}
