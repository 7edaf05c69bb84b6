/**
 * For each term the rows that have it, and how often: two columns of numbers for all lists together, no object a
 * posting. A list is in the order of its rows and is changed where it stands, so it never tells of a row that has left.
 */
import { RunSpace, withRoom } from './run-space.ts'

/** How often a term counts in one text at most: what a byte holds. Its score has long stopped rising there. */
export const FREQUENCY_MAX = 255

export interface PostingList {
  /** Rising. */
  readonly rows: Uint32Array
  /** 1..255, in the order of the rows. */
  readonly frequencies: Uint8Array
}

export class PostingLists {
  readonly #space = new RunSpace()
  #rows = new Uint32Array(0)
  #frequencies = new Uint8Array(0)
  /** By term. */
  #starts = new Uint32Array(0)
  #counts = new Uint32Array(0)

  get bytes(): number {
    const columns = [this.#rows, this.#frequencies, this.#starts, this.#counts]
    return columns.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** Rows that have the term. */
  count(term: number): number {
    return this.#counts[term] ?? 0
  }

  /** The list as it is now: it changes with the next change. */
  list(term: number): PostingList {
    const start = this.#starts[term] as number
    const end = start + this.count(term)
    return { rows: this.#rows.subarray(start, end), frequencies: this.#frequencies.subarray(start, end) }
  }

  /** How often a row has a term; 0 where it has not. */
  frequency(term: number, row: number): number {
    const place = this.#placeOf(term, row)
    return this.#isAt(term, place, row) ? (this.#frequencies[place] as number) : 0
  }

  /** Counts a term once more in a row. @returns whether the row did not have it yet */
  add(term: number, row: number): boolean {
    const place = this.#placeOf(term, row)
    if (this.#isAt(term, place, row)) {
      const frequency = this.#frequencies[place] as number
      if (frequency < FREQUENCY_MAX) this.#frequencies[place] = frequency + 1
      return false
    }
    const count = this.count(term)
    const offset = place - (this.#starts[term] ?? 0)
    if (isRunSize(count)) this.#grow(term, count)
    const at = (this.#starts[term] as number) + offset
    this.#move(at, at + 1, count - offset)
    this.#rows[at] = row
    this.#frequencies[at] = 1
    this.#counts[term] = count + 1
    return true
  }

  /** Takes a row, which has the term, off its list. */
  remove(term: number, row: number): void {
    const place = this.#placeOf(term, row)
    const left = this.count(term) - 1
    this.#move(place + 1, place, (this.#starts[term] as number) + left - place)
    this.#counts[term] = left
    if (isRunSize(left)) this.#shrink(term, left)
  }

  /** Where the row is among all places, or would be. */
  #placeOf(term: number, row: number): number {
    const start = this.#starts[term] ?? 0
    let low = start
    let high = start + this.count(term)
    // A new text mostly has the highest row: no search.
    if (high > low && (this.#rows[high - 1] as number) < row) return high
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#rows[middle] as number) < row) low = middle + 1
      else high = middle
    }
    return low
  }

  #isAt(term: number, place: number, row: number): boolean {
    return place < (this.#starts[term] ?? 0) + this.count(term) && this.#rows[place] === row
  }

  /** Gives a list, whose run is full, one of twice the size. */
  #grow(term: number, count: number): void {
    this.#starts = withRoom(this.#starts, term + 1)
    this.#counts = withRoom(this.#counts, term + 1)
    const start = this.#starts[term] as number
    const moved = this.#space.take(Math.max(1, 2 * count))
    this.#rows = withRoom(this.#rows, this.#space.end)
    this.#frequencies = withRoom(this.#frequencies, this.#space.end)
    this.#move(start, moved, count)
    this.#starts[term] = moved
    if (count > 0) this.#space.giveBack(start, count)
  }

  /** Gives a list, of which only one half is left, a run that it fills. */
  #shrink(term: number, count: number): void {
    const start = this.#starts[term] as number
    if (count > 0) {
      const moved = this.#space.take(count)
      this.#rows = withRoom(this.#rows, this.#space.end)
      this.#frequencies = withRoom(this.#frequencies, this.#space.end)
      this.#move(start, moved, count)
      this.#starts[term] = moved
    }
    this.#space.giveBack(start, Math.max(1, 2 * count))
  }

  #move(from: number, to: number, count: number): void {
    if (count === 0) return
    this.#rows.copyWithin(to, from, from + count)
    this.#frequencies.copyWithin(to, from, from + count)
  }
}

/** Runs are as long as powers of two, the smallest that the list fits: adding to a list costs little on average. */
const isRunSize = (count: number): boolean => (count & (count - 1)) === 0
