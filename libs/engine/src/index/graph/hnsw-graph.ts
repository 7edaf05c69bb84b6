/**
 * A graph of unit vectors: the only code that calls the binding of hnswlib. What the binding does not check ends the
 * process or spoils the graph in silence, so everything is checked here, before the call.
 *
 * H1  A vector has the graph's dimension, is finite and not zero. The binding gets it normalised, in one array of
 *     numbers that is used again for every call: it takes no typed array, and something else than a number in an array
 *     aborts the process.
 * H2  Labels count up from 0 in the order in which vectors come, and none is ever used again: a new vector for an old
 *     one takes a new label. (To use one again doubles or loses labels, and is eight times slower.)
 * H3  `ef` is set before a search: it begins as 10, and a file does not keep it.
 * H4  Room grows by half when four fifths of it are taken, well before the binding refuses.
 * H5  The binding never gets a filter function, nor a k above its room.
 * H6  While a graph is written nothing else is done with it. Reading makes a graph of its own: a failed read leaves a
 *     dangling pointer in an object that had an index before.
 * H7  `release` gives the memory back at once: the garbage collector, which sees nothing of it, would take its time.
 */
import { assert } from '@waggle/kernel'
import hnswlib from 'hnswlib-node'

/** Links of a vector at every level but the lowest, which has twice as many. */
export const GRAPH_LINKS = 16
/** Candidates that an insertion weighs. */
export const GRAPH_EF_CONSTRUCTION = 200

const SEED = 100
const CAPACITY_MIN = 1_024
const LABELS_MAX = 2 ** 32

export class HnswGraph {
  readonly #dimension: number
  readonly #index: hnswlib.HierarchicalNSW
  /** H1. */
  readonly #scratch: number[]
  readonly #dead = new Set<number>()
  #count: number
  #isWriting = false
  #isReleased = false

  private constructor(index: hnswlib.HierarchicalNSW, dimension: number, count: number) {
    this.#index = index
    this.#dimension = dimension
    this.#scratch = new Array<number>(dimension).fill(0)
    this.#count = count
  }

  /** An empty one. @param expected how many vectors it will have, as far as that is known */
  static create(dimension: number, expected: number): HnswGraph {
    const index = new hnswlib.HierarchicalNSW('ip', dimension)
    index.initIndex(Math.max(CAPACITY_MIN, Math.ceil(expected * 1.3)), GRAPH_LINKS, GRAPH_EF_CONSTRUCTION, SEED)
    return new HnswGraph(index, dimension, 0)
  }

  /**
   * H6. What `write` has written and nobody has touched since: the binding believes a file whatever is in it, so
   * `graph-file.ts` looks at it first.
   * @param dead labels that were removed before it was written
   */
  static async read(file: string, dimension: number, dead: Iterable<number>): Promise<HnswGraph> {
    const index = new hnswlib.HierarchicalNSW('ip', dimension)
    await index.readIndex(file)
    const graph = new HnswGraph(index, dimension, index.getCurrentCount())
    for (const label of dead) graph.#dead.add(label)
    return graph
  }

  /** Labels that were given, removed ones included: the next one is this. */
  get count(): number {
    return this.#count
  }

  get dead(): ReadonlySet<number> {
    return this.#dead
  }

  get isWriting(): boolean {
    return this.#isWriting
  }

  /** @returns its label */
  add(vector: Float32Array): number {
    this.#assertUsable()
    const label = this.#count
    assert(label < LABELS_MAX, 'a label is an unsigned integer of 32 bits')
    this.#normalise(vector)
    const capacity = this.#index.getMaxElements()
    // H4.
    if (label >= capacity * 0.8) this.#index.resizeIndex(Math.ceil(capacity * 1.5))
    this.#index.addPoint(this.#scratch, label)
    this.#count += 1
    return label
  }

  /** Takes a vector out of all results; its memory stays until the graph is built anew. A second time does nothing. */
  remove(label: number): void {
    this.#assertUsable()
    assert(Number.isInteger(label) && label >= 0 && label < this.#count, 'a label of this graph')
    if (this.#dead.has(label)) return
    this.#dead.add(label)
    this.#index.markDelete(label)
  }

  /**
   * Labels of the nearest, nearest first: k, or as many as the walk met.
   * @param ef candidates that the walk keeps: what it finds gets better and takes longer with more of them
   */
  search(query: Float32Array, k: number, ef: number): Uint32Array {
    this.#assertUsable()
    assert(Number.isInteger(k) && k >= 1 && Number.isInteger(ef) && ef >= 1, 'k and ef are 1 or more')
    const alive = this.#count - this.#dead.size
    if (alive === 0) return new Uint32Array()
    this.#normalise(query)
    // H3.
    this.#index.setEf(ef)
    // H5: there is never less room than vectors.
    return Uint32Array.from(this.#index.searchKnn(this.#scratch, Math.min(k, alive)).neighbors)
  }

  /** Writes the graph, which is not empty, as it is. Neither complete nor durable before somebody has looked (H6). */
  async write(file: string): Promise<void> {
    this.#assertUsable()
    assert(this.#count > 0, 'an empty graph comes back from a file without room')
    this.#isWriting = true
    try {
      await this.#index.writeIndex(file)
    } finally {
      this.#isWriting = false
    }
  }

  /** H7. The graph is of no use any more. */
  release(): void {
    this.#assertUsable()
    this.#isReleased = true
    this.#index.initIndex(1)
  }

  #assertUsable(): void {
    assert(!this.#isReleased && !this.#isWriting, 'a graph is neither released nor being written when it is used')
  }

  /** H1. */
  #normalise(vector: Float32Array): void {
    assert(vector.length === this.#dimension, 'a vector has the dimension of its graph')
    let square = 0
    for (const component of vector) square += component ** 2
    const norm = Math.sqrt(square)
    assert(Number.isFinite(norm) && norm > 0, 'a vector is finite and not zero')
    for (let place = 0; place < vector.length; place += 1) this.#scratch[place] = (vector[place] as number) / norm
  }
}
