import { equalBytes } from '@waggle/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SEAL_SIZE_BYTES, sealValue, unsealValue } from './value-seal.ts'

const bytes = fc.uint8Array({ maxLength: 64 })

describe('value seal', () => {
  it('S4 gives back what went in, in place', () => {
    fc.assert(
      fc.property(bytes, bytes, (key, value) => {
        const sealed = sealValue(key, value)
        const unsealed = unsealValue(key, sealed)
        return (
          sealed.length === value.length + SEAL_SIZE_BYTES &&
          unsealed !== undefined &&
          equalBytes(unsealed, value) &&
          unsealed.byteOffset === sealed.byteOffset
        )
      }),
    )
  })

  it('S4 an empty value has one checksum, whatever memory its view stands on', () => {
    const key = Uint8Array.of(1)
    const views = [new Uint8Array(0), Buffer.alloc(0), new Uint8Array(8).subarray(3, 3), Buffer.from('abc').subarray(3)]
    const sealed = views.map((view) => Buffer.from(sealValue(key, view)).toString('hex'))
    expect(new Set(sealed).size).toBe(1)
    for (const each of sealed) expect(unsealValue(key, new Uint8Array(Buffer.from(each, 'hex')))).toHaveLength(0)
  })

  it('S4 does not open with any bit changed, in the value, its checksum or the key, nor cut short', () => {
    const key = Uint8Array.from({ length: 9 }, (_, index) => index)
    const sealed = new Uint8Array(
      sealValue(
        key,
        Uint8Array.from({ length: 40 }, (_, index) => index * 3),
      ),
    )
    const flipped = (array: Uint8Array, bit: number): Uint8Array =>
      array.with(bit >> 3, (array[bit >> 3] as number) ^ (1 << (bit & 7)))
    for (let bit = 0; bit < sealed.length * 8; bit += 1) expect(unsealValue(key, flipped(sealed, bit))).toBeUndefined()
    for (let bit = 0; bit < key.length * 8; bit += 1) expect(unsealValue(flipped(key, bit), sealed)).toBeUndefined()
    for (let end = 0; end < sealed.length; end += 1) expect(unsealValue(key, sealed.subarray(0, end))).toBeUndefined()
  })

  it('S4 does not open when bytes have moved between the key and the value', () => {
    const sealed = sealValue(Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5))
    expect(unsealValue(Uint8Array.of(1, 2, 3, 4), sealed.subarray(1))).toBeUndefined()
    expect(unsealValue(Uint8Array.of(1, 2), Buffer.concat([Uint8Array.of(3), sealed]))).toBeUndefined()
  })
})
