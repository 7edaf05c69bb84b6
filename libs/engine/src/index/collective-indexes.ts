/**
 * The indexes of a store's collectives: vectors of the experiences, their words, vectors of the insights. They keep the
 * rules of `index-slots.ts`.
 */
import { present } from '@waggle/kernel'
import type { ExperienceId } from '@waggle/protocol'
import type { Effect } from '../event/effect.ts'
import type { StoredCollective } from '../memory/collective/collective-rows.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { buildTextIndex, buildVectorIndex } from './build-index.ts'
import type { IndexChange } from './index-change.ts'
import { IndexSlots } from './index-slots.ts'
import { TextIndex } from './text/text-index.ts'
import type { VectorIndex } from './vector-index.ts'

/** X2. */
const INDEX_BYTES_MAX = 1024 * 1024 * 1024

/** The indexes of one collective. */
export interface Indexes {
  readonly experience: VectorIndex
  readonly insight: VectorIndex
  readonly text: TextIndex
}

export type IndexName = keyof Indexes

const NAMES = ['experience', 'insight', 'text'] as const satisfies readonly IndexName[]

type RecordChange = Exclude<IndexChange, { readonly kind: 'drop' }>

export class CollectiveIndexes {
  readonly #slots: IndexSlots<VectorIndex | TextIndex, RecordChange>

  constructor(bytesMax = INDEX_BYTES_MAX) {
    this.#slots = new IndexSlots({ bytesMax, bytesOf: ({ bytes }) => bytes, follow })
  }

  /**
   * Runs `search` over these indexes of a collective, which have followed all that was applied (X3): it must not wait.
   * @param state the newest applied state, readable until this resolves (X1)
   * @param prepare what has to be waited for first; the indexes may change under it
   * @returns `undefined`, and nothing was run, when the collective was dropped meanwhile: it must be looked up again
   * @throws Fault `CORRUPT`
   */
  async use<Name extends IndexName, Result extends object>(
    stored: StoredCollective,
    state: StoreReader,
    names: readonly Name[],
    search: (indexes: Pick<Indexes, Name>) => Result,
    prepare?: (indexes: Pick<Indexes, Name>) => Promise<unknown>,
  ): Promise<Result | undefined> {
    const { scope } = stored
    const wanted = names.map((table) => ({ scope, table, build: () => build(table, stored, state) }))
    const named = (found: readonly (VectorIndex | TextIndex)[]): Pick<Indexes, Name> =>
      Object.fromEntries(names.map((name, at) => [name, present(found[at], 'index of a collective')])) as never
    return this.#slots.use(wanted, (found) => search(named(found)), prepare && ((found) => prepare(named(found))))
  }

  /** Follows what was applied. */
  apply(effects: readonly Effect[]): void {
    for (const change of effects)
      if (change.kind === 'drop')
        for (const name of change.only === undefined ? NAMES : [change.only]) this.#slots.drop(change.scope, name)
      else if ('table' in change) {
        this.#slots.follow(change.scope, change.table, change)
        if (change.table === 'experience') this.#slots.follow(change.scope, 'text', change)
      }
  }
}

const build = async (
  name: IndexName,
  { scope, collective }: StoredCollective,
  state: StoreReader,
): Promise<VectorIndex | TextIndex> =>
  name === 'text' ? buildTextIndex(state, scope, collective) : buildVectorIndex(state, scope, name, collective)

const follow = (index: VectorIndex | TextIndex, change: RecordChange): void => {
  if (index instanceof TextIndex) followText(index, change)
  else followVectors(index, change)
}

const followVectors = (index: VectorIndex, change: RecordChange): void => {
  if (change.kind === 'remove') index.remove(change.id)
  else if (change.kind === 'row') index.setRow(change.row)
  else if (change.table === 'insight') index.put(change.id, change.embedding)
  else index.put(change.row.id, change.embedding, change.row)
}

/** What is said of an experience changes without its content. */
const followText = (index: TextIndex, change: RecordChange): void => {
  if (change.kind === 'remove') index.remove(change.id as ExperienceId)
  else if (change.kind === 'put' && change.table === 'experience') index.put(change.row.id, change.row.content)
}
