/**
 * Indexes that are built when they are first used and kept up to date by what is applied: caches of the state.
 *
 * X1  A build reads the newest applied state, and every change that is applied after that is applied to the index too,
 *     in its order, before the index is used.
 * X2  They share one budget with all others of the store (`index-budget.ts`). A collective of which nothing is searched
 *     takes nothing.
 * X3  Indexes are used in the very turn in which they are known to have followed everything, so nothing is applied
 *     between.
 * X4  An index that has gone, evicted or dropped, gives back what it holds as soon as nobody looks at it.
 */
import { hexOf } from '@waggle/kernel'
import { dataPrefix, type Scope } from '../state/keyspace.ts'
import type { Evictable, IndexBudget } from './index-budget.ts'

/** What keeps its figures and its memory itself. */
export interface SlotIndex {
  readonly bytes: number
  /** Gives back what the garbage collector does not know of; nothing is called afterwards. */
  dispose?(): void
}

/** An index of a scope, by the name of what is in it. */
export interface WantedIndex<Index> {
  readonly scope: Scope
  readonly table: string
  /** From the newest applied state (X1). */
  readonly build: () => Promise<Index>
}

export interface IndexSlotsParts<Index, Change> {
  readonly budget: IndexBudget
  readonly follow: (index: Index, change: Change) => void
}

export class IndexSlots<Index extends SlotIndex, Change> {
  readonly #parts: IndexSlotsParts<Index, Change>
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
    const { budget } = this.#parts
    const slots = wanted.map((each) => this.#slot(each))
    for (const slot of slots) slot.hold()
    try {
      const indexes = await Promise.all(slots.map(({ ready }) => ready))
      if (prepare !== undefined) await prepare(indexes)
      if (slots.some(({ isGone }) => isGone)) return undefined
      return search(indexes)
    } finally {
      for (const slot of slots) if (!slot.isGone) budget.touch(slot)
      budget.fit()
      for (const slot of slots) slot.letGo()
    }
  }

  /** Applies a change to an index that is there, or is being built. */
  follow(scope: Scope, table: string, change: Change): void {
    const slot = this.#slots.get(nameOf(scope, table))
    if (slot === undefined) return
    slot.follow(change)
    this.#parts.budget.measure(slot)
    this.#parts.budget.fit()
  }

  drop(scope: Scope, table: string): void {
    this.#slots.get(nameOf(scope, table))?.drop()
  }

  /** Those that are built. */
  get indexes(): readonly Index[] {
    return [...this.#slots.values()].flatMap(({ index }) => index ?? [])
  }

  /** Drops all of them. */
  clear(): void {
    for (const slot of this.#slots.values()) slot.drop()
  }

  #slot({ scope, table, build }: WantedIndex<Index>): Slot<Index, Change> {
    const name = nameOf(scope, table)
    const found = this.#slots.get(name)
    if (found !== undefined) return found
    const { budget, follow } = this.#parts
    const slot = new Slot<Index, Change>(build, follow, () => {
      this.#slots.delete(name)
      budget.forget(slot)
    })
    this.#slots.set(name, slot)
    return slot
  }
}

/** What a slot takes beside its index: its name, its place in two maps. */
const SLOT_BYTES = 1024

class Slot<Index extends SlotIndex, Change> implements Evictable {
  readonly ready: Promise<Index>
  readonly #follow: (index: Index, change: Change) => void
  readonly #onGone: () => void
  /** Undefined while it is being built. */
  #index: Index | undefined
  /** Changes that wait for the build (X1). */
  readonly #waiting: Change[] = []
  /** Searches under way that need it, and the build. */
  #uses = 1
  isGone = false

  /** @param onGone called once, when it must not be found any more */
  constructor(build: () => Promise<Index>, follow: (index: Index, change: Change) => void, onGone: () => void) {
    this.#follow = follow
    this.#onGone = onGone
    this.ready = this.#build(build)
  }

  get index(): Index | undefined {
    return this.#index
  }

  get bytes(): number {
    return SLOT_BYTES + (this.#index?.bytes ?? 0)
  }

  get isInUse(): boolean {
    return this.#uses > 0
  }

  hold(): void {
    this.#uses += 1
  }

  letGo(): void {
    this.#uses -= 1
    this.#giveBack()
  }

  follow(change: Change): void {
    if (this.#index === undefined) this.#waiting.push(change)
    else this.#follow(this.#index, change)
  }

  drop(): void {
    if (this.isGone) return
    this.isGone = true
    this.#onGone()
    this.#giveBack()
  }

  /** X4. */
  #giveBack(): void {
    if (!this.isGone || this.isInUse) return
    this.#index?.dispose?.()
    this.#index = undefined
  }

  async #build(buildFrom: () => Promise<Index>): Promise<Index> {
    try {
      const index = await buildFrom()
      this.#index = index
      for (const change of this.#waiting.splice(0)) this.#follow(index, change)
      return index
    } catch (error) {
      this.drop()
      throw error
    } finally {
      this.letGo()
    }
  }
}

const nameOf = (scope: Scope, table: string): string => `${table} ${hexOf(dataPrefix(scope))}`
