/**
 * BM25, as Lucene has it: `weight * f / (f + k1 * (1 - b + b * length / average))`, with `k1` 0.9 and `b` 0.4, which
 * suit short texts, and with the inverse frequency `ln(1 + (n - df + 0.5) / (df + 0.5))`, which is never negative.
 */
import type { PostingList } from './posting-lists.ts'

const K1 = 0.9
const B = 0.4

/** @param count of all texts @param having of those with the term, 1..count */
export const inverseFrequency = (count: number, having: number): number =>
  Math.log(1 + (count - having + 0.5) / (having + 0.5))

/** @returns `slope`, how much the length of a text weighs, of texts of this average length */
export const slopeOf = (averageLength: number): number => (K1 * B) / averageLength

/** What a term adds to the score of a text for each unit of the term's weight: above 0, below 1. */
export const saturation = (frequency: number, length: number, slope: number): number =>
  frequency / (frequency + K1 * (1 - B) + slope * length)

/** Rows with their scores, in no particular order. */
export interface Scores {
  readonly rows: Uint32Array
  /** Above 0, in the order of the rows. */
  readonly scores: Float64Array
}

interface WeighedList {
  readonly list: PostingList
  readonly weight: number
  /** Of all texts, by row. */
  readonly lengths: Uint32Array
  readonly slope: number
}

/**
 * Where scores add up, term by term. One serves all indexes of a process, since a search runs in one turn: it is as
 * large as the largest index has rows, 12 bytes each.
 */
export class ScoreBoard {
  /** By row; 0 for all between two searches. */
  #sums = new Float64Array(0)
  #touched = new Uint32Array(0)
  #count = 0

  /** Room for so many rows. */
  reserve(rows: number): void {
    if (rows <= this.#sums.length) return
    this.#sums = new Float64Array(rows + (rows >>> 1))
    this.#touched = new Uint32Array(this.#sums.length)
  }

  add({ list: { rows, frequencies }, weight, lengths, slope }: WeighedList): void {
    const sums = this.#sums
    const touched = this.#touched
    let count = this.#count
    for (let place = 0; place < rows.length; place += 1) {
      const row = rows[place] as number
      const before = sums[row] as number
      if (before === 0) touched[count++] = row
      sums[row] = before + weight * saturation(frequencies[place] as number, lengths[row] as number, slope)
    }
    this.#count = count
  }

  /** Takes what has added up; nothing is left. */
  take(): Scores {
    const rows = this.#touched.slice(0, this.#count)
    const scores = new Float64Array(rows.length)
    for (let place = 0; place < rows.length; place += 1) {
      const row = rows[place] as number
      scores[place] = this.#sums[row] as number
      this.#sums[row] = 0
    }
    this.#count = 0
    return { rows, scores }
  }
}
