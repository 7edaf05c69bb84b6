/** What became of prunes. */
import type { Queries } from '../../query/querier.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const pruneQueries: Pick<Queries, 'keys.job'> = {
  'keys.job': notBuilt,
}
