/** Reads of energy. */
import type { Queries } from '../query/querier.ts'

export const energyQueries: Pick<Queries, 'experience.energy' | 'experience.cold'> = {
  'experience.energy': () => {
    throw notBuilt()
  },
  'experience.cold': () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
