/**
 * The vector indexes of a store's collectives, one of the experiences and one of the insights of each, built when they
 * are first searched and kept up to date by what is applied.
 *
 * X1  A build reads the newest applied state, and every change that is applied after that is applied to the index too,
 *     in its order, before the index is used.
 * X2  At most so many bytes of vectors are kept, those of searches under way aside; the index that was unused for
 *     longest goes first (P11).
 * X3  Indexes are used in the very turn in which they are known to have followed everything, so nothing is applied
 *     between.
 */
import type { Collective } from '@waggle/protocol'
import { hexOf } from '@waggle/kernel'
import type { Effect } from '../event/effect.ts'
import type { StoredCollective } from '../memory/collective/collective-rows.ts'
import { dataPrefix, type Scope } from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { buildIndex } from './build-index.ts'
import type { IndexChange, IndexTable } from './index-change.ts'
import type { VectorIndex } from './vector-index.ts'

interface Slot {
  /** Undefined while it is being built. */
  index: VectorIndex | undefined
  /** Changes that wait for the build (X1). */
  readonly waiting: IndexChange[]
  readonly ready: Promise<VectorIndex>
  readonly dimension: number
  /** Searches under way that need it (X2). */
  uses: number
}

/** X2. A collective that is larger on its own is still kept, alone. */
const INDEX_BYTES_MAX = 1024 * 1024 * 1024

const TABLES = ['experience', 'insight'] as const satisfies readonly IndexTable[]

export class CollectiveIndexes {
  readonly #bytesMax: number
  /** In order of last use. */
  readonly #slots = new Map<string, Slot>()

  constructor(bytesMax = INDEX_BYTES_MAX) {
    this.#bytesMax = bytesMax
  }

  /**
   * Runs `search` over a collective's indexes of these tables, which have followed all that was applied (X3): it must
   * not wait.
   * @param state the newest applied state, readable until this resolves (X1)
   * @returns `undefined`, and nothing was run, when the collective was dropped meanwhile: it must be looked up again
   * @throws Fault `CORRUPT`
   */
  async use<Result extends object>(
    stored: StoredCollective,
    state: StoreReader,
    tables: readonly IndexTable[],
    search: (indexes: readonly VectorIndex[]) => Result,
  ): Promise<Result | undefined> {
    const slots = tables.map((table) => [nameOf(stored.scope, table), this.#slot(stored, state, table)] as const)
    for (const [, slot] of slots) slot.uses += 1
    try {
      const indexes = await Promise.all(slots.map(([, slot]) => slot.ready))
      if (slots.some(([name, slot]) => this.#slots.get(name) !== slot)) return undefined
      return search(indexes)
    } finally {
      for (const [, slot] of slots) slot.uses -= 1
      this.#evict(slots.map(([name]) => name))
    }
  }

  /** Follows what was applied. */
  apply(effects: readonly Effect[]): void {
    for (const change of effects)
      if (change.kind === 'drop') for (const table of TABLES) this.#slots.delete(nameOf(change.scope, table))
      else if ('table' in change) this.#follow(change)
  }

  #follow(change: Exclude<IndexChange, { readonly kind: 'drop' }>): void {
    const slot = this.#slots.get(nameOf(change.scope, change.table))
    if (slot === undefined) return
    if (slot.index === undefined) slot.waiting.push(change)
    else follow(slot.index, change)
  }

  /** The slot of an index, which is now the one that was used last. */
  #slot({ scope, collective }: StoredCollective, state: StoreReader, table: IndexTable): Slot {
    const name = nameOf(scope, table)
    const slot =
      this.#slots.get(name) ?? this.#build(name, collective, () => buildIndex(state, scope, table, collective))
    this.#slots.delete(name)
    this.#slots.set(name, slot)
    return slot
  }

  #build(name: string, { dimension }: Collective, buildFrom: () => Promise<VectorIndex>): Slot {
    const waiting: IndexChange[] = []
    const build = async (): Promise<VectorIndex> => {
      try {
        const index = await buildFrom()
        for (const change of waiting) follow(index, change)
        slot.index = index
        return index
      } catch (error) {
        if (this.#slots.get(name) === slot) this.#slots.delete(name)
        throw error
      }
    }
    const slot: Slot = { index: undefined, waiting, ready: build(), dimension, uses: 0 }
    return slot
  }

  #evict(used: readonly string[]): void {
    const bytesOf = ({ index, dimension }: Slot): number => (index?.size ?? 0) * dimension * 4
    let bytes = [...this.#slots.values()].reduce((sum, slot) => sum + bytesOf(slot), 0)
    for (const [name, slot] of this.#slots) {
      if (bytes <= this.#bytesMax) return
      if (used.includes(name) || slot.index === undefined || slot.uses > 0) continue
      this.#slots.delete(name)
      bytes -= bytesOf(slot)
    }
  }
}

const nameOf = (scope: Scope, table: IndexTable): string => `${table} ${hexOf(dataPrefix(scope))}`

const follow = (index: VectorIndex, change: IndexChange): void => {
  if (change.kind === 'put') index.put(change.id, change.embedding, change)
  else if (change.kind === 'archive') index.archive(change.id, change.archived)
  else if (change.kind === 'energy') index.setEnergy(change.id, change.energy)
  else if (change.kind === 'remove') index.remove(change.id)
}
