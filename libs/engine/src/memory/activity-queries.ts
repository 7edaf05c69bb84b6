/** Reads of activities. */
import type { Queries } from '../query/querier.ts'

export const activityQueries: Pick<Queries, 'activity.active'> = {
  'activity.active': () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
