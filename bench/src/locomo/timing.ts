/** How long the questions take: the store, the reference, and the least that an exact scan costs. */
import { timeWays, type Timing } from '../timed.ts'
import { K, type Shelf } from './opened.ts'

export type SearchWay = 'store' | 'float64 scan' | 'dot loop'

export const timeSearches = async (shelves: readonly Shelf[], rounds: number): Promise<Timing<SearchWay>> => {
  const asked = shelves.flatMap((shelf) => shelf.conversation.questions.map(({ embedding }) => ({ shelf, embedding })))
  return timeWays<(typeof asked)[number], SearchWay>(
    asked,
    {
      store: async ({ shelf, embedding }) => shelf.hive.search({ embedding, k: K }),
      'float64 scan': ({ shelf, embedding }) => shelf.exact.nearest(embedding, K),
      'dot loop': ({ shelf, embedding }) => shelf.dotLoop.nearest(embedding, K),
    },
    rounds,
  )
}
