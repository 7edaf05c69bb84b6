/** All that an agent needs before it sets out, of one moment. */
import type { Queries } from '../query/querier.ts'

export const contextQueries: Pick<Queries, 'context.get'> = {
  'context.get': () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
