/**
 * Vectors by row number, exact and as 8-bit codes side by side, in blocks of a store's memory.
 *
 * B1  A row's codes times its scale are its direction but for an error whose length is known; by Cauchy-Schwarz the
 *     cosine with a query lies no further than that from what the codes say. So what a scan reports is a pair of
 *     numbers between which the exact similarity lies, and a search that looks closely at all that may belong to its
 *     best finds what comparing everything exactly would find.
 * B2  Similarities are sums in double precision in one order (K2), rounded to single precision once: equal vectors
 *     have equal similarities on every machine.
 */
import { present } from '@waggle/kernel'
import type { BlockSource } from './scan-arena.ts'
import {
  BLOCK_BYTES_MAX,
  BLOCK_BYTES_MIN,
  BLOCK_ROWS_MAX,
  desk,
  type MemoryBlock,
  type ScanMemory,
} from './scan-memory.ts'
import { CODE_MAX, ScanQuery } from './scan-query.ts'

/** Who is told what a scan finds. */
export interface ScanSink {
  /** Rows whose similarity is below it need not be reported. */
  readonly threshold: number
  /** The similarity of the row lies in `least`..`most`. */
  offer(row: number, least: number, most: number): void
}

/**
 * What single precision may add to the error of a bound: seven operations on numbers below 2 and the rounding of the
 * similarity, 2^-24 each.
 */
const ROUNDING = 2 ** -19
/** Rounds up what is stored in single precision. */
const UP = 1 + 2 ** -20
/** Below every bound in single precision but that of a row that is not there. */
const LOWEST = -3e38

/** Rows of codes are read by 32 bytes, rows of floats by 16; blocks are read by four rows. */
const CODES_STEP = 32
const FLOATS_STEP = 4
const ROWS_STEP = 4
/** Scale and slack in single, norm in double precision. */
const FIGURES_BYTES = 16
/** The next block is that many times as large, up to the largest. */
const GROWTH = 4

interface RowBlock {
  readonly block: MemoryBlock
  readonly memory: ScanMemory
  /** The number of its first row. */
  readonly first: number
  readonly rows: number
  // Addresses of what its rows consist of.
  readonly codes: number
  readonly scales: number
  readonly slacks: number
  readonly norms: number
  readonly floats: number
}

const roundedUp = (count: number, step: number): number => Math.ceil(count / step) * step

export class RowBlocks {
  readonly #dimension: number
  readonly #arena: BlockSource
  /** Bytes of a row of codes. */
  readonly #stride: number
  /** Bytes of a row of floats. */
  readonly #floatsBytes: number
  readonly #blocks: RowBlock[] = []
  /** Numbers that have a place. */
  #rows = 0
  #bytes = 0

  constructor(dimension: number, arena: BlockSource) {
    this.#dimension = dimension
    this.#arena = arena
    this.#stride = roundedUp(dimension, CODES_STEP)
    this.#floatsBytes = roundedUp(dimension, FLOATS_STEP) * 4
  }

  get bytes(): number {
    return this.#bytes
  }

