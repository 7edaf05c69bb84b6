/** Places of scores in their order. */
import { bestFirst } from '../best-first.ts'

/**
 * Yields the places of `scores`, highest first. The first `count` are found in a pass that compares most scores once;
 * whoever takes more pays for a heap of the others.
 * @param count 1 or more
 * @param precedes a strict total order, for places of equal scores
 */
export function* highestFirst(
  scores: Float64Array,
  count: number,
  precedes: (left: number, right: number) => boolean,
): Generator<number> {
  const better = (left: number, right: number): boolean => {
    const [leftScore, rightScore] = [scores[left] as number, scores[right] as number]
    return leftScore === rightScore ? precedes(left, right) : leftScore > rightScore
  }
  const bar = lowestOfHighest(scores, count)
  yield* bestFirst(
    placesWhere(scores, (score) => score >= bar),
    better,
  )
  yield* bestFirst(
    placesWhere(scores, (score) => score < bar),
    better,
  )
}

const placesWhere = (scores: Float64Array, isMeant: (score: number) => boolean): number[] => {
  const places: number[] = []
  for (let place = 0; place < scores.length; place += 1) if (isMeant(scores[place] as number)) places.push(place)
  return places
}

/** The lowest of the `count` highest scores, which are kept in a heap with the lowest on top. */
const lowestOfHighest = (scores: Float64Array, count: number): number => {
  if (scores.length <= count) return -Infinity
  const heap = scores.slice(0, count).sort()
  for (let place = count; place < scores.length; place += 1) {
    const score = scores[place] as number
    if (score > (heap[0] as number)) replaceLowest(heap, score)
  }
  return heap[0] as number
}

const replaceLowest = (heap: Float64Array, score: number): void => {
  let hole = 0
  for (;;) {
    let child = 2 * hole + 1
    if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child += 1
    if (child >= heap.length || (heap[child] as number) >= score) break
    heap[hole] = heap[child] as number
    hole = child
  }
  heap[hole] = score
}
