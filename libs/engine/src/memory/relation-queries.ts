/** Reads of relations. */
import type { Queries } from '../query/querier.ts'

export const relationQueries: Pick<Queries, 'relation.get' | 'relation.list' | 'relation.related' | 'relation.paths'> =
  {
    'relation.get': () => {
      throw notBuilt()
    },
    'relation.list': () => {
      throw notBuilt()
    },
    'relation.related': () => {
      throw notBuilt()
    },
    'relation.paths': () => {
      throw notBuilt()
    },
  }

const notBuilt = () => new Error('not built')
