/** Reads of keys. */
import type { Queries } from '../query/querier.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const keyQueries: Pick<Queries, 'keys.get' | 'keys.getMany' | 'keys.range' | 'keys.batch' | 'keys.position'> = {
  'keys.get': notBuilt,
  'keys.getMany': notBuilt,
  'keys.range': notBuilt,
  'keys.batch': notBuilt,
  'keys.position': notBuilt,
}
