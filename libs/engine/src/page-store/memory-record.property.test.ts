import type { Uuid } from '@waggle/kernel'
import { memoryTypes, type AttributeValue, type MemoryNode } from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pagesOf, pagesOfRecord } from './memory-pages.ts'
import { decodeMemory, encodeMemory, memoryIdOf, recordLength } from './memory-record.ts'

const uuid = fc.uuid().map((text) => text as Uuid)
const text = fc.string({ unit: 'binary', maxLength: 40 })
const micros = fc.maxSafeNat()
const unit = fc.float({ min: 0, max: 1, noNaN: true }).map((value) => value + 0)
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  text,
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  fc.uint8Array({ maxLength: 20 }),
)
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined })

const memories: fc.Arbitrary<MemoryNode> = fc
  .record({
    ...{ id: uuid, agentId: uuid, userId: uuid, spaceId: uuid, memoryType: fc.constantFrom(...memoryTypes) },
    content: fc.oneof(
      text,
      fc.integer({ min: 0, max: 150_000 }).map((size) => 'x'.repeat(size)),
    ),
    context: optional(text),
    embedding: fc.float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 50 }),
    ...{ createdAt: micros, accessedAt: micros, accessCount: fc.nat({ max: 0xffff_ffff }) },
    ...{ salience: unit, confidence: unit, tags: fc.array(text, { maxLength: 5 }) },
    attributes: fc.dictionary(
      text.filter((name) => name !== '__proto__'),
      value,
      { maxKeys: 5, noNullPrototype: true },
    ),
    ...{ validFrom: optional(micros), validUntil: optional(micros) },
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, each]) => each !== undefined)) as never)

describe('a memory over its pages', () => {
  test('comes back from what its pages hold', () => {
    fc.assert(
      fc.property(memories, (memory) => {
        const record = encodeMemory(memory)
        expect(recordLength(record)).toBe(record.length)
        const numbers = Array.from({ length: pagesOf(record.length) }, (_, index) => index + 3)
        const pages = pagesOfRecord(record, numbers)
        expect(pages.map(({ kind, next }) => [kind, next])).toEqual(
          numbers.map((number, index) => [
            index === 0 ? 'memory' : 'overflow',
            index === numbers.length - 1 ? 0 : number + 1,
          ]),
        )
        expect(memoryIdOf((pages[0] as { readonly data: Uint8Array }).data)).toBe(memory.id)
        expect(decodeMemory(Buffer.concat(pages.map(({ data }) => data)))).toEqual(memory)
      }),
    )
  })
})
