/**
 * The memory of all indexes of a store. Addresses of WebAssembly end at 4 GiB, and signed ones at half of that: when a
 * memory is full, another one follows.
 */
import { assert } from '@waggle/kernel'
import { ScanMemory, type MemoryBlock } from './scan-memory.ts'

/** 2 GiB. */
const PAGES_MAX = 32_768

/** Where an index gets its blocks: their bytes may be anything, their sizes are those of `ScanMemory.take`. */
export interface BlockSource {
  take(bytes: number): MemoryBlock
}

export class ScanArena implements BlockSource {
  readonly #pagesMax: number
  readonly #memories: ScanMemory[] = []

  /** @param pagesMax of one memory, of 64 KiB each: 32 or more */
  constructor(pagesMax = PAGES_MAX) {
    this.#pagesMax = pagesMax
  }

  take(bytes: number): MemoryBlock {
    for (const memory of this.#memories) {
      const block = memory.take(bytes)
      if (block !== undefined) return block
    }
    const memory = new ScanMemory(this.#pagesMax)
    this.#memories.push(memory)
    const block = memory.take(bytes)
    assert(block !== undefined, 'a new memory has room for a block')
    return block
  }
}
