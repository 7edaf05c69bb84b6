/**
 * The vector indexes of a store's collectives, built when they are first searched and kept up to date by what is
 * applied.
 *
 * X1  A build reads the newest applied state, and every change that is applied after that is applied to the index too,
 *     in its order, before the index is used.
 * X2  At most so many bytes of vectors are kept; the index that was unused for longest goes first (P11).
 */
import { formatUuid, hexOf } from '@waggle/kernel'
import { float32FromBytes, type ExperienceId } from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import { decodeExperience } from '../memory/experience-rows.ts'
import type { StoredCollective } from '../memory/collective-rows.ts'
import { dataPrefix, embeddingPrefix, experiencePrefix, type Scope } from '../state/keyspace.ts'
import type { StoreReader, StoreRow } from '../store/key-value-store.ts'
import { prefixRange } from '../store/prefix-range.ts'
import { FlatIndex } from './flat-index.ts'
import type { Effect } from '../event/effect.ts'
import type { IndexChange } from './index-change.ts'
import type { VectorIndex } from './vector-index.ts'

interface Slot {
  /** Undefined while it is being built. */
  index: VectorIndex | undefined
  /** Changes that wait for the build (X1). */
  readonly waiting: IndexChange[]
  readonly ready: Promise<VectorIndex>
  readonly dimension: number
}

/** X2. A collective that is larger on its own is still kept, alone. */
const INDEX_BYTES_MAX = 1024 * 1024 * 1024

export class CollectiveIndexes {
  readonly #bytesMax: number
  /** In order of last use. */
  readonly #slots = new Map<string, Slot>()

  constructor(bytesMax = INDEX_BYTES_MAX) {
    this.#bytesMax = bytesMax
  }

  /**
   * The index of a collective, which has followed all that was applied when this resolves.
   * @param state the newest applied state, readable until this resolves (X1)
   * @throws Fault `CORRUPT`
   */
  async of({ scope, collective: { dimension } }: StoredCollective, state: StoreReader): Promise<VectorIndex> {
    const name = nameOf(scope)
    const slot = this.#slots.get(name) ?? this.#build(name, state, { scope, dimension })
    this.#slots.delete(name)
    this.#slots.set(name, slot)
    const index = await slot.ready
    this.#evict(name)
    return index
  }

  /** Follows what was applied. */
  apply(effects: readonly Effect[]): void {
    for (const change of effects) {
      if (change.kind === 'journal') continue
      if (change.kind !== 'drop' && change.table === 'insight') continue
      const name = nameOf(change.scope)
      const slot = this.#slots.get(name)
      if (slot === undefined) continue
      if (change.kind === 'drop') this.#slots.delete(name)
      else if (slot.index === undefined) slot.waiting.push(change)
      else follow(slot.index, change)
    }
  }

  #build(name: string, state: StoreReader, { scope, dimension }: { scope: Scope; dimension: number }): Slot {
    const waiting: IndexChange[] = []
    const build = async (): Promise<VectorIndex> => {
      try {
        const index = await buildIndex(state, scope, dimension)
        for (const change of waiting) follow(index, change)
        slot.index = index
        return index
      } catch (error) {
        this.#slots.delete(name)
        throw error
      }
    }
    const slot: Slot = { index: undefined, waiting, ready: build(), dimension }
    return slot
  }

  #evict(used: string): void {
    const bytesOf = ({ index, dimension }: Slot): number => (index?.size ?? 0) * dimension * 4
    let bytes = [...this.#slots.values()].reduce((sum, slot) => sum + bytesOf(slot), 0)
    for (const [name, slot] of this.#slots) {
      if (bytes <= this.#bytesMax) return
      if (name === used || slot.index === undefined) continue
      this.#slots.delete(name)
      bytes -= bytesOf(slot)
    }
  }
}

const nameOf = (scope: Scope): string => hexOf(dataPrefix(scope))

const follow = (index: VectorIndex, change: IndexChange): void => {
  if (change.kind === 'put') index.put(change.id, change.embedding, change.archived)
  else if (change.kind === 'archive') index.archive(change.id, change.archived)
  else if (change.kind === 'remove') index.remove(change.id)
}

/** Reads records and embeddings side by side; both are ordered by id, so a row without its twin shows at once. */
const buildIndex = async (state: StoreReader, scope: Scope, dimension: number): Promise<VectorIndex> => {
  const index = new FlatIndex(dimension)
  const records = rowsOf(state, experiencePrefix(scope))
  try {
    for await (const [key, bytes] of rowsOf(state, embeddingPrefix(scope))) {
      const id = idOf(key)
      const next = await records.next()
      const record = next.done === true ? undefined : next.value
      if (record === undefined || idOf(record[0]) !== id) throw unpaired(id)
      index.put(id, float32FromBytes(bytes), decodeExperience(id, record[1]).archived)
    }
    const rest = await records.next()
    if (rest.done !== true) throw unpaired(idOf(rest.value[0]))
  } finally {
    await records.return?.()
  }
  return index
}

const ID_BYTES = 16

const idOf = (key: Uint8Array): ExperienceId => formatUuid(key.subarray(key.length - ID_BYTES))

const rowsOf = (reader: StoreReader, prefix: Uint8Array): AsyncIterableIterator<StoreRow> =>
  reader.scan(prefixRange(prefix))

const unpaired = (id: ExperienceId) =>
  engineFault('CORRUPT', `experience and embedding do not pair id=${id}`, { entity: 'experience', id })
