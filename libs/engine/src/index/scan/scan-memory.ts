/**
 * A WebAssembly memory that indexes share: blocks of rows, and a desk where a query, a list of rows and what a scan
 * reports lie while it runs. A search ends in the turn in which it begins, so one desk does.
 *
 * M1  Blocks are halves of halves of a chunk; a block that is given back joins its other half when that is free too, so
 *     what small indexes leave serves large ones.
 * M2  Memory never shrinks: what was given back is used before it grows.
 */
import { assert, present } from '@waggle/kernel'
import { limits } from '@waggle/protocol'
import { instantiate, PAGE_BYTES, type GrowingMemory, type ScanKernel } from './scan-kernel.ts'
import type { ScanQuery } from './scan-query.ts'

export const BLOCK_BYTES_MIN = 16 * 1024
export const BLOCK_BYTES_MAX = 1024 * 1024

/** Rows of a block at most: what a list of them and a report of all take is bounded by it. */
export const BLOCK_ROWS_MAX = 4_096

/** That many numbers behind a list are read, too. */
const LIST_PADDING = 3

// The desk. Its first number is free, so that no address is 0.
const FLOATS_AT = 64
const CODES_AT = FLOATS_AT + limits.DIMENSION_MAX * 4
const ALL_AT = CODES_AT + limits.DIMENSION_MAX * 2
const LIST_AT = ALL_AT + (BLOCK_ROWS_MAX + LIST_PADDING + 1) * 4
const REPORT_AT = LIST_AT + (BLOCK_ROWS_MAX + LIST_PADDING + 1) * 4
const DESK_END = REPORT_AT + BLOCK_ROWS_MAX * 8
/** Chunks begin at multiples of their size (M1); what lies before the first is never touched beyond the desk. */
const CHUNK_PAGES = BLOCK_BYTES_MAX / PAGE_BYTES
const FIRST_PAGES = CHUNK_PAGES
const GROWTH_PAGES_MIN = 8 * CHUNK_PAGES
assert(DESK_END <= BLOCK_BYTES_MAX, 'the desk lies before the first chunk')

/** Addresses on the desk. */
export const desk = {
  /** The query as floats. */
  floats: FLOATS_AT,
  /** The query as 16-bit codes. */
  codes: CODES_AT,
  /** The list of all rows of a block. */
  all: ALL_AT,
  /** The list of some. */
  list: LIST_AT,
  report: REPORT_AT,
} as const

/** A piece of a memory. */
export interface MemoryBlock {
  readonly memory: ScanMemory
  readonly address: number
  readonly bytes: number
}

interface Views {
  readonly bytes: Uint8Array
  readonly words: Uint32Array
  readonly floats: Float32Array
  readonly doubles: Float64Array
  readonly shorts: Int16Array
}

const viewsOf = ({ buffer }: GrowingMemory): Views => ({
  bytes: new Uint8Array(buffer),
  words: new Uint32Array(buffer),
  floats: new Float32Array(buffer),
  doubles: new Float64Array(buffer),
  shorts: new Int16Array(buffer),
})

export class ScanMemory {
  readonly kernel: ScanKernel
  readonly #memory: GrowingMemory
  readonly #pagesMax: number
  #pages = FIRST_PAGES
  /** Where the next chunk begins. */
  #end = BLOCK_BYTES_MAX
  /** Addresses of free blocks, by their size. */
  readonly #free = new Map<number, Set<number>>()
  #views: Views
  /** What lies on the desk. */
  #query: ScanQuery | undefined

  /** @param pagesMax of 64 KiB */
  constructor(pagesMax: number) {
    const { memory, kernel } = instantiate(FIRST_PAGES, pagesMax)
    this.#memory = memory
    this.kernel = kernel
    this.#pagesMax = pagesMax
    for (let bytes = BLOCK_BYTES_MIN; bytes <= BLOCK_BYTES_MAX; bytes *= 2) this.#free.set(bytes, new Set())
    this.#views = viewsOf(memory)
    const { words } = this.#views
    for (let row = 0; row < BLOCK_ROWS_MAX + LIST_PADDING; row += 1) words[desk.all / 4 + row] = row
  }

  /** All of it as bytes; like the other views until the next `take`. */
  get bytes(): Uint8Array {
    return this.#views.bytes
  }

  get words(): Uint32Array {
    return this.#views.words
  }

  get floats(): Float32Array {
    return this.#views.floats
  }

  get doubles(): Float64Array {
    return this.#views.doubles
  }

  /**
   * A block whose bytes may be anything.
   * @param bytes a power of two from `BLOCK_BYTES_MIN` to `BLOCK_BYTES_MAX`
   * @returns undefined when the memory is full
   */
  take(bytes: number): MemoryBlock | undefined {
    const address = this.#take(bytes)
    return address === undefined ? undefined : { memory: this, address, bytes }
  }

  /** M1. */
  giveBack({ address, bytes }: MemoryBlock): void {
    for (; bytes < BLOCK_BYTES_MAX && this.#freeOf(bytes).delete(address ^ bytes); bytes *= 2) address &= ~bytes
    this.#freeOf(bytes).add(address)
  }

  /** Puts a query on the desk. */
  layOut(query: ScanQuery): void {
    if (this.#query === query) return
    this.#views.floats.set(query.floats, desk.floats / 4)
    this.#views.shorts.set(query.codes, desk.codes / 2)
    this.#query = query
  }

  /** Puts numbers of a block's rows on the desk. @param first the number of the block's first row */
  list(rows: Uint32Array, first: number): void {
    const { words } = this.#views
    const start = desk.list / 4
    for (let index = 0; index < rows.length; index += 1) words[start + index] = (rows[index] as number) - first
    words.fill(0, start + rows.length, start + rows.length + LIST_PADDING)
  }

  #take(bytes: number): number | undefined {
    if (bytes > BLOCK_BYTES_MAX) return this.#grow()
    const free = this.#freeOf(bytes)
    for (const address of free) {
      free.delete(address)
      return address
    }
    const whole = this.#take(bytes * 2)
    if (whole !== undefined && bytes < BLOCK_BYTES_MAX) free.add(whole + bytes)
    return whole
  }

  /** Another chunk. */
  #grow(): number | undefined {
    if (this.#end + BLOCK_BYTES_MAX > this.#pages * PAGE_BYTES && !this.#growAhead()) return undefined
    const address = this.#end
    this.#end += BLOCK_BYTES_MAX
    return address
  }

  /**
   * Room for as much again. To grow is to have another buffer, all of which the garbage collector takes for new: chunk
   * by chunk, 100,000 vectors would make it run 150 times. Room that nobody has written to takes no memory.
   */
  #growAhead(): boolean {
    const pages = Math.min(Math.max(this.#pages, GROWTH_PAGES_MIN), this.#pagesMax - this.#pages)
    if (pages < CHUNK_PAGES) return false
    this.#memory.grow(pages)
    this.#pages += pages
    this.#views = viewsOf(this.#memory)
    return true
  }

  #freeOf(bytes: number): Set<number> {
    return present(this.#free.get(bytes), 'a size of blocks')
  }
}
