/** How long the questions take: the store, the reference, and the least that an exact scan costs, in turn. */
import { median, medianDistribution, type Distribution } from '../statistics.ts'
import { timedUs } from '../timed.ts'
import { K, type Shelf } from './opened.ts'

export interface SearchTiming {
  readonly rounds: number
  readonly storeUs: Distribution
  readonly referenceUs: Distribution
  readonly dotLoopUs: Distribution
  /** Medians of the rounds' ratios of medians. */
  readonly overReference: number
  readonly overDotLoop: number
}

/** Asks all questions in rounds, each way in a pass of its own, so that all three meet the same neighbours. */
export const timeSearches = async (shelves: readonly Shelf[], rounds: number): Promise<SearchTiming> => {
  const store: Distribution[] = []
  const reference: Distribution[] = []
  const dotLoop: Distribution[] = []
  for (let round = 0; round < rounds; round += 1) {
    store.push(await pass(shelves, async ({ hive }, embedding) => hive.search({ embedding, k: K })))
    reference.push(await pass(shelves, ({ exact }, embedding) => exact.nearest(embedding, K)))
    dotLoop.push(await pass(shelves, (shelf, embedding) => shelf.dotLoop.nearest(embedding, K)))
  }
  const over = (base: readonly Distribution[]): number =>
    median(store.map(({ p50 }, round) => p50 / (base[round] as Distribution).p50))
  return {
    rounds,
    storeUs: medianDistribution(store),
    referenceUs: medianDistribution(reference),
    dotLoopUs: medianDistribution(dotLoop),
    overReference: over(reference),
    overDotLoop: over(dotLoop),
  }
}

const pass = async (
  shelves: readonly Shelf[],
  ask: (shelf: Shelf, embedding: Float32Array) => unknown,
): Promise<Distribution> => {
  const asked = shelves.flatMap((shelf) => shelf.conversation.questions.map(({ embedding }) => ({ shelf, embedding })))
  return timedUs(asked, ({ shelf, embedding }) => ask(shelf, embedding))
}
