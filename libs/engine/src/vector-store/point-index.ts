/**
 * The vectors of one vector store in memory, in blocks of some thousand rows.
 *
 * B1  A view shows the index of one moment for as long as it is held: whoever changes a block that a view shows changes
 *     a copy of it. So a search may take many turns while writes are applied.
 */
import { assert, present } from '@waggle/kernel'
import type { Uint64Text } from '@waggle/protocol'
import { dotAt } from '../index/dot.ts'

/** Rows side by side, each with its id. */
export interface Block {
  /** How many there are. */
  readonly length: number
  readonly ids: readonly Uint64Text[]
  readonly vectors: Float32Array
  /** The length of each vector, in double precision. */
  readonly norms: Float64Array
}

/** A copy of a row's vector. */
export const vectorOf = ({ vectors, norms }: Block, row: number): Float32Array => {
  const dimension = vectors.length / norms.length
  return vectors.slice(row * dimension, (row + 1) * dimension)
}

export interface PointView {
  readonly size: number
  readonly blocks: readonly Block[]
  /** Must be called once, when the view is no longer looked at. */
  release(): void
}

interface OwnBlock extends Block {
  length: number
  ids: Uint64Text[]
  vectors: Float32Array
  norms: Float64Array
  /** Views that show it. */
  views: number
}

/** What a change copies at the worst, while a view is held: some 0.1 ms. */
const BLOCK_BYTES = 1024 * 1024
const BLOCK_ROWS_MAX = 4_096
const FIRST_ROWS = 16

/** What a row takes beside its vector: its id as text, its place in a map, its norm. */
const ROW_BYTES = 128

export class PointIndex {
  readonly #dimension: number
  readonly #rowsPerBlock: number
  readonly #rows = new Map<Uint64Text, number>()
  readonly #blocks: OwnBlock[] = []

  constructor(dimension: number) {
    this.#dimension = dimension
    this.#rowsPerBlock = Math.max(1, Math.min(BLOCK_ROWS_MAX, Math.floor(BLOCK_BYTES / (dimension * 4))))
  }

  get size(): number {
    return this.#rows.size
  }

  get bytes(): number {
    return this.size * (this.#dimension * 4 + ROW_BYTES)
  }

  /** Adds a vector, or replaces the one of that id. */
  put(id: Uint64Text, vector: Float32Array): void {
    assert(vector.length === this.#dimension, 'an indexed vector has the dimension of its index')
    const row = this.#rows.get(id) ?? this.#rows.size
    const block = this.#blockOf(row)
    const at = row % this.#rowsPerBlock
    if (at === block.norms.length) this.#grow(block)
    this.#rows.set(id, row)
    block.ids[at] = id
    block.vectors.set(vector, at * this.#dimension)
    block.norms[at] = Math.sqrt(dotAt(vector, 0, vector))
    block.length = Math.max(block.length, at + 1)
  }

  /** The last row moves into the gap. */
  remove(id: Uint64Text): void {
    const row = this.#rows.get(id)
    if (row === undefined) return
    const last = this.#rows.size - 1
    const [from, to] = [this.#blockOf(last), this.#blockOf(row)]
    const [fromAt, toAt] = [last % this.#rowsPerBlock, row % this.#rowsPerBlock]
    const lastId = present(from.ids[fromAt], 'last id of the index')
    const start = fromAt * this.#dimension
    to.vectors.set(from.vectors.subarray(start, start + this.#dimension), toAt * this.#dimension)
    to.norms[toAt] = present(from.norms[fromAt], 'last row of the index')
    to.ids[toAt] = lastId
    this.#rows.set(lastId, row)
    this.#rows.delete(id)
    from.length = fromAt
    from.ids.length = fromAt
    if (fromAt === 0) this.#blocks.pop()
  }

  /** B1. */
  view(): PointView {
    const blocks = [...this.#blocks]
    for (const block of blocks) block.views += 1
    return {
      size: this.size,
      blocks,
      release: () => {
        for (const block of blocks) block.views -= 1
      },
    }
  }

  /** The block of a row, free to be changed (B1). */
  #blockOf(row: number): OwnBlock {
    const index = Math.floor(row / this.#rowsPerBlock)
    const shown = this.#blocks[index]
    if (shown?.views === 0) return shown
    const block: OwnBlock =
      shown === undefined
        ? { length: 0, ids: [], vectors: new Float32Array(0), norms: new Float64Array(0), views: 0 }
        : { ...shown, ids: [...shown.ids], vectors: shown.vectors.slice(), norms: shown.norms.slice(), views: 0 }
    this.#blocks[index] = block
    return block
  }

  #grow(block: OwnBlock): void {
    const rows = Math.min(this.#rowsPerBlock, Math.max(FIRST_ROWS, block.norms.length * 2))
    const [vectors, norms] = [new Float32Array(rows * this.#dimension), new Float64Array(rows)]
    vectors.set(block.vectors)
    norms.set(block.norms)
    Object.assign(block, { vectors, norms })
  }
}
