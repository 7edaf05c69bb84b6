/**
 * The memory of all indexes of a store. Addresses of WebAssembly end at 4 GiB, and signed ones at half of that: when a
 * memory is full, another one follows.
 */
import { assert } from '@waggle/kernel'
import { ScanMemory, type MemoryBlock } from './scan-memory.ts'

/** 2 GiB. */
const PAGES_MAX = 32_768

export class ScanArena {
  readonly #pagesMax: number
  readonly #memories: ScanMemory[] = []

  /** @param pagesMax of one memory, of 64 KiB each: 32 or more */
  constructor(pagesMax = PAGES_MAX) {
    this.#pagesMax = pagesMax
  }

  /** A block whose bytes may be anything; its size as `ScanMemory.take` has it. */
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
