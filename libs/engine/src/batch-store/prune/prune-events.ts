/** What the events of prunes do to the state. */
import type { Appliers } from '../../event/applier.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const pruneAppliers: Pick<Appliers, 'RetentionSet' | 'PruneBegun' | 'KeysPruned' | 'PruneEnded'> = {
  RetentionSet: notBuilt,
  PruneBegun: notBuilt,
  KeysPruned: notBuilt,
  PruneEnded: notBuilt,
}
