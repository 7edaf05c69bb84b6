import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes } from './bytes.ts'
import { deriveUuid, formatUuid, isUuid, uuidBytes, uuidInto } from './uuid.ts'

const sixteenBytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
const parts = fc.array(fc.string({ unit: 'grapheme', maxLength: 6 }), { maxLength: 5 })

describe('UUIDs', () => {
  it('any 16 bytes come back from their text', () => {
    fc.assert(
      fc.property(sixteenBytes, (bytes) => {
        const text = formatUuid(bytes)
        expect(isUuid(text)).toBe(true)
        expect(Uint8Array.from(uuidBytes(text))).toEqual(bytes)
        const around = new Uint8Array(20).fill(0xee)
        uuidInto(text, around, 2)
        expect([...around]).toEqual([0xee, 0xee, ...bytes, 0xee, 0xee])
      }),
    )
  })

  it('texts sort as their bytes do', () => {
    fc.assert(
      fc.property(sixteenBytes, sixteenBytes, (left, right) => {
        const [leftText, rightText] = [formatUuid(left), formatUuid(right)]
        const order = leftText < rightText ? -1 : leftText > rightText ? 1 : 0
        expect(Math.sign(compareBytes(left, right))).toBe(order)
      }),
    )
  })

  it('derived ones are of version 8 and the variant of RFC 9562', () => {
    fc.assert(
      fc.property(parts, (some) => {
        expect(deriveUuid(some)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      }),
    )
  })

  it('F6 derived ones are equal exactly when their parts are', () => {
    fc.assert(
      fc.property(parts, parts, (left, right) => {
        expect(deriveUuid(left) === deriveUuid(right)).toBe(JSON.stringify(left) === JSON.stringify(right))
        expect(deriveUuid([...left])).toBe(deriveUuid(left))
      }),
    )
  })

  it('F6 moving the border between two parts gives another id', () => {
    const twoBorders = fc.string({ minLength: 2, maxLength: 20 }).chain((text) =>
      fc.record({
        text: fc.constant(text),
        borders: fc.uniqueArray(fc.nat(text.length), { minLength: 2, maxLength: 2 }),
      }),
    )
    fc.assert(
      fc.property(twoBorders, ({ text, borders }) => {
        const [one, other] = borders.map((at) => deriveUuid([text.slice(0, at), text.slice(at)]))
        expect(one).not.toBe(other)
      }),
    )
  })
})
