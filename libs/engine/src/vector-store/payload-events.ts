/** What the events of payloads do to the state. */
import type { Appliers } from '../event/applier.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

export const payloadAppliers: Pick<Appliers, 'PayloadsStored' | 'PayloadsDeleted'> = {
  PayloadsStored: notBuilt,
  PayloadsDeleted: notBuilt,
}
