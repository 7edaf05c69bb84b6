import type { Random } from './random.ts'

/** xoshiro128** seeded by splitmix32: the same seed gives the same bytes on every machine. Never for secrets. */
export const seededRandom = (seed: number): Random & { readonly uint32: () => number } => {
  const state = new Uint32Array(4)
  let mix = seed >>> 0
  for (let index = 0; index < 4; index += 1) {
    mix = (mix + 0x9e3779b9) >>> 0
    let word = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad)
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97)
    state[index] = (word ^ (word >>> 15)) >>> 0
  }
  const rotate = (word: number, bits: number): number => ((word << bits) | (word >>> (32 - bits))) >>> 0
  const uint32 = (): number => {
    const [a, b, c, d] = state as unknown as [number, number, number, number]
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    state.set([a ^ d ^ b, b ^ c ^ a, c ^ a ^ (b << 9), rotate(d ^ b, 11)])
    return result
  }
  return {
    uint32,
    bytes(length) {
      const bytes = new Uint8Array(length)
      for (let index = 0; index < length; index += 1) bytes[index] = uint32() & 0xff
      return bytes
    },
  }
}
