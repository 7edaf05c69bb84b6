/**
 * The vectors of the vector stores in memory, for searches; a cache of the state that follows what is applied. It keeps
 * the rules of `index/index-slots.ts`.
 */
import type { Effect, VectorsChange } from '../event/effect.ts'
import type { IndexesParts } from '../index/collective-indexes.ts'
import { floatView } from '../index/float-view.ts'
import { IndexSlots } from '../index/index-slots.ts'
import type { StoredCollective } from '../memory/collective/collective-rows.ts'
import { uint64OfKey, vectorPrefix } from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { prefixRange } from '../store/prefix-range.ts'
import { PointIndex, type PointView } from './point-index.ts'
import { pointValue } from './point-lifetimes.ts'
import { vectorTable } from './point-rows.ts'
import { Turns } from './turns.ts'

/** Steps (`turns.ts`) of a row beside its vector. */
const ROW_STEPS = 5_000

const TABLE = 'points'

export class PointIndexes {
  readonly #turns: IndexesParts['turns']
  readonly #slots: IndexSlots<PointIndex, VectorsChange>

  constructor({ memory, turns }: IndexesParts) {
    this.#turns = turns
    this.#slots = new IndexSlots({ budget: memory.budget, follow })
  }

  /**
   * Runs `look` with a view of a collective's vectors as they are in that turn (X3).
   * @param state the newest applied state, readable until this resolves (X1)
   * @returns `undefined`, and nothing was run, when the collective was dropped meanwhile: it must be looked up again
   * @throws Fault `CORRUPT`
   */
  async use<Result extends object>(
    { scope, collective }: StoredCollective,
    state: StoreReader,
    look: (view: PointView) => Result,
  ): Promise<Result | undefined> {
    const build = async (): Promise<PointIndex> => {
      const index = new PointIndex(collective.dimension)
      const turns = new Turns(this.#turns.of(scope.tenant))
      for await (const chunk of state.scanChunks(prefixRange(vectorPrefix(scope))))
        for (const [key, bytes] of chunk) {
          index.put(uint64OfKey(key), floatView(pointValue(vectorTable, bytes)))
          const pause = turns.spend(ROW_STEPS + collective.dimension)
          if (pause !== undefined) await pause
        }
      return index
    }
    return this.#slots.use([{ scope, table: TABLE, build }], ([index]) => look((index as PointIndex).view()))
  }

  /** Vectors in memory. */
  get size(): number {
    return this.#slots.indexes.reduce((total, { size }) => total + size, 0)
  }

  /** Drops them all, when nobody searches any more. */
  clear(): void {
    this.#slots.clear()
  }

  /** Follows what was applied. */
  apply(effects: readonly Effect[]): void {
    for (const change of effects)
      if (change.kind === 'drop') this.#slots.drop(change.scope, TABLE)
      else if (change.kind === 'vectors') this.#slots.follow(change.scope, TABLE, change)
  }
}

const follow = (index: PointIndex, { items }: VectorsChange): void => {
  for (const [id, vector] of items)
    if (vector === undefined) index.remove(id)
    else index.put(id, vector)
}
