/**
 * The exact answers that recall is measured against: the rows of the k greatest dot products in double precision, of
 * equals the lower row first. Eight rows at a time, so that a query is read once for all of them.
 */

const LANES = 8

/** @returns k rows of `base` for each query, best first */
export const nearestRows = (base: Float32Array, queries: Float32Array, dimension: number, k: number): Int32Array => {
  const rows = base.length / dimension
  const count = queries.length / dimension
  if (k > rows) throw new Error(`there are no ${k} nearest of ${rows}`)
  const best = new BestRows(count, k)
  const asked = Float64Array.from(queries)
  const block = new Float64Array(LANES * dimension)
  const scores = new Float64Array(LANES)
  for (let row = 0; row < rows; row += LANES) {
    const lanes = Math.min(LANES, rows - row)
    interleave(base, row, lanes, dimension, block)
    for (let query = 0; query < count; query += 1) {
      dotLanes(asked, query * dimension, dimension, block, scores)
      for (let lane = 0; lane < lanes; lane += 1) best.offer(query, row + lane, scores[lane] as number)
    }
  }
  return best.rows
}

const interleave = (base: Float32Array, row: number, lanes: number, dimension: number, block: Float64Array): void => {
  block.fill(0)
  for (let lane = 0; lane < lanes; lane += 1)
    for (let index = 0; index < dimension; index += 1)
      block[index * LANES + lane] = base[(row + lane) * dimension + index] as number
}

const dotLanes = (
  asked: Float64Array,
  offset: number,
  dimension: number,
  block: Float64Array,
  scores: Float64Array,
): void => {
  let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0]
  for (let index = 0, at = 0; index < dimension; index += 1, at += LANES) {
    const value = asked[offset + index] as number
    a += value * (block[at] as number)
    b += value * (block[at + 1] as number)
    c += value * (block[at + 2] as number)
    d += value * (block[at + 3] as number)
    e += value * (block[at + 4] as number)
    f += value * (block[at + 5] as number)
    g += value * (block[at + 6] as number)
    h += value * (block[at + 7] as number)
  }
  scores[0] = a
  scores[1] = b
  scores[2] = c
  scores[3] = d
  scores[4] = e
  scores[5] = f
  scores[6] = g
  scores[7] = h
}

/** The best so far of every query, in order by insertion: cheap while k is small. */
class BestRows {
  readonly rows: Int32Array
  readonly #scores: Float64Array
  readonly #k: number

  constructor(queries: number, k: number) {
    this.rows = new Int32Array(queries * k).fill(-1)
    this.#scores = new Float64Array(queries * k).fill(-Infinity)
    this.#k = k
  }

  /** Rows come in their order, so that an equal one stays behind. */
  offer(query: number, row: number, score: number): void {
    const scores = this.#scores
    const first = query * this.#k
    let place = first + this.#k - 1
    if (!(score > (scores[place] as number))) return
    for (; place > first && score > (scores[place - 1] as number); place -= 1) {
      scores[place] = scores[place - 1] as number
      this.rows[place] = this.rows[place - 1] as number
    }
    scores[place] = score
    this.rows[place] = row
  }
}
