/** What the events of pages do to the state. */
import type { Appliers } from '../event/applier.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const pageAppliers: Pick<Appliers, 'PagesWritten' | 'MemoryPlaced' | 'MemoryForgotten'> = {
  PagesWritten: notBuilt,
  MemoryPlaced: notBuilt,
  MemoryForgotten: notBuilt,
}
