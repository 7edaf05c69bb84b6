import { formatUuid, type Uuid } from '@waggle/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryStore } from '../store/memory-store.ts'
import { appendId, countIds, readIds, removeId } from './id-list.ts'
import { Overlay } from './overlay.ts'

const key = Uint8Array.of(1)

/** Few different bytes, so that the bytes of an id also lie across two others. */
const ids = fc
  .array(fc.constantFrom(0, 1), { minLength: 16, maxLength: 16 })
  .map((bytes) => formatUuid(Uint8Array.from(bytes)))
const repeating = fc.constantFrom(0, 1).map((byte) => formatUuid(new Uint8Array(16).fill(byte)))

test('a list is what a plain list is: in order, without what was removed, and no row when it is empty', () => {
  const change = fc.record({ add: fc.boolean(), id: fc.oneof(ids, repeating), at: fc.nat() })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const state = new Overlay(new MemoryStore())
      let plain: Uuid[] = []
      for (const { add, id, at } of changes)
        if (add) {
          if (plain.includes(id)) continue
          appendId(state, key, id)
          plain.push(id)
        } else {
          const gone = plain.length > 0 && at % 3 > 0 ? (plain[at % plain.length] as Uuid) : id
          removeId(state, key, gone)
          plain = plain.filter((other) => other !== gone)
        }
      expect(readIds(state, key)).toEqual(plain)
      expect(countIds(state, key)).toBe(plain.length)
      expect(state.get(key) === undefined).toBe(plain.length === 0)
    }),
    { numRuns: 500 },
  )
})

test('what was read of a list stays as it was when the list changes', () => {
  const state = new Overlay(new MemoryStore())
  const [first, second, third] = [1, 2, 3].map((byte) => formatUuid(new Uint8Array(16).fill(byte))) as [
    Uuid,
    Uuid,
    Uuid,
  ]
  for (const id of [first, second, third]) appendId(state, key, id)
  const before = state.get(key)
  const copy = before?.slice()
  removeId(state, key, first)
  removeId(state, key, third)
  appendId(state, key, first)
  expect(readIds(state, key)).toEqual([second, first])
  expect(before).toEqual(copy)
})
