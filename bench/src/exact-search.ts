/**
 * The truth, and the least that the truth costs, both without the store.
 *
 * `ExactSearch` is the reference: cosines in double precision, ordered as the store promises to order them: by the
 * cosine in single precision, ties by id. `DotLoop` is the ratio base: the same scan as plain as JavaScript allows,
 * over one block of unit vectors in single precision, without ids, filter or storage.
 */

export interface IndexedVector {
  readonly id: string
  readonly vector: Float32Array
}

export class ExactSearch {
  readonly #ids: readonly string[]
  readonly #dimension: number
  readonly #block: Float64Array
  readonly #norms: readonly number[]

  constructor(rows: readonly IndexedVector[], dimension: number) {
    this.#ids = rows.map(({ id }) => id)
    this.#dimension = dimension
    this.#block = new Float64Array(rows.length * dimension)
    rows.forEach(({ vector }, row) => this.#block.set(vector, row * dimension))
    this.#norms = rows.map(({ vector }) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)))
  }

  /** Ids of the k nearest that `accept` lets through, best first. */
  nearest(query: Float32Array, k: number, accept: (row: number) => boolean = () => true): readonly string[] {
    const queryNorm = Math.sqrt(query.reduce((sum, value) => sum + value * value, 0))
    const best = new Best(k, (left, right) => (this.#ids[left] as string) < (this.#ids[right] as string))
    for (let row = 0; row < this.#ids.length; row += 1) {
      if (!accept(row)) continue
      const cosine = this.#dot(row, query) / (queryNorm * (this.#norms[row] as number))
      best.offer(row, Math.fround(Math.max(-1, Math.min(1, cosine))))
    }
    return best.rows.map((row) => this.#ids[row] as string)
  }

  #dot(row: number, query: Float32Array): number {
    const offset = row * this.#dimension
    let sum = 0
    for (let index = 0; index < this.#dimension; index += 1)
      sum += (this.#block[offset + index] as number) * (query[index] as number)
    return sum
  }
}

export class DotLoop {
  readonly #block: Float32Array
  readonly #dimension: number

  constructor(vectors: readonly Float32Array[], dimension: number) {
    this.#dimension = dimension
    this.#block = new Float32Array(vectors.length * dimension)
    vectors.forEach((vector, row) => this.#block.set(vector, row * dimension))
  }

  /** Rows of the k greatest dot products, best first. */
  nearest(query: Float32Array, k: number): readonly number[] {
    const [block, dimension] = [this.#block, this.#dimension]
    const best = new Best(k, (left, right) => left < right)
    for (let row = 0, offset = 0; offset < block.length; row += 1, offset += dimension) {
      let a = 0
      let b = 0
      let c = 0
      let d = 0
      let index = 0
      for (; index + 3 < dimension; index += 4) {
        a += (block[offset + index] as number) * (query[index] as number)
        b += (block[offset + index + 1] as number) * (query[index + 1] as number)
        c += (block[offset + index + 2] as number) * (query[index + 2] as number)
        d += (block[offset + index + 3] as number) * (query[index + 3] as number)
      }
      for (; index < dimension; index += 1) a += (block[offset + index] as number) * (query[index] as number)
      best.offer(row, a + b + c + d)
    }
    return best.rows
  }
}

/** The k rows of the greatest scores seen so far, kept in order by insertion: cheap while k is small. */
class Best {
  readonly rows: number[] = []
  readonly #scores: number[] = []
  readonly #k: number
  readonly #comesFirst: (left: number, right: number) => boolean

  /** @param comesFirst decides between rows of one score */
  constructor(k: number, comesFirst: (left: number, right: number) => boolean) {
    this.#k = k
    this.#comesFirst = comesFirst
  }

  offer(row: number, score: number): void {
    const { rows } = this
    const scores = this.#scores
    let place = rows.length
    if (place === this.#k && score < (scores[place - 1] as number)) return
    while (place > 0 && this.#precedes(row, score, place - 1)) place -= 1
    if (place === this.#k) return
    rows.splice(place, 0, row)
    scores.splice(place, 0, score)
    rows.length = scores.length = Math.min(rows.length, this.#k)
  }

  #precedes(row: number, score: number, place: number): boolean {
    const other = this.#scores[place] as number
    return score > other || (score === other && this.#comesFirst(row, this.rows[place] as number))
  }
}
