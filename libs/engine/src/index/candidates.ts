/**
 * Which rows may be among the k best, told from bounds of their scores: the k best lower bounds are kept in a heap, and
 * a row whose upper bound lies below the least of those is beaten by k others.
 */
export class Candidates {
  readonly #k: number
  /** The k highest lower bounds, the least of them first. */
  readonly #least: Float64Array
  #count = 0
  readonly #rows: number[] = []
  readonly #most: number[] = []

  /** @param k 1 or more */
  constructor(k: number) {
    this.#k = k
    this.#least = new Float64Array(k)
  }

  /** Scores below it are not among the k best. */
  get threshold(): number {
    return this.#count < this.#k ? -Infinity : (this.#least[0] as number)
  }

  /** A row whose score lies in `least`..`most`. */
  offer(row: number, least: number, most: number): void {
    if (most < this.threshold) return
    this.#rows.push(row)
    this.#most.push(most)
    if (this.#count < this.#k) this.#rise(least)
    else if (least > (this.#least[0] as number)) this.#sink(least)
  }

  /** All that may be among the k best. */
  rows(): readonly number[] {
    const { threshold } = this
    return this.#rows.filter((_, at) => (this.#most[at] as number) >= threshold)
  }

  #rise(value: number): void {
    const heap = this.#least
    let at = this.#count
    this.#count += 1
    for (let parent = (at - 1) >> 1; at > 0 && (heap[parent] as number) > value; parent = (at - 1) >> 1) {
      heap[at] = heap[parent] as number
      at = parent
    }
    heap[at] = value
  }

  /** Replaces the first of the heap. */
  #sink(value: number): void {
    const heap = this.#least
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.#k) break
      if (child + 1 < this.#k && (heap[child + 1] as number) < (heap[child] as number)) child += 1
      if ((heap[child] as number) >= value) break
      heap[at] = heap[child] as number
      at = child
    }
    heap[at] = value
  }
}
