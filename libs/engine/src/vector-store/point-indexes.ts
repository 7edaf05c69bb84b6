/**
 * The vectors of the vector stores in memory, for searches; a cache of the state that follows what is applied. It keeps
 * the rules of `index/index-slots.ts`.
 */
import { float32FromBytes } from '@waggle/protocol'
import type { Effect, VectorsChange } from '../event/effect.ts'
import { IndexSlots } from '../index/index-slots.ts'
import type { StoredCollective } from '../memory/collective/collective-rows.ts'
import { uint64OfKey, vectorPrefix } from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { prefixRange } from '../store/prefix-range.ts'
import { PointIndex, type PointView } from './point-index.ts'
import { pointValue } from './point-lifetimes.ts'
import { vectorTable } from './point-rows.ts'

/** X2. */
const INDEX_BYTES_MAX = 1024 * 1024 * 1024

const TABLE = 'points'

export class PointIndexes {
  readonly #slots: IndexSlots<PointIndex, VectorsChange>

  constructor(bytesMax = INDEX_BYTES_MAX) {
    this.#slots = new IndexSlots({ bytesMax, bytesOf: ({ bytes }) => bytes, follow })
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
      for await (const [key, bytes] of state.scan(prefixRange(vectorPrefix(scope))))
        index.put(uint64OfKey(key), float32FromBytes(pointValue(vectorTable, bytes)))
      return index
    }
    return this.#slots.use([{ scope, table: TABLE, build }], ([index]) => look((index as PointIndex).view()))
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
