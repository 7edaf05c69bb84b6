/** Orders over the rows of an index: strict and total, so the k best of it are always the same ones. */
import type { Uuid } from '@waggle/kernel'
import type { RecallWeights } from '@waggle/protocol'
import { clampUnit } from '../memory/experience/energy.ts'
import type { VectorHit } from './vector-index.ts'

/** How rows are ordered, and what is said of one. */
export interface Order {
  readonly better: (left: number, right: number) => boolean
  readonly hit: (row: number) => VectorHit
}

/** The best is the most similar one, ties by id. */
export const bySimilarity = (ids: readonly Uuid[], similarities: Float32Array): Order => ({
  better: (left, right) => {
    const [leftSimilarity, rightSimilarity] = [similarities[left] as number, similarities[right] as number]
    if (leftSimilarity !== rightSimilarity) return leftSimilarity > rightSimilarity
    return (ids[left] as Uuid) < (ids[right] as Uuid)
  },
  hit: (row) => {
    const similarity = similarities[row] as number
    return { id: ids[row] as Uuid, similarity, score: similarity }
  },
})

/** The best has the highest score, ties by similarity. */
export const byScore = (
  ids: readonly Uuid[],
  similarities: Float32Array,
  energies: Float32Array,
  weights: RecallWeights,
): Order => {
  const scores = scoresOf(similarities, energies, weights)
  const ties = bySimilarity(ids, similarities)
  return {
    better: (left, right) => {
      const [leftScore, rightScore] = [scores[left] as number, scores[right] as number]
      return leftScore === rightScore ? ties.better(left, right) : leftScore > rightScore
    },
    hit: (row) => ({ ...ties.hit(row), score: scores[row] as number, energy: energies[row] as number }),
  }
}

const scoresOf = (similarities: Float32Array, energies: Float32Array, weights: RecallWeights): Float64Array => {
  const scores = new Float64Array(similarities.length)
  for (let row = 0; row < scores.length; row += 1)
    scores[row] =
      weights.similarity * clampUnit(similarities[row] as number) + weights.energy * (energies[row] as number)
  return scores
}
