/**
 * The exact index: every vector in one block of memory, every query against all of them. Its results are the truth that
 * faster tiers are measured by.
 *
 * Dot products are summed in double precision over four lanes in a fixed order and rounded to single precision once, so
 * equal vectors have equal similarities on every machine, and ties are broken by id.
 */
import { assert, present, type Uuid } from '@waggle/kernel'
import type { EnergyInputs } from '../memory/experience/energy.ts'
import { bestFirst } from './best-first.ts'
import { EnergyColumns } from './energy-columns.ts'
import { byScore, bySimilarity, type Order } from './order.ts'
import type { IndexedRow, Ranking, VectorHit, VectorIndex, VectorQuery } from './vector-index.ts'

const FIRST_CAPACITY = 64

export class FlatIndex implements VectorIndex {
  readonly #dimension: number
  readonly #rows = new Map<Uuid, number>()
  #ids: Uuid[] = []
  #archived: boolean[] = []
  #vectors: Float32Array
  #norms: Float64Array
  readonly #energy = new EnergyColumns()

  constructor(dimension: number) {
    this.#dimension = dimension
    this.#vectors = new Float32Array(FIRST_CAPACITY * dimension)
    this.#norms = new Float64Array(FIRST_CAPACITY)
    this.#energy.grow(FIRST_CAPACITY)
  }

  get size(): number {
    return this.#ids.length
  }

  get bytes(): number {
    return this.size * this.#dimension * 4
  }

  put(id: Uuid, embedding: Float32Array, { archived, energy }: IndexedRow): void {
    assert(embedding.length === this.#dimension, 'an indexed vector has the dimension of its index')
    const row = this.#rows.get(id) ?? this.#ids.length
    if (row === this.#norms.length) this.#grow()
    this.#rows.set(id, row)
    this.#ids[row] = id
    this.#archived[row] = archived
    this.#vectors.set(embedding, row * this.#dimension)
    this.#norms[row] = normOf(embedding)
    this.#energy.set(row, energy)
  }

  archive(id: Uuid, archived: boolean): void {
    const row = this.#rows.get(id)
    if (row !== undefined) this.#archived[row] = archived
  }

  setEnergy(id: Uuid, energy: EnergyInputs): void {
    const row = this.#rows.get(id)
    if (row !== undefined) this.#energy.set(row, energy)
  }

  /** The last row moves into the gap. */
  remove(id: Uuid): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    const last = this.#ids.length - 1
    const lastId = present(this.#ids[last], 'last id of the index')
    this.#rows.set(lastId, row)
    this.#rows.delete(id)
    this.#ids[row] = lastId
    this.#archived[row] = present(this.#archived[last], 'last row of the index')
    this.#norms[row] = present(this.#norms[last], 'last row of the index')
    this.#vectors.copyWithin(row * this.#dimension, last * this.#dimension, (last + 1) * this.#dimension)
    this.#energy.move(last, row)
    this.#ids.length = last
    this.#archived.length = last
  }

  search({ embedding, k, includeArchived, ranking, accept }: VectorQuery): readonly VectorHit[] {
    assert(embedding.length === this.#dimension, 'a query has the dimension of its index')
    const order = this.#order(this.#similarities(embedding), ranking)
    const rows: number[] = []
    for (let row = 0; row < this.#ids.length; row += 1)
      if (includeArchived || this.#archived[row] === false) rows.push(row)
    const hits: VectorHit[] = []
    for (const row of bestFirst(rows, order.better)) {
      if (accept === undefined || accept(this.#ids[row] as Uuid)) hits.push(order.hit(row))
      if (hits.length === k) break
    }
    return hits
  }

  #order(similarities: Float32Array, ranking: Ranking | undefined): Order {
    if (ranking === undefined) return bySimilarity(this.#ids, similarities)
    const energies = this.#energy.energies(similarities.length, ranking.nowMs, ranking.decay)
    return byScore(this.#ids, similarities, energies, ranking.weights)
  }

  #similarities(query: Float32Array): Float32Array {
    const similarities = new Float32Array(this.#ids.length)
    const queryNorm = normOf(query)
    const [vectors, norms, dimension] = [this.#vectors, this.#norms, this.#dimension]
    for (let row = 0; row < similarities.length; row += 1) {
      const cosine = dotAt(vectors, row * dimension, query) / (queryNorm * (norms[row] as number))
      similarities[row] = Math.max(-1, Math.min(1, cosine))
    }
    return similarities
  }

  #grow(): void {
    const capacity = this.#norms.length * 2
    const vectors = new Float32Array(capacity * this.#dimension)
    vectors.set(this.#vectors)
    const norms = new Float64Array(capacity)
    norms.set(this.#norms)
    this.#vectors = vectors
    this.#norms = norms
    this.#energy.grow(capacity)
  }
}

const normOf = (vector: Float32Array): number => Math.sqrt(dotAt(vector, 0, vector))

/** The dot product of `query` with the vector that begins at `offset` of `block`. */
export const dotAt = (block: Float32Array, offset: number, query: Float32Array): number => {
  const lanes = query.length - (query.length % 4)
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let index = 0
  for (; index < lanes; index += 4) {
    a += (block[offset + index] as number) * (query[index] as number)
    b += (block[offset + index + 1] as number) * (query[index + 1] as number)
    c += (block[offset + index + 2] as number) * (query[index + 2] as number)
    d += (block[offset + index + 3] as number) * (query[index + 3] as number)
  }
  for (; index < query.length; index += 1) a += (block[offset + index] as number) * (query[index] as number)
  return a + b + (c + d)
}
