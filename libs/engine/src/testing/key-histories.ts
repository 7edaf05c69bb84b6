/** Histories of the events of this store, for golden digests; the last event of each is of that kind. */
import type { LogEntry } from '@waggle/protocol'
import type { EventKind } from '../event/events.ts'

export const keyHistories = {
  KeysPut: [],
  KeysUploaded: [],
  KeysDeleted: [],
  UploadStaged: [],
  UploadsDropped: [],
} satisfies { readonly [Kind in EventKind]?: readonly LogEntry[] }
