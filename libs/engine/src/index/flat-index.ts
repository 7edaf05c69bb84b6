/**
 * The exact index: every vector in one block of memory, every query against all of them. Its results are the truth that
 * faster tiers are measured by.
 *
 * Dot products are summed in double precision over four lanes in a fixed order and rounded to single precision once, so
 * equal vectors have equal similarities on every machine, and ties are broken by id.
 */
import { assert, type Uuid } from '@waggle/kernel'
import { energyOf, inputsOf } from '../memory/experience/energy.ts'
import type { ExperienceRow } from '../memory/experience/experience-rows.ts'
import { matchesFilter } from '../memory/experience/filter.ts'
import { isExpired } from '../expiry/is-expired.ts'
import { bestFirst } from './best-first.ts'
import { EnergyColumns } from './energy-columns.ts'
import { byScore, bySimilarity, type Order } from './order.ts'
import type { Conditions, Ranking, VectorHit, VectorIndex, VectorQuery, VectorRows } from './vector-index.ts'

const FIRST_CAPACITY = 64

export class FlatIndex implements VectorIndex, VectorRows {
  readonly #dimension: number
  readonly #rows = new Map<Uuid, number>()
  #ids: (Uuid | undefined)[] = []
  /** Numbers below the end that have no vector. */
  readonly #free: number[] = []
  #records: (ExperienceRow | undefined)[] = []
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
    return this.#rows.size
  }

  get rowsEnd(): number {
    return this.#ids.length
  }

  get bytes(): number {
    return this.size * this.#dimension * 4
  }

  put(id: Uuid, embedding: Float32Array, record?: ExperienceRow): void {
    assert(embedding.length === this.#dimension, 'an indexed vector has the dimension of its index')
    const row = this.#rows.get(id) ?? this.#free.pop() ?? this.#ids.length
    if (row === this.#norms.length) this.#grow()
    this.#rows.set(id, row)
    this.#ids[row] = id
    this.#records[row] = record
    this.#vectors.set(embedding, row * this.#dimension)
    this.#norms[row] = normOf(embedding)
    this.#energy.set(row, record && inputsOf(record))
  }

  setRow(record: ExperienceRow): void {
    const row = this.#rows.get(record.id)
    if (row === undefined) return
    this.#records[row] = record
    this.#energy.set(row, inputsOf(record))
  }

  /** The last row moves into the gap. */
  remove(id: Uuid): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    this.#rows.delete(id)
    this.#ids[row] = undefined
    this.#records[row] = undefined
    this.#free.push(row)
  }

  search(query: VectorQuery): readonly VectorHit[] {
    return this.#searchRows(this.#ids.keys(), query)
  }

  searchAmong(rows: Uint32Array, query: VectorQuery): readonly VectorHit[] {
    return this.#searchRows(new Set(rows), query)
  }

  #searchRows(among: Iterable<number>, { embedding, k, conditions, ranking, accept }: VectorQuery): VectorHit[] {
    assert(embedding.length === this.#dimension, 'a query has the dimension of its index')
    const order = this.#order(this.#similarities(embedding), ranking)
    const rows: number[] = []
    for (const row of among)
      if (this.#ids[row] !== undefined && (conditions === undefined || meets(this.#records[row], conditions)))
        rows.push(row)
    const hits: VectorHit[] = []
    for (const row of bestFirst(rows, order.better)) {
      if (accept === undefined || accept(this.#ids[row] as Uuid)) hits.push(order.hit(row))
      if (hits.length === k) break
    }
    return hits
  }

  rowOf(id: Uuid): number | undefined {
    return this.#rows.get(id)
  }

  idAt(row: number): Uuid | undefined {
    return this.#ids[row]
  }

  readVector(row: number, into: Float32Array): void {
    into.set(this.#vectors.subarray(row * this.#dimension, (row + 1) * this.#dimension))
  }

  count(conditions: Conditions): number {
    return this.#records.filter((record) => meets(record, conditions)).length
  }

  matching(conditions: Conditions): (id: Uuid) => boolean {
    return (id) => {
      const row = this.#rows.get(id)
      return row !== undefined && meets(this.#records[row], conditions)
    }
  }

  similarity(id: Uuid, embedding: Float32Array): number | undefined {
    const row = this.#rows.get(id)
    return row === undefined ? undefined : this.#similarity(row, embedding, normOf(embedding))
  }

  energy(id: Uuid, { nowMs, decay }: Ranking): number {
    const row = this.#records[this.#rows.get(id) ?? -1]
    return row === undefined ? 0 : energyOf(inputsOf(row), nowMs, decay)
  }

  #order(similarities: Float32Array, ranking: Ranking | undefined): Order {
    if (ranking === undefined) return bySimilarity(this.#ids as Uuid[], similarities)
    const energies = this.#energy.energies(similarities.length, ranking.nowMs, ranking.decay)
    return byScore(this.#ids as Uuid[], similarities, energies, ranking.weights)
  }

  #similarities(query: Float32Array): Float32Array {
    const similarities = new Float32Array(this.#ids.length)
    const queryNorm = normOf(query)
    for (let row = 0; row < similarities.length; row += 1) similarities[row] = this.#similarity(row, query, queryNorm)
    return similarities
  }

  #similarity(row: number, query: Float32Array, queryNorm: number): number {
    const cosine = dotAt(this.#vectors, row * this.#dimension, query) / (queryNorm * (this.#norms[row] as number))
    return Math.fround(Math.max(-1, Math.min(1, cosine)))
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

const meets = (row: ExperienceRow | undefined, { filter, atMs }: Conditions): boolean =>
  row !== undefined &&
  (filter.includeArchived === true || !row.archived) &&
  !isExpired(row.expiresAt, atMs) &&
  matchesFilter(row, filter)

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
