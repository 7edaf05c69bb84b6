/** For each row the terms that it has, so that all of them are found again when it leaves. */
import { RunSpace, withRoom } from './run-space.ts'

export class TermLists {
  readonly #space = new RunSpace()
  #terms = new Uint32Array(0)
  /** By row. */
  #starts = new Uint32Array(0)
  #counts = new Uint32Array(0)

  get bytes(): number {
    return this.#terms.byteLength + this.#starts.byteLength + this.#counts.byteLength
  }

  /** Gives a row, which has none, its terms. */
  set(row: number, terms: readonly number[]): void {
    const start = this.#space.take(terms.length)
    this.#terms = withRoom(this.#terms, this.#space.end)
    this.#starts = withRoom(this.#starts, row + 1)
    this.#counts = withRoom(this.#counts, row + 1)
    this.#terms.set(terms, start)
    this.#starts[row] = start
    this.#counts[row] = terms.length
  }

  /** Takes the terms of a row. @returns them, until the next change */
  take(row: number): Uint32Array {
    const [start, count] = [this.#starts[row] as number, this.#counts[row] as number]
    this.#space.giveBack(start, count)
    this.#counts[row] = 0
    return this.#terms.subarray(start, start + count)
  }
}
