/** Chance that repeats: the same seed and label give the same numbers in every process. Never for secrets. */

export interface SeededRandom {
  /** 0 or more, less than 1. */
  number(): number
  /** A whole number, 0 or more, less than `limit`. */
  below(limit: number): number
  /** Of the standard normal distribution. */
  normal(): number
  /** A direction without a preference, of length 1. */
  unitVector(dimension: number): Float32Array
}

/** @param path distinguishes streams of one seed, such as the number of a record */
export const seededRandom = (seed: number, ...path: readonly number[]): SeededRandom => {
  let state = path.reduce((mixed, step) => scramble(mixed ^ Math.imul(step + 1, GOLDEN)), scramble(seed))
  const number = (): number => {
    state = (state + GOLDEN) | 0
    return scramble(state) / 2 ** 32
  }
  // Box and Muller's normal deviate: only these make all directions equally likely.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - number())) * Math.cos(2 * Math.PI * number())
  return {
    number,
    below: (limit) => Math.floor(number() * limit),
    normal,
    unitVector(dimension) {
      const vector = new Float32Array(dimension)
      let squares = 0
      for (let index = 0; index < dimension; index += 1) {
        const value = normal()
        vector[index] = value
        squares += value * value
      }
      const length = Math.sqrt(squares)
      return vector.map((value) => value / length)
    },
  }
}

const GOLDEN = 0x9e3779b9

/** The finalizer of splitmix32: 0 … 2^32 - 1. */
const scramble = (value: number): number => {
  let word = Math.imul(value ^ (value >>> 16), 0x21f0aaad)
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97)
  return (word ^ (word >>> 15)) >>> 0
}
