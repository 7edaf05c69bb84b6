/**
 * The exact index: every query against all vectors that its conditions leave. Its results are the truth that faster
 * tiers are measured by.
 *
 * A1  It compares codes first and the vectors themselves only where the codes leave it open (B1), and so finds what
 *     comparing all vectors would find: the same rows in the same order with the same scores.
 * A2  Ties of the score are broken by similarity, then by id.
 */
import { assert, present, type Uuid } from '@waggle/kernel'
import { clampUnit } from '../memory/experience/energy.ts'
import type { ExperienceHead } from '../memory/experience/experience-head.ts'
import { bestFirst } from './best-first.ts'
import { Candidates } from './candidates.ts'
import { ExperienceColumns } from './experience-columns.ts'
import { shareOf, TestedRows, testsOf, type RowTest } from './row-conditions.ts'
import { RowBlocks } from './scan/row-blocks.ts'
import type { BlockSource } from './scan/scan-arena.ts'
import type { ScanQuery } from './scan/scan-query.ts'
import type { Conditions, Ranking, VectorHit, VectorIndex, VectorQuery, VectorRows } from './vector-index.ts'
import { WeighedCandidates } from './weighed-candidates.ts'

const FIRST_CAPACITY = 8
const GROWTH = 1.5

/** What an id takes as text, in a list and in a map. */
const ID_BYTES = 128

/** An index without vectors. */
const EMPTY_BYTES = 6 * 1024

/** Where fewer than k of the best are accepted, that many times as many are looked at. */
const WIDENING = 4

/**
 * Where that share of all rows meets the conditions, a scan of all whose reports are tested costs less than a list of
 * those that do, and a scan of it (measured).
 */
const WHOLE_FROM = 1 / 3

/** Of every index that is empty. Nothing is written to it: columns grow first. */
const NO_COLUMNS = new ExperienceColumns()

/** What is to be searched. */
interface Selection {
  /** Ascending; undefined for all. */
  readonly rows: Uint32Array | undefined
  /** What they are still to be asked. */
  readonly tests: readonly RowTest[]
}

export class FlatIndex implements VectorIndex, VectorRows {
  readonly #dimension: number
  readonly #rows = new Map<Uuid, number>()
  /** By row; undefined for a free number. */
  readonly #ids: (Uuid | undefined)[] = []
  readonly #free: number[] = []
  readonly #vectors: RowBlocks
  #columns = NO_COLUMNS

  constructor(dimension: number, arena: BlockSource) {
    this.#dimension = dimension
    this.#vectors = new RowBlocks(dimension, arena)
  }

  get size(): number {
    return this.#rows.size
  }

  get bytes(): number {
    return EMPTY_BYTES + this.#vectors.bytes + this.#ids.length * ID_BYTES + this.#columns.bytes
  }

  get rowsEnd(): number {
    return this.#ids.length
  }

