/** Search for insights by meaning. */
import type { Queries } from '../query/querier.ts'

export const insightSearchQueries: Pick<Queries, 'insight.search'> = {
  'insight.search': () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
