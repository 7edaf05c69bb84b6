/** Reads of insights. */
import type { Queries } from '../query/querier.ts'

export const insightQueries: Pick<Queries, 'insight.get' | 'insight.list'> = {
  'insight.get': () => {
    throw notBuilt()
  },
  'insight.list': () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
