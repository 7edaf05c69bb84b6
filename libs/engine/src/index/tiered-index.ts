/**
 * A collective's vectors in two tiers: the flat one, which is exact and knows everything at once, and above it, where
 * there are many and it pays, a graph that tells where to look.
 */
import type { Uuid } from '@waggle/kernel'
import type { ExperienceHead } from '../memory/experience/experience-head.ts'
import type { FlatTier } from './graph/graph-measure.ts'
import type { GraphTier } from './graph/graph-tier.ts'
import type { Conditions, Ranking, VectorHint, VectorHit, VectorIndex, VectorQuery } from './vector-index.ts'

export class TieredIndex implements VectorIndex {
  readonly #flat: FlatTier
  readonly graph: GraphTier

  /** @param graph of the flat tier's rows */
  constructor(flat: FlatTier, graph: GraphTier) {
    this.#flat = flat
    this.graph = graph
  }

  get size(): number {
    return this.#flat.size
  }

  get bytes(): number {
    return this.#flat.bytes + this.graph.bytes
  }

  put(id: Uuid, embedding: Float32Array, row?: ExperienceHead): void {
    this.#flat.put(id, embedding, row)
    this.graph.changed(this.#flat.rowOf(id) as number)
  }

  setRow(row: ExperienceHead): void {
    this.#flat.setRow(row)
  }

  remove(id: Uuid): void {
    const row = this.#flat.rowOf(id)
    this.#flat.remove(id)
    if (row !== undefined) this.graph.removed(row)
  }

  matching(conditions: Conditions): (id: Uuid) => boolean {
    return this.#flat.matching(conditions)
  }

  similarityTo(embedding: Float32Array): (id: Uuid) => number | undefined {
    return this.#flat.similarityTo(embedding)
  }

  energy(id: Uuid, ranking: Ranking): number {
    return this.#flat.energy(id, ranking)
  }

  async prepare(query: VectorQuery): Promise<VectorHint | undefined> {
    return this.graph.prepare(query)
  }

  /** Where the hint leads to fewer than k, all rows are looked at: k are found when k match (P7). */
  search(query: VectorQuery): readonly VectorHit[] {
    const rows = query.hint && this.graph.rowsOf(query.hint)
    const hits = rows && this.#flat.searchAmong(rows, query)
    return hits?.length === query.k ? hits : this.#flat.search(query)
  }

  dispose(): void {
    this.graph.dispose()
    this.#flat.dispose?.()
  }
}
