import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBody, type Encoding } from './body.ts'
import { encodeMapWithin } from './bounded-body.ts'

describe.each<Encoding>(['json', 'messagePack'])('a map within a limit, in %s', (encoding) => {
  const whole = (map: Readonly<Record<string, unknown>>): Uint8Array => encodeBody(map, encoding)

  it('is the bytes that it would be without one, up to the last byte that fits', () => {
    const value = fc.oneof(fc.string(), fc.float({ noNaN: true }), fc.array(fc.jsonValue()), fc.jsonValue())
    const maps = fc.dictionary(fc.string(), fc.option(value, { nil: undefined }), { maxKeys: 10 })
    fc.assert(
      fc.property(maps, (map) => {
        const { length } = whole(map)
        expect(Buffer.from(encodeMapWithin(map, encoding, length)!)).toEqual(Buffer.from(whole(map)))
        expect(encodeMapWithin(map, encoding, length - 1)).toBeUndefined()
      }),
      { numRuns: 200 },
    )
  })

  it.each([0, 1, 15, 16, 17, 65_535, 65_536])('has lists of any length: %d', (length) => {
    const map = { items: new Array<number>(length).fill(1), last: true }
    expect(Buffer.from(encodeMapWithin(map, encoding, 1e9)!).equals(whole(map))).toBe(true)
  })

  it('has vectors, and gaps where a list has nothing', () => {
    const map = { items: [null, { embedding: Float32Array.of(0.5, -2), absent: undefined }], embedding: [] }
    expect(Buffer.from(encodeMapWithin(map, encoding, 1e9)!).equals(whole(map))).toBe(true)
  })

  it('K8 P11 looks at no item behind the first that does not fit', () => {
    let looked = 0
    const item = {
      get content() {
        looked += 1
        return 'x'.repeat(400)
      },
    }
    expect(encodeMapWithin({ items: new Array(1_000).fill(item) }, encoding, 1_000)).toBeUndefined()
    expect(looked).toBeLessThanOrEqual(6)
  })
})
