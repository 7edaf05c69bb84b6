/** Reads of the journal of keys. */
import type { Queries } from '../../query/querier.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const feedQueries: Pick<Queries, 'keys.subscribe'> = {
  'keys.subscribe': notBuilt,
}
