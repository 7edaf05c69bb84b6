/** What the events of vectors do to the state. */
import type { Appliers } from '../event/applier.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const vectorAppliers: Pick<Appliers, 'VectorsStored' | 'VectorsDeleted' | 'VectorsConfigured'> = {
  VectorsStored: notBuilt,
  VectorsDeleted: notBuilt,
  VectorsConfigured: notBuilt,
}
