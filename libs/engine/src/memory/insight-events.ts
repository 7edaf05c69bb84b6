/** What the events of insights do to the state. */
import type { Appliers } from '../event/applier.ts'

export const insightAppliers: Pick<Appliers, 'InsightStored' | 'InsightRestored' | 'InsightDeleted' | 'InsightStaled'> =
  {
    InsightStored: () => {
      throw notBuilt()
    },
    InsightRestored: () => {
      throw notBuilt()
    },
    InsightDeleted: () => {
      throw notBuilt()
    },
    InsightStaled: () => {
      throw notBuilt()
    },
  }

const notBuilt = () => new Error('not built')
