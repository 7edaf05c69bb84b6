/** What the events of keys do to the state. */
import type { Appliers } from '../event/applier.ts'
import { deleteKeys, expireKeys, putKeys } from './key-writes.ts'
import { dropUpload, readStaged, stagePart, stagedEntries } from './upload/uploads.ts'

type KeyAppliers = Pick<
  Appliers,
  'KeysPut' | 'KeysUploaded' | 'KeysDeleted' | 'KeysExpired' | 'UploadStaged' | 'UploadsDropped'
>

export const keyAppliers: KeyAppliers = {
  KeysPut({ entries }, context) {
    putKeys(context, entries)
  },

  KeysUploaded({ upload, parts }, context) {
    const { state } = context
    const scope = context.scope()
    putKeys(context, stagedEntries(readStaged(state, scope, upload, parts)))
    dropUpload(state, scope, upload)
  },

  KeysDeleted({ keys }, context) {
    deleteKeys(context, keys)
  },

  KeysExpired({ keys }, context) {
    expireKeys(context, keys)
  },

  UploadStaged({ upload, index, bytes }, { state, scope, timeMs }) {
    stagePart(state, scope(), { id: upload, index, bytes, timeMs })
  },

  UploadsDropped({ uploads }, { state, scope }) {
    for (const id of uploads) dropUpload(state, scope(), id)
  },
}
