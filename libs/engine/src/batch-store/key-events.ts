/** What the events of keys do to the state. */
import type { Appliers } from '../event/applier.ts'

const notBuilt = (): never => {
  throw new Error('not built')
}

type KeyAppliers = Pick<Appliers, 'KeysPut' | 'KeysUploaded' | 'KeysDeleted' | 'UploadStaged' | 'UploadsDropped'>

export const keyAppliers: KeyAppliers = {
  KeysPut: notBuilt,
  KeysUploaded: notBuilt,
  KeysDeleted: notBuilt,
  UploadStaged: notBuilt,
  UploadsDropped: notBuilt,
}