  /** @param row at most one more than the largest yet */
  put(row: number, vector: Float32Array): void {
    if (row === this.#rows) this.#grow()
    const block = this.#blockOf(row)
    const { memory, scales, slacks, norms } = block
    const at = row - block.first
    const floats = this.#floatsAt(block, row)
    const codes = block.codes + at * this.#stride
    memory.floats.set(vector, floats / 4)
    const { kernel } = memory
    const norm = Math.sqrt(kernel.dot(floats, floats, this.#floatsBytes))
    const peak = kernel.peak(floats, this.#floatsBytes)
    const errors = kernel.encode(floats, this.#floatsBytes, CODE_MAX / peak, codes)
    const scale = peak / CODE_MAX / norm
    memory.floats[scales / 4 + at] = scale
    memory.floats[slacks / 4 + at] = (scale * Math.sqrt(errors) + ROUNDING) * UP
    memory.doubles[norms / 8 + at] = norm
  }

  /** From now on no scan reports it. */
  clear(row: number): void {
    const { memory, scales, slacks, first } = this.#blockOf(row)
    memory.floats[scales / 4 + row - first] = 0
    memory.floats[slacks / 4 + row - first] = -Infinity
  }

  read(row: number, into: Float32Array): void {
    const block = this.#blockOf(row)
    const floats = this.#floatsAt(block, row) / 4
    into.set(block.memory.floats.subarray(floats, floats + this.#dimension))
  }

  /** Gives all memory back: it is as new then. */
  dispose(): void {
    for (const { memory, block } of this.#blocks) memory.giveBack(block)
    this.#blocks.length = 0
    this.#rows = 0
    this.#bytes = 0
  }

  /** @param embedding finite, not all zero, of the dimension */
  queryOf(embedding: Float32Array): ScanQuery {
    return new ScanQuery(embedding, this.#stride, this.#floatsBytes / 4)
  }

  /** Tells the sink of all rows that may reach its threshold. @param rows ascending; absent: all that were put */
  scan(query: ScanQuery, sink: ScanSink, rows?: Uint32Array): void {
    let start = 0
    for (const block of this.#blocks) {
      const count = Math.min(block.rows, this.#rows - block.first)
      if (rows === undefined) {
        this.#scanBlock(block, query, sink, desk.all, count)
        continue
      }
      let end = start
      while (end < rows.length && (rows[end] as number) < block.first + count) end += 1
      const listed = rows.subarray(start, end)
      start = end
      if (listed.length === 0) continue
      block.memory.list(listed, block.first)
      this.#scanBlock(block, query, sink, desk.list, listed.length)
    }
  }

  /** B2: cosine in single precision. */
  similarity(query: ScanQuery, row: number): number {
    const block = this.#blockOf(row)
    const { memory, norms, first } = block
    memory.layOut(query)
    const dot = memory.kernel.dot(this.#floatsAt(block, row), desk.floats, this.#floatsBytes)
    const cosine = dot / (query.norm * (memory.doubles[norms / 8 + row - first] as number))
    return Math.fround(Math.max(-1, Math.min(1, cosine)))
  }

  #scanBlock(block: RowBlock, query: ScanQuery, sink: ScanSink, list: number, count: number): void {
    const { memory, first, codes, scales, slacks } = block
    memory.layOut(query)
    const threshold = Math.max(LOWEST, sink.threshold - query.blur)
    const { unit, blur } = query
    const stride = this.#stride
    const end =
      memory.kernel.scan(list, count, codes, stride, scales, slacks, desk.codes, unit, threshold, desk.report) / 4
    const { words, floats } = memory
    for (let at = desk.report / 4; at < end; at += 2) {
      const row = words[at] as number
      const bound = floats[at + 1] as number
      sink.offer(first + row, bound - 2 * (floats[slacks / 4 + row] as number) - blur, bound + blur)
    }
  }

  #grow(): void {
    const last = this.#blocks.at(-1)
    if (last !== undefined && this.#rows < last.first + last.rows) {
      this.#rows += 1
      return
    }
    const rowBytes = this.#stride + FIGURES_BYTES + this.#floatsBytes
    const bytesFor = (rows: number): number => 2 ** Math.ceil(Math.log2(rows * rowBytes))
    const wanted = last === undefined ? BLOCK_BYTES_MIN : last.block.bytes * GROWTH
    const most = Math.min(BLOCK_BYTES_MAX, bytesFor(BLOCK_ROWS_MAX))
    const bytes = Math.max(bytesFor(ROWS_STEP), BLOCK_BYTES_MIN, Math.min(wanted, most))
    const rows = Math.min(BLOCK_ROWS_MAX, Math.floor(bytes / rowBytes / ROWS_STEP) * ROWS_STEP)
    const block = this.#arena.take(bytes)
    // What is beyond the dimension stays zero from here on.
    block.memory.bytes.fill(0, block.address, block.address + bytes)
    this.#bytes += bytes
    const codes = block.address
    const scales = codes + rows * this.#stride
    const slacks = scales + rows * 4
    const norms = slacks + rows * 4
    const floats = norms + rows * 8
    this.#blocks.push({ block, memory: block.memory, first: this.#rows, rows, codes, scales, slacks, norms, floats })
    this.#rows += 1
  }

  /** By halving: blocks are few, and the first ones are smaller. */
  #blockOf(row: number): RowBlock {
    let [low, high] = [0, this.#blocks.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#blocks[middle] as RowBlock).first <= row) low = middle
      else high = middle - 1
    }
    return present(this.#blocks[low], 'the block of a row')
  }

  #floatsAt({ floats, first }: RowBlock, row: number): number {
    return floats + (row - first) * this.#floatsBytes
  }
}
