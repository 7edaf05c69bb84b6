import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RowBlocks } from './row-blocks.ts'
import { ScanArena } from './scan-arena.ts'
import { BLOCK_BYTES_MAX, BLOCK_BYTES_MIN, ScanMemory, type MemoryBlock } from './scan-memory.ts'

/** Room for the desk and three chunks. */
const PAGES = 64

const sizes = Array.from({ length: 7 }, (_, power) => BLOCK_BYTES_MIN * 2 ** power)

/** Takes blocks until the memory is full. */
const takeAll = (memory: ScanMemory, bytes: number): readonly MemoryBlock[] => {
  const blocks: MemoryBlock[] = []
  for (let block = memory.take(bytes); block !== undefined; block = memory.take(bytes)) blocks.push(block)
  return blocks
}

describe('ScanMemory', () => {
  test('M1 P11 blocks never overlap, and all that was given back serves the largest again', () => {
    const step = fc.record({ bytes: fc.constantFrom(...sizes), take: fc.boolean(), which: fc.nat(50) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const memory = new ScanMemory(PAGES)
        const taken: MemoryBlock[] = []
        for (const { bytes, take, which } of steps) {
          const block = take ? memory.take(bytes) : undefined
          if (block !== undefined) {
            expect(block.address % bytes).toBe(0)
            for (const other of taken)
              expect(block.address + bytes <= other.address || other.address + other.bytes <= block.address).toBe(true)
            taken.push(block)
          } else if (taken.length > 0) {
            const [back] = taken.splice(which % taken.length, 1)
            memory.giveBack(back as MemoryBlock)
          }
        }
        for (const block of taken) memory.giveBack(block)
        expect(takeAll(memory, BLOCK_BYTES_MAX)).toHaveLength(3)
      }),
      { numRuns: 40 },
    )
  })

  test('M2 what was given back is used before the memory grows', () => {
    const memory = new ScanMemory(PAGES)
    const first = memory.take(BLOCK_BYTES_MAX) as MemoryBlock
    const size = memory.bytes.length
    memory.giveBack(first)
    for (let n = 0; n < 64; n += 1) expect(memory.take(BLOCK_BYTES_MIN)).toBeDefined()
    expect(memory.bytes.length).toBe(size)
  })
})

describe('ScanArena', () => {
  test('P11 where a memory is full another one follows, and an index may lie in both', () => {
    const arena = new ScanArena(32)
    const blocks = new RowBlocks(384, arena)
    const vector = (row: number): Float32Array => new Float32Array(384).fill(1, 0, (row % 384) + 1)
    for (let row = 0; row < 1_200; row += 1) blocks.put(row, vector(row))
    expect(blocks.bytes).toBeGreaterThan(2 * BLOCK_BYTES_MAX)
    const query = blocks.queryOf(vector(100))
    const nearest: number[] = []
    blocks.scan(query, {
      threshold: 0.9999,
      offer: (row) => {
        if (blocks.similarity(query, row) === 1) nearest.push(row)
      },
    })
    expect(nearest).toEqual([100, 484, 868])
  })
})
