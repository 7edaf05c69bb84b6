/** Reductions over a range of keys. */
import type { Queries } from '../../query/querier.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const reduceQueries: Pick<Queries, 'keys.reduce'> = {
  'keys.reduce': notBuilt,
}
