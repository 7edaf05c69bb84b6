/**
 * Vectors for benchmarks, from a seed: the same in every process, and a smaller set is the beginning of a larger one.
 *
 * - `clustered`: what sentence embeddings look like. A thousand centres whose components fade as a spectrum does, and
 *   around each of them points with noise of the same spectrum, so that neighbours are graded and not equally far.
 * - `hard`: directions of a 64-dimensional subspace without any preference, and noise in all dimensions: no clusters,
 *   everything about equally far. Graphs lose their way here.
 */
import { seededRandom, type SeededRandom } from '../seeded-random.ts'
import { mixing } from './mixing.ts'

export const vectorKinds = ['clustered', 'hard'] as const
export type VectorKind = (typeof vectorKinds)[number]

/** Components of every vector: a multiple of 128. */
export const DIMENSION = 384

const CENTRES = 1_000
const CENTRE_NOISE = 0.8
/** Component i of a spectrum has the scale (i + 1)^-0.35. */
const SPECTRUM_DECAY = 0.35
const SUBSPACE = 64
const SUBSPACE_NOISE = 0.3

/** Streams of one seed. */
const [ROWS, QUERIES, CENTRE, FRAME, MIXING] = [1, 2, 3, 4, 5]

export interface VectorSet {
  /** One after the other, each of length 1. */
  readonly base: Float32Array
  /** Of the same kind; none of them is a row of the base. */
  readonly queries: Float32Array
}

export const makeVectors = (
  kind: VectorKind,
  { seed, rows, queries }: { readonly seed: number; readonly rows: number; readonly queries: number },
): VectorSet => {
  const draw = kind === 'clustered' ? clustered(seed) : hard(seed)
  const fill = (stream: number, count: number): Float32Array => {
    const all = new Float32Array(count * DIMENSION)
    for (let row = 0; row < count; row += 1) all.set(draw(seededRandom(seed, stream, row)), row * DIMENSION)
    return all
  }
  return { base: fill(ROWS, rows), queries: fill(QUERIES, queries) }
}

type Draw = (random: SeededRandom) => Float64Array

const clustered = (seed: number): Draw => {
  const mix = mixing(seededRandom(seed, MIXING), DIMENSION)
  const scales = Float64Array.from({ length: DIMENSION }, (_, index) => (index + 1) ** -SPECTRUM_DECAY)
  const direction: Draw = (random) => normalised(scales.map((scale) => scale * random.normal()))
  const centres = Array.from({ length: CENTRES }, (_, centre) => direction(seededRandom(seed, CENTRE, centre)))
  return (random) => {
    const centre = centres[random.below(CENTRES)] as Float64Array
    const noise = direction(random)
    return normalised(mix(noise.map((value, index) => (centre[index] as number) + CENTRE_NOISE * value)))
  }
}

const hard = (seed: number): Draw => {
  const mix = mixing(seededRandom(seed, FRAME), DIMENSION)
  const each = SUBSPACE_NOISE / Math.sqrt(DIMENSION)
  return (random) => {
    // Mixing is a rotation: the first axes of the frame become any subspace.
    const inside = normalised(Float64Array.from({ length: SUBSPACE }, () => random.normal()))
    const vector = new Float64Array(DIMENSION)
    vector.set(inside)
    const mixed = mix(vector)
    return normalised(mixed.map((value) => value + each * random.normal()))
  }
}

const normalised = (vector: Float64Array): Float64Array => {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  return vector.map((value) => value / length)
}
