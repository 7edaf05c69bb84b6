/** What the events of activities do to the state. */
import type { Appliers } from '../event/applier.ts'

export const activityAppliers: Pick<Appliers, 'ActivityRegistered' | 'ActivityContinued' | 'ActivityEnded'> = {
  ActivityRegistered: () => {
    throw notBuilt()
  },
  ActivityContinued: () => {
    throw notBuilt()
  },
  ActivityEnded: () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
