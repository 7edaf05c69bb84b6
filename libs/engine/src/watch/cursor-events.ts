/** What the events of registered cursors do to the state. */
import type { Appliers } from '../event/applier.ts'

export const cursorAppliers: Pick<Appliers, 'CursorSaved' | 'CursorDropped'> = {
  CursorSaved: () => {
    throw notBuilt()
  },
  CursorDropped: () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
