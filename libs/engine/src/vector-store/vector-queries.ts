/** Reads of vectors. */
import type { Queries } from '../query/querier.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const vectorQueries: Pick<Queries, 'vectors.get' | 'vectors.ids' | 'vectors.status' | 'vectors.search'> = {
  'vectors.get': notBuilt,
  'vectors.ids': notBuilt,
  'vectors.status': notBuilt,
  'vectors.search': notBuilt,
}
