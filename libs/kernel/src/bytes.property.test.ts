import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes, concatBytes, equalBytes, prefixEnd } from './bytes.ts'

// Mostly high bytes: where all are 0xff is where it is hard.
const someBytes = fc.uint8Array({ maxLength: 6 })
const highBytes = fc.array(fc.constantFrom(0, 1, 254, 255), { maxLength: 5 }).map((values) => Uint8Array.from(values))
const anyBytes = fc.oneof(someBytes, highBytes)

const startsWith = (key: Uint8Array, prefix: Uint8Array): boolean =>
  key.length >= prefix.length && equalBytes(key.subarray(0, prefix.length), prefix)

describe('prefixEnd', () => {
  it('parts what starts with the prefix from all that sorts after it', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (prefix, key) => {
        const end = prefixEnd(prefix)
        const inRange = compareBytes(key, prefix) >= 0 && (end === undefined || compareBytes(key, end) < 0)
        expect(inRange).toBe(startsWith(key, prefix))
      }),
      { numRuns: 2_000 },
    )
  })

  it('is after every continuation of the prefix', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (prefix, rest) => {
        const end = prefixEnd(prefix)
        if (end !== undefined) expect(compareBytes(concatBytes(prefix, rest), end)).toBeLessThan(0)
        else expect(prefix.every((byte) => byte === 0xff)).toBe(true)
      }),
    )
  })

  it('is the smallest such key: its own predecessor does not sort after them all', () => {
    fc.assert(
      fc.property(anyBytes, (prefix) => {
        const end = prefixEnd(prefix)
        if (end === undefined) return
        expect(end.at(-1)).not.toBe(0)
        const below = Uint8Array.from(end)
        below[below.length - 1]! -= 1
        expect(startsWith(prefix, below)).toBe(true)
      }),
    )
  })
})

describe('compareBytes', () => {
  it('is a total order that concatenation behind a common prefix keeps', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, anyBytes, (prefix, left, right) => {
        const order = Math.sign(compareBytes(left, right))
        expect(Math.sign(compareBytes(right, left))).toBe(order === 0 ? 0 : -order)
        expect(Math.sign(compareBytes(concatBytes(prefix, left), concatBytes(prefix, right)))).toBe(order)
      }),
    )
  })
})
