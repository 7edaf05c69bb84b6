/** Reads of the change feed. */
import type { Queries } from '../query/querier.ts'

export const watchQueries: Pick<Queries, 'watch.next' | 'cursor.list'> = {
  'watch.next': () => {
    throw notBuilt()
  },
  'cursor.list': () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
