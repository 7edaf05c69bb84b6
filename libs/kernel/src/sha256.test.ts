import { describe, expect, it } from 'vitest'
import { hexOf, utf8 } from './bytes.ts'
import { sha256, sha256Stream } from './sha256.ts'

// FIPS 180-2, appendix B.
const OF_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

describe('sha256', () => {
  it('is SHA-256 of the view that it is given, as 32 bytes of their own', () => {
    expect(hexOf(sha256(utf8('abc')))).toBe(OF_ABC)
    expect(hexOf(sha256(utf8('-abc-').subarray(1, 4)))).toBe(OF_ABC)
    expect(hexOf(sha256(new Uint8Array(0)))).toBe(OF_NOTHING)
    expect(sha256(utf8('abc'))).toHaveLength(32)
  })

  it('is the same over a stream of chunks', () => {
    const stream = sha256Stream()
    for (const letter of 'abc') stream.update(utf8(letter))
    expect(hexOf(stream.digest())).toBe(OF_ABC)
  })
})
