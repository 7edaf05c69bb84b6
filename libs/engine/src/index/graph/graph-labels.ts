/**
 * Which rows of the flat tier a graph knows, and by which labels. Pure bookkeeping: it asks nobody.
 *
 * B1  A row is known under the label of its present vector, or it is in the tail; searches look at the tail themselves.
 * B2  A label stands for one vector for ever: when that vector is changed or removed the label is dead.
 * B3  Rows on their way to the graph count as tail until they are there; one whose vector changes on the way gets a
 *     label that is dead from the start.
 */
import { assert } from '@waggle/kernel'

const NONE = 0xffff_ffff

export class GraphLabels {
  /** By row; `NONE` for one that the graph does not know. */
  #labels: Uint32Array = new Uint32Array(1_024).fill(NONE)
  /** By label; `NONE` for a dead one. */
  #rows: Uint32Array = new Uint32Array(1_024).fill(NONE)
  #count = 0
  #alive = 0
  readonly #tail: Set<number>
  #batch: readonly number[] = []
  /** B3: those of the batch whose vectors are still the same. */
  readonly #unchanged = new Set<number>()

  /** @param rows that there are, in the order in which the graph is to get them */
  constructor(rows: Iterable<number>) {
    this.#tail = new Set(rows)
  }

  /** Labels that were given. */
  get count(): number {
    return this.#count
  }

  /** Rows that the graph knows. */
  get alive(): number {
    return this.#alive
  }

  /** Rows that wait for the graph, those on their way aside. */
  get waiting(): ReadonlySet<number> {
    return this.#tail
  }

  /** Rows that a search has to look at itself (B1). */
  get tail(): readonly number[] {
    return [...this.#tail, ...this.#unchanged]
  }

  get tailSize(): number {
    return this.#tail.size + this.#unchanged.size
  }

  knows(row: number): boolean {
    return this.#labelOf(row) !== NONE
  }

  /** A row has a new vector. @returns the label that is dead by that (B2) */
  changed(row: number): number | undefined {
    const label = this.removed(row)
    this.#tail.add(row)
    return label
  }

  /** A row is gone. @returns the label that is dead by that (B2) */
  removed(row: number): number | undefined {
    this.#tail.delete(row)
    this.#unchanged.delete(row)
    const label = this.#labelOf(row)
    if (label === NONE) return undefined
    this.#labels[row] = NONE
    this.#rows[label] = NONE
    this.#alive -= 1
    return label
  }

  /** Takes up to so many rows out of the tail, which are then on their way. */
  take(count: number): readonly number[] {
    assert(this.#batch.length === 0, 'one batch is on its way at a time')
    const batch: number[] = []
    for (const row of this.#tail) {
      if (batch.length >= count) break
      batch.push(row)
    }
    for (const row of batch) {
      this.#tail.delete(row)
      this.#unchanged.add(row)
    }
    this.#batch = batch
    return batch
  }

  /** What was taken has arrived, under the next labels. @returns those that are dead by now (B3) */
  arrived(): readonly number[] {
    const dead: number[] = []
    for (const row of this.#batch)
      if (this.#unchanged.has(row)) this.adopt(row)
      else dead.push(this.skip())
    this.#batch = []
    this.#unchanged.clear()
    return dead
  }

  /** The next label stands for the present vector of a row. */
  adopt(row: number): void {
    assert(this.#labelOf(row) === NONE, 'a row has one label')
    const label = this.skip()
    this.#tail.delete(row)
    this.#labels = grown(this.#labels, row)
    this.#labels[row] = label
    this.#rows[label] = row
    this.#alive += 1
  }

  /** The next label is dead. @returns it */
  skip(): number {
    const label = this.#count
    this.#rows = grown(this.#rows, label)
    this.#count += 1
    return label
  }

  /** The rows that labels stand for, dead ones aside. */
  rowsOf(labels: Uint32Array): Uint32Array {
    return labels.map((label) => this.#rows[label] ?? NONE).filter((row) => row !== NONE)
  }

  /** The rows whose labels were given from `label` on. */
  rowsSince(label: number): Uint32Array {
    return this.#rows.subarray(label, this.#count).filter((row) => row !== NONE)
  }

  #labelOf(row: number): number {
    return this.#labels[row] ?? NONE
  }
}

const grown = (numbers: Uint32Array, place: number): Uint32Array => {
  if (place < numbers.length) return numbers
  const larger = new Uint32Array(Math.max(place + 1, numbers.length * 2)).fill(NONE)
  larger.set(numbers)
  return larger
}
