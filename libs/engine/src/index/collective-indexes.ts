/**
 * The vector indexes of a store's collectives, one of the experiences and one of the insights of each. They keep the
 * rules of `index-slots.ts`.
 */
import type { Effect } from '../event/effect.ts'
import type { StoredCollective } from '../memory/collective/collective-rows.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { buildIndex } from './build-index.ts'
import type { IndexChange, IndexTable } from './index-change.ts'
import { IndexSlots } from './index-slots.ts'
import type { VectorIndex } from './vector-index.ts'

/** X2. */
const INDEX_BYTES_MAX = 1024 * 1024 * 1024

const TABLES = ['experience', 'insight'] as const satisfies readonly IndexTable[]

type VectorChange = Exclude<IndexChange, { readonly kind: 'drop' }>

export class CollectiveIndexes {
  readonly #slots: IndexSlots<VectorIndex, VectorChange>

  constructor(bytesMax = INDEX_BYTES_MAX) {
    this.#slots = new IndexSlots({ bytesMax, bytesOf: ({ bytes }) => bytes, follow })
  }

  /**
   * Runs `search` over a collective's indexes of these tables, which have followed all that was applied (X3): it must
   * not wait.
   * @param state the newest applied state, readable until this resolves (X1)
   * @returns `undefined`, and nothing was run, when the collective was dropped meanwhile: it must be looked up again
   * @throws Fault `CORRUPT`
   */
  async use<Result extends object>(
    { scope, collective }: StoredCollective,
    state: StoreReader,
    tables: readonly IndexTable[],
    search: (indexes: readonly VectorIndex[]) => Result,
  ): Promise<Result | undefined> {
    const wanted = tables.map((table) => ({
      ...{ scope, table },
      build: () => buildIndex(state, scope, table, collective),
    }))
    return this.#slots.use(wanted, search)
  }

  /** Follows what was applied. */
  apply(effects: readonly Effect[]): void {
    for (const change of effects)
      if (change.kind === 'drop') for (const table of TABLES) this.#slots.drop(change.scope, table)
      else if ('table' in change) this.#slots.follow(change.scope, change.table, change)
  }
}

const follow = (index: VectorIndex, change: VectorChange): void => {
  if (change.kind === 'put') index.put(change.id, change.embedding, change)
  else if (change.kind === 'archive') index.archive(change.id, change.archived)
  else if (change.kind === 'energy') index.setEnergy(change.id, change.energy)
  else index.remove(change.id)
}
