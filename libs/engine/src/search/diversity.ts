/**
 * Results that differ from each other: maximal marginal relevance (Carbonell and Goldstein, 1998). The next result is
 * always the one with the most relevance left after what it repeats of those that stand already.
 *
 * V1  Without diversity the order is that of the scores; with all of it the best one is first, and then what is
 *     farthest from everything above it.
 * V2  Every result that was asked for comes: diversity reorders, it does not leave out.
 */

export interface Diversity<Hit> {
  readonly k: number
  /** 0..1. */
  readonly diversity: number
  /** Of the dimension that all have, not all zero. */
  readonly vectorOf: (hit: Hit) => Float32Array
}

/** @param hits best first */
export const diversified = <Hit extends { readonly score: number }>(
  hits: readonly Hit[],
  { k, diversity, vectorOf }: Diversity<Hit>,
): readonly Hit[] => {
  const units = hits.map((hit) => unitOf(vectorOf(hit)))
  const relevances = scaled(hits.map(({ score }) => score))
  /** How near each is to the nearest of the chosen; cosines below 0 count as 0. */
  const nearest = new Float64Array(hits.length)
  const left = new Set(hits.keys())
  const chosen: Hit[] = []
  while (chosen.length < k && left.size > 0) {
    let [best, bestWorth] = [-1, -Infinity]
    for (const at of left) {
      const worth = (1 - diversity) * (relevances[at] as number) - diversity * (nearest[at] as number)
      // Equal worth: the one that comes first.
      if (worth > bestWorth) [best, bestWorth] = [at, worth]
    }
    left.delete(best)
    chosen.push(hits[best] as Hit)
    const unit = units[best] as Float64Array
    for (const at of left) nearest[at] = Math.max(nearest[at] as number, dot(unit, units[at] as Float64Array))
  }
  return chosen
}

/** To 0..1, so that scores of any sort weigh the same against likeness. */
const scaled = (scores: readonly number[]): readonly number[] => {
  const [most, least] = [scores[0] ?? 0, scores.at(-1) ?? 0]
  return scores.map((score) => (most === least ? 1 : (score - least) / (most - least)))
}

const unitOf = (vector: Float32Array): Float64Array => {
  const unit = Float64Array.from(vector)
  const norm = Math.sqrt(dot(unit, unit))
  return unit.map((component) => component / norm)
}

const dot = (left: Float64Array, right: Float64Array): number => {
  let sum = 0
  for (let index = 0; index < left.length; index += 1) sum += (left[index] as number) * (right[index] as number)
  return sum
}
