/**
 * Indexes that are built when they are first used and kept up to date by what is applied: caches of the state.
 *
 * X1  A build reads the newest applied state, and every change that is applied after that is applied to the index too,
 *     in its order, before the index is used.
 * X2  At most so many bytes are kept, those of searches under way aside; the index that was unused for longest goes
 *     first (P11).
 * X3  Indexes are used in the very turn in which they are known to have followed everything, so nothing is applied
 *     between.
 */
import { hexOf } from '@waggle/kernel'
import { dataPrefix, type Scope } from '../state/keyspace.ts'

interface Slot<Index, Change> {
  /** Undefined while it is being built. */
  index: Index | undefined
  /** Changes that wait for the build (X1). */
  readonly waiting: Change[]
  readonly ready: Promise<Index>
  /** Searches under way that need it (X2). */
  uses: number
}

/** An index of a scope, by the name of what is in it. */
export interface WantedIndex<Index> {
  readonly scope: Scope
  readonly table: string
  /** From the newest applied state (X1). */
  readonly build: () => Promise<Index>
}

export interface IndexSlotsParts<Index, Change> {
  /** X2. What is larger on its own is still kept, alone. */
  readonly bytesMax: number
  readonly bytesOf: (index: Index) => number
  readonly follow: (index: Index, change: Change) => void
}

export class IndexSlots<Index extends object, Change> {
  readonly #parts: IndexSlotsParts<Index, Change>
  /** In order of last use. */
  readonly #slots = new Map<string, Slot<Index, Change>>()

  constructor(parts: IndexSlotsParts<Index, Change>) {
    this.#parts = parts
  }

  /**
   * Runs `search` over these indexes, which have followed all that was applied (X3): it must not wait.
   * @param prepare what has to be waited for first
   * @returns `undefined`, and nothing was run, when one of them was dropped meanwhile
   */
  async use<Result extends object>(
    wanted: readonly WantedIndex<Index>[],
    search: (indexes: readonly Index[]) => Result,
    prepare?: (indexes: readonly Index[]) => Promise<unknown>,
  ): Promise<Result | undefined> {
    const slots = wanted.map((each) => [nameOf(each.scope, each.table), this.#slot(each)] as const)
    for (const [, slot] of slots) slot.uses += 1
    try {
      const indexes = await Promise.all(slots.map(([, slot]) => slot.ready))
      if (prepare !== undefined) await prepare(indexes)
      if (slots.some(([name, slot]) => this.#slots.get(name) !== slot)) return undefined
      return search(indexes)
    } finally {
      for (const [, slot] of slots) slot.uses -= 1
      this.#evict(slots.map(([name]) => name))
    }
  }

  /** Applies a change to an index that is there, or is being built. */
  follow(scope: Scope, table: string, change: Change): void {
    const slot = this.#slots.get(nameOf(scope, table))
    if (slot === undefined) return
    if (slot.index === undefined) slot.waiting.push(change)
    else this.#parts.follow(slot.index, change)
  }

  drop(scope: Scope, table: string): void {
    this.#slots.delete(nameOf(scope, table))
  }

  /** The slot of an index, which is now the one that was used last. */
  #slot({ scope, table, build }: WantedIndex<Index>): Slot<Index, Change> {
    const name = nameOf(scope, table)
    const slot = this.#slots.get(name) ?? this.#build(name, build)
    this.#slots.delete(name)
    this.#slots.set(name, slot)
    return slot
  }

  #build(name: string, buildFrom: () => Promise<Index>): Slot<Index, Change> {
    const waiting: Change[] = []
    const build = async (): Promise<Index> => {
      try {
        const index = await buildFrom()
        for (const change of waiting) this.#parts.follow(index, change)
        slot.index = index
        return index
      } catch (error) {
        if (this.#slots.get(name) === slot) this.#slots.delete(name)
        throw error
      }
    }
    const slot: Slot<Index, Change> = { index: undefined, waiting, ready: build(), uses: 0 }
    return slot
  }

  #evict(used: readonly string[]): void {
    const { bytesMax, bytesOf } = this.#parts
    const sizeOf = ({ index }: Slot<Index, Change>): number => (index === undefined ? 0 : bytesOf(index))
    let bytes = [...this.#slots.values()].reduce((sum, slot) => sum + sizeOf(slot), 0)
    for (const [name, slot] of this.#slots) {
      if (bytes <= bytesMax) return
      if (used.includes(name) || slot.index === undefined || slot.uses > 0) continue
      this.#slots.delete(name)
      bytes -= sizeOf(slot)
    }
  }
}

const nameOf = (scope: Scope, table: string): string => `${table} ${hexOf(dataPrefix(scope))}`
