/** What the events of relations do to the state. */
import type { Appliers } from '../event/applier.ts'

export const relationAppliers: Pick<Appliers, 'RelationCreated' | 'RelationRestored' | 'RelationDeleted'> = {
  RelationCreated: () => {
    throw notBuilt()
  },
  RelationRestored: () => {
    throw notBuilt()
  },
  RelationDeleted: () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
