/** What a tenant has. */
import type { Queries } from '../query/querier.ts'

export const usageQueries: Pick<Queries, 'tenant.usage'> = {
  'tenant.usage': () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
