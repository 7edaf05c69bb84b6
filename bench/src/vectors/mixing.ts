/**
 * A rotation that spreads every axis over all components, for far less than a matrix: twice over, signs and places are
 * drawn, then every block of 128 goes through a Hadamard transform. Lengths and angles stay as they are.
 */
import type { SeededRandom } from '../seeded-random.ts'

const BLOCK = 128
const PASSES = 2

/** @param dimension a multiple of 128 */
export const mixing = (random: SeededRandom, dimension: number): ((vector: Float64Array) => Float64Array) => {
  const passes = Array.from({ length: PASSES }, () => ({
    signs: Float64Array.from({ length: dimension }, () => (random.below(2) === 0 ? -1 : 1)),
    places: shuffled(random, dimension),
  }))
  return (vector) =>
    passes.reduce((from, { signs, places }) => {
      const mixed = from.map((_, index) => (from[places[index] as number] as number) * (signs[index] as number))
      for (let start = 0; start < dimension; start += BLOCK) transform(mixed.subarray(start, start + BLOCK))
      return mixed
    }, vector)
}

/** Fast Walsh-Hadamard, in place, scaled to keep lengths. */
const transform = (block: Float64Array): void => {
  for (let half = 1; half < BLOCK; half *= 2)
    for (let start = 0; start < BLOCK; start += 2 * half)
      for (let index = start; index < start + half; index += 1) {
        const [left, right] = [block[index] as number, block[index + half] as number]
        block[index] = left + right
        block[index + half] = left - right
      }
  const scale = 1 / Math.sqrt(BLOCK)
  for (let index = 0; index < BLOCK; index += 1) block[index] = (block[index] as number) * scale
}

const shuffled = (random: SeededRandom, length: number): Uint32Array => {
  const places = Uint32Array.from({ length }, (_, index) => index)
  for (let last = length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1)
    const kept = places[last] as number
    places[last] = places[other] as number
    places[other] = kept
  }
  return places
}
