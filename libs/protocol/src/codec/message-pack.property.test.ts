import { Encoder } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeMessagePack, useMessagePack } from './message-pack.ts'

const reference = new Encoder({ ignoreUndefined: true })

const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(-0, -32, -33, -128, -129, -0x8000, -0x8001, -0x8000_0000, -0x8000_0001, -(2 ** 53) + 1),
  fc.constantFrom(127, 128, 255, 256, 0xffff, 0x1_0000, 0xffff_ffff, 2 ** 32, 2 ** 53 - 1, 2 ** 53, NaN, Infinity),
)
/** On both sides of every length where a head or the way of writing changes, and texts of half characters. */
const lengths = fc.constantFrom(0, 1, 15, 16, 31, 32, 40, 41, 255, 256)
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.tuple(fc.constantFrom('x', 'é', '日', '🐝', '\ud83d'), lengths).map(([unit, length]) => unit.repeat(length)),
)
const binary = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  lengths.map((length) => new Uint8Array(length).fill(7)),
  fc.float32Array({ maxLength: 100 }).map((vector) => vector.subarray(1)),
)
const leaf = fc.oneof(
  number,
  text,
  binary,
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.date({ noInvalidDate: true }),
)
const plain = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('node'), { maxLength: 17 }),
    fc.dictionary(text, tie('node'), { maxKeys: 17 }),
  ),
})).node

describe('encodeMessagePack', () => {
  it('W1 W2 W3 W4 writes any plain data as the library does, byte for byte', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const expected = Buffer.from(reference.encode(value)).toString('hex')
        expect(Buffer.from(encodeMessagePack(value)).toString('hex')).toBe(expected)
        expect(useMessagePack(value, (bytes) => Buffer.from(bytes).toString('hex'))).toBe(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('P10 refuses what leads back to itself, and works on', () => {
    const loop: unknown[] = []
    loop.push(loop)
    expect(() => encodeMessagePack(loop)).toThrow()
    expect([...encodeMessagePack([1])]).toEqual([0x91, 1])
  })

  it('W1 lists, maps, texts and bytes of every size have the head of their size', () => {
    for (const length of [15, 16, 0xffff, 0x1_0000]) {
      const list = Array.from({ length }, (_, index) => index % 100)
      const map = Object.fromEntries(list.map((value, index) => [`field ${index}`, value]))
      for (const value of [list, map, 'x'.repeat(length), 'é'.repeat(length), new Uint8Array(length)])
        expect(Buffer.compare(encodeMessagePack(value), Buffer.from(reference.encode(value)))).toBe(0)
    }
  })
})
