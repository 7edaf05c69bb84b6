/** Vectors of every kind that an index may be given, from a seed. */
import { fraction } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'

export const vectorShapes = ['plain', 'flat', 'spiky', 'sparse', 'equal', 'graded', 'wild'] as const
export type VectorShape = (typeof vectorShapes)[number]

/** `count` vectors, none of them zero. */
export const sampleVectors = (shape: VectorShape, count: number, dimension: number, seed: number): Float32Array[] => {
  const random = seededRandom(seed)
  const unit = (): number => fraction(random) * 2 - 1 || 1
  const filled = (component: (index: number) => number): Float32Array =>
    Float32Array.from({ length: dimension }, (_, index) => component(index))
  const shapes: { readonly [Shape in VectorShape]: (row: number) => Float32Array } = {
    plain: () => filled(unit),
    // All codes are as large as codes get: the largest sums.
    flat: () => filled(() => (unit() < 0 ? -0.7 : 0.7)),
    // One component makes all others vanish in the codes.
    spiky: (row) => filled((index) => (index === row % dimension ? 1_000 : unit())),
    sparse: (row) => filled((index) => (index === row % dimension ? unit() : 0)),
    // Hardly to be told apart, and often the same.
    equal: (row) => filled((index) => (index === 0 ? 1 + (row % 3) * 1e-6 : 1)),
    // Each is nearer to the first one than those before it.
    graded: (row) => filled((index) => (index === 0 ? row + 1 : 1)),
    // Lengths from one end of single precision to the other.
    wild: (row) => {
      const length = 10 ** ((row % 75) - 38)
      return filled(() => unit() * length)
    },
  }
  return Array.from({ length: count }, (_, row) => shapes[shape](row))
}