  put(id: Uuid, embedding: Float32Array, record?: ExperienceHead): void {
    assert(embedding.length === this.#dimension, 'an indexed vector has the dimension of its index')
    const row = this.#rows.get(id) ?? this.#free.pop() ?? this.#ids.length
    if (row === this.#columns.capacity) this.#growColumns(row)
    this.#rows.set(id, row)
    this.#ids[row] = id
    this.#vectors.put(row, embedding)
    if (record === undefined) this.#columns.clear(row)
    else this.#columns.set(row, record)
  }

  setRow(record: ExperienceHead): void {
    const row = this.#rows.get(record.id)
    if (row !== undefined) this.#columns.set(row, record)
  }

  remove(id: Uuid): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    this.#rows.delete(id)
    this.#ids[row] = undefined
    this.#vectors.clear(row)
    this.#columns.clear(row)
    this.#free.push(row)
  }

  /** Gives its memory back; it is not used any more. */
  dispose(): void {
    this.#vectors.dispose()
  }

  rowOf(id: Uuid): number | undefined {
    return this.#rows.get(id)
  }

  idAt(row: number): Uuid | undefined {
    return this.#ids[row]
  }

  readVector(row: number, into: Float32Array): void {
    this.#vectors.read(row, into)
  }

  matching(conditions: Conditions): (id: Uuid) => boolean {
    const tests = testsOf(conditions, this.#columns, this.size)
    return (id) => {
      const row = this.#rows.get(id)
      return row !== undefined && tests.every((test) => test.passes(row))
    }
  }

  similarityTo(embedding: Float32Array): (id: Uuid) => number | undefined {
    const query = this.#vectors.queryOf(embedding)
    return (id) => {
      const row = this.#rows.get(id)
      return row === undefined ? undefined : this.#vectors.similarity(query, row)
    }
  }

  energy(id: Uuid, { nowMs, decay }: Ranking): number {
    const row = this.#rows.get(id)
    return row === undefined ? 0 : this.#columns.energy(row, nowMs, decay)
  }

  search(query: VectorQuery): readonly VectorHit[] {
    return this.#found(query, this.#selected(query.conditions))
  }

  searchAmong(rows: Uint32Array, query: VectorQuery): readonly VectorHit[] {
    const sorted = rows.toSorted()
    const taken = sorted.filter((row, at) => row !== sorted[at - 1] && this.#ids[row] !== undefined)
    return this.#found(query, this.#selected(query.conditions, taken))
  }

  #growColumns(row: number): void {
    if (this.#columns === NO_COLUMNS) this.#columns = new ExperienceColumns()
    this.#columns.grow(Math.max(FIRST_CAPACITY, Math.ceil(row * GROWTH)))
  }

  /** The best of what is selected that are accepted. */
  #found(query: VectorQuery, selection: Selection): readonly VectorHit[] {
    const { embedding, k, ranking, accept } = query
    assert(embedding.length === this.#dimension, 'a query has the dimension of its index')
    const scanned = this.#vectors.queryOf(embedding)
    if (accept === undefined) return this.#best(k, scanned, ranking, selection)
    const accepted: VectorHit[] = []
    for (let [wanted, asked] = [k, 0]; ; wanted *= WIDENING) {
      const best = this.#best(wanted, scanned, ranking, selection)
      for (; asked < best.length; asked += 1) {
        const hit = best[asked] as VectorHit
        if (accept(hit.id)) accepted.push(hit)
        if (accepted.length === k) return accepted
      }
      if (best.length < wanted) return accepted
    }
  }

  #best(k: number, query: ScanQuery, ranking: Ranking | undefined, { rows, tests }: Selection): readonly VectorHit[] {
    const candidates = new Candidates(Math.min(k, rows?.length ?? this.rowsEnd))
    const sink = ranking === undefined ? candidates : new WeighedCandidates(candidates, this.#columns, ranking)
    this.#vectors.scan(query, tests.length === 0 ? sink : new TestedRows(sink, tests), rows)
    const hits = candidates.rows().map((row) => this.#hit(row, query, ranking))
    return firstOf(k, bestFirst(hits, isBetter))
  }

  #hit(row: number, query: ScanQuery, ranking: Ranking | undefined): VectorHit {
    const id = present(this.#ids[row], 'the id of a row that was found')
    const similarity = this.#vectors.similarity(query, row)
    if (ranking === undefined) return { id, similarity, score: similarity }
    const { weights, decay, nowMs } = ranking
    const energy = this.#columns.energy(row, nowMs, decay)
    return { id, similarity, score: weights.similarity * clampUnit(similarity) + weights.energy * energy, energy }
  }

  /** @param among rows that are not free, ascending; absent: all of them */
  #selected(conditions: Conditions | undefined, among?: Uint32Array): Selection {
    const tests = conditions === undefined ? [] : testsOf(conditions, this.#columns, this.size)
    if (tests.length === 0) return { rows: among, tests }
    if (among === undefined && shareOf(tests, this.rowsEnd) >= WHOLE_FROM) return { rows: undefined, tests }
    let from = among ?? numbersFor(this.rowsEnd)
    let count = among?.length ?? this.rowsEnd
    const rows = new Uint32Array(count)
    for (const test of tests) {
      count = test.narrow(from, count, rows)
      from = rows
    }
    return { rows: rows.subarray(0, count), tests: [] }
  }
}

/** A2. */
const isBetter = (left: VectorHit, right: VectorHit): boolean => {
  if (left.score !== right.score) return left.score > right.score
  if (left.similarity !== right.similarity) return left.similarity > right.similarity
  return left.id < right.id
}

/** 0, 1, 2, …: as far as an index ever went. */
let numbers = new Uint32Array()

/** At least the numbers below `end`. */
const numbersFor = (end: number): Uint32Array => {
  if (numbers.length < end) numbers = new Uint32Array(Math.ceil(end * GROWTH)).map((_, at) => at)
  return numbers
}

const firstOf = <Item>(count: number, items: Iterable<Item>): readonly Item[] => {
  const first: Item[] = []
  for (const item of items) {
    first.push(item)
    if (first.length === count) break
  }
  return first
}
