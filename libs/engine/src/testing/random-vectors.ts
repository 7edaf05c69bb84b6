/** Vectors without structure: the hardest there are for a graph. */
import { seededRandom } from '@waggle/kernel/testing'

/** `count` vectors with components from -1 to 1; the same seed gives the same ones. */
export const randomVectors = (count: number, dimension: number, seed = 1): readonly Float32Array[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () =>
    Float32Array.from({ length: dimension }, () => (random.uint32() / 2 ** 32) * 2 - 1),
  )
}

/** The numbers of the `k` vectors with the greatest cosine, nearest first. */
export const nearestVectors = (
  vectors: readonly (Float32Array | undefined)[],
  query: Float32Array,
  k: number,
): readonly number[] => {
  const cosines = vectors.map((vector) => (vector === undefined ? -Infinity : dot(vector, query) / norm(vector)))
  const order = [...cosines.keys()].filter((number) => cosines[number] !== -Infinity)
  return order.sort((left, right) => cosines[right]! - cosines[left]!).slice(0, k)
}

const dot = (left: Float32Array, right: Float32Array): number =>
  left.reduce((sum, value, place) => sum + value * right[place]!, 0)

const norm = (vector: Float32Array): number => Math.sqrt(dot(vector, vector))
