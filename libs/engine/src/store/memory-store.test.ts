import { describe, expect, it } from 'vitest'
import { seededRandom } from '@waggle/kernel/testing'
import { keyValueStoreContract } from '../testing/key-value-store.contract.ts'
import { MemoryStore } from './memory-store.ts'

keyValueStoreContract('MemoryStore', async () => {
  const store = new MemoryStore()
  return { store, dispose: async () => store.close() }
})

describe('MemoryStore', () => {
  it('S3 stays in order over many leaves, while they fill, split and run empty', async () => {
    const random = seededRandom(7)
    const store = new MemoryStore()
    const model = new Map<number, number>()
    for (let round = 0; round < 200; round += 1) {
      const grows = round < 120
      const changes = Array.from({ length: 60 }, () => {
        const number = random.uint32() % 3_000
        const kept = grows ? random.uint32() % 4 > 0 : random.uint32() % 16 === 0
        if (kept) model.set(number, round)
        else model.delete(number)
        const key = Uint8Array.of(number >>> 8, number & 0xff)
        return { key, value: kept ? Uint8Array.of(round) : undefined }
      })
      await store.write(changes, { sync: false })
    }
    const rows: [number, number][] = []
    for await (const [key, value] of store.scan({ gte: new Uint8Array(0) })) {
      rows.push([(key[0]! << 8) | key[1]!, value[0]!])
    }
    expect(rows).toEqual([...model].sort(([left], [right]) => left - right))
  })

  it('takes effect in the call itself, so that a simulation is the same each time', () => {
    const store = new MemoryStore()
    void store.write([{ key: Uint8Array.of(1), value: Uint8Array.of(2) }], { sync: false })
    expect(store.get(Uint8Array.of(1))).toEqual(Uint8Array.of(2))
  })
})
