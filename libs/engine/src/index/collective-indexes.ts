/**
 * The indexes of a store's collectives: vectors of the experiences, their words, their order within sessions, vectors
 * of the insights. They keep the rules of `index-slots.ts`.
 */
import { present } from '@waggle/kernel'
import type { Effect } from '../event/effect.ts'
import type { StoredCollective } from '../memory/collective/collective-rows.ts'
import type { FairTurns } from '../query/fair-turns.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { buildSessionOrder, buildTextIndex, buildVectorIndex, type BuildParts } from './build-index.ts'
import type { IndexGraphs } from './graph/index-graphs.ts'
import type { IndexChange } from './index-change.ts'
import type { IndexMemory } from './index-memory.ts'
import { IndexSlots } from './index-slots.ts'
import { SessionOrder } from './session-order.ts'
import { TextIndex } from './text/text-index.ts'
import { TieredIndex } from './tiered-index.ts'
import type { VectorIndex } from './vector-index.ts'

/** The indexes of one collective. */
export interface Indexes {
  readonly experience: VectorIndex
  readonly insight: VectorIndex
  readonly text: TextIndex
  readonly session: SessionOrder
}

/** Of all vectors in memory. */
export interface VectorFigures {
  readonly vectors: number
  /** Least share of the nearest that a graph in use was measured to find; `undefined` where there is none. */
  readonly recall: number | undefined
}

type Index = VectorIndex | TextIndex | SessionOrder

export type IndexName = keyof Indexes

const NAMES = ['experience', 'insight', 'text', 'session'] as const satisfies readonly IndexName[]

type RecordChange = Exclude<IndexChange, { readonly kind: 'drop' }>

export interface IndexesParts {
  /** X2. */
  readonly memory: IndexMemory
  /** A build of a tenant's lets others have their turn (P11). */
  readonly turns: Pick<FairTurns, 'of'>
  /** Absent: every vector is compared, however many there are. */
  readonly graphs?: IndexGraphs | undefined
}

export class CollectiveIndexes {
  readonly #turns: IndexesParts['turns']
  readonly #graphs: IndexGraphs | undefined
  readonly #slots: IndexSlots<Index, RecordChange>
  readonly #memory: IndexMemory

  constructor({ memory, turns, graphs }: IndexesParts) {
    this.#memory = memory
    this.#turns = turns
    this.#graphs = graphs
    this.#slots = new IndexSlots({ budget: memory.budget, follow })
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
    const parts = { state, timers: this.#turns.of(scope.tenant), arena: this.#memory.arena }
    const wanted = names.map((table) => ({ scope, table, build: () => this.#build(table, stored, parts) }))
    const named = (found: readonly Index[]): Pick<Indexes, Name> =>
      Object.fromEntries(names.map((name, at) => [name, present(found[at], 'index of a collective')])) as never
    return this.#slots.use(wanted, (found) => search(named(found)), prepare && ((found) => prepare(named(found))))
  }

  /** Follows what was applied. */
  apply(effects: readonly Effect[]): void {
    for (const change of effects)
      if (change.kind === 'drop') {
        for (const name of change.only === undefined ? NAMES : [change.only]) this.#slots.drop(change.scope, name)
        if (change.only === undefined) this.#graphs?.forget(change.scope)
      } else if ('table' in change) {
        this.#slots.follow(change.scope, change.table, change)
        if (change.table === 'experience')
          for (const name of ['text', 'session']) this.#slots.follow(change.scope, name, change)
      }
  }

  /** What there is of vectors in memory. */
  get figures(): VectorFigures {
    return figuresOf(this.#slots.indexes.filter(hasVectors))
  }

  /** Drops them all, when nobody searches any more. */
  clear(): void {
    this.#slots.clear()
  }

  async #build(name: IndexName, { scope, collective }: StoredCollective, parts: BuildParts): Promise<Index> {
    if (name === 'text') return buildTextIndex(parts, scope, collective)
    if (name === 'session') return buildSessionOrder(parts, scope)
    const flat = await buildVectorIndex(parts, scope, name, collective)
    if (name === 'insight' || this.#graphs === undefined) return flat
    return this.#graphs.over(flat, scope, collective.dimension)
  }
}

const hasVectors = (index: Index): index is VectorIndex =>
  !(index instanceof TextIndex || index instanceof SessionOrder)

const figuresOf = (indexes: readonly VectorIndex[]): VectorFigures => {
  const recalls = indexes.flatMap((index) => (index instanceof TieredIndex ? (index.graph.recall ?? []) : []))
  return {
    vectors: indexes.reduce((total, { size }) => total + size, 0),
    recall: recalls.length === 0 ? undefined : Math.min(...recalls),
  }
}

const follow = (index: Index, change: RecordChange): void => {
  if (index instanceof TextIndex) followText(index, change)
  else if (index instanceof SessionOrder) followSessions(index, change)
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
  if (change.kind === 'remove') index.remove(change.id)
  else if (change.kind === 'put' && change.table === 'experience') index.put(change.row.id, change.row.content)
}

/** Nor do its task, its agent and its time. */
const followSessions = (order: SessionOrder, change: RecordChange): void => {
  if (change.kind === 'remove') order.remove(change.id)
  else if (change.kind === 'put' && change.table === 'experience') order.put(change.row)
}
