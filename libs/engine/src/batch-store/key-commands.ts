/** Decisions about keys. */
import { invalidField, requiredField } from '@waggle/protocol'
import type { Deciders } from '../command/decider.ts'
import { event } from '../event/events.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { checkUpload, stageDecider } from './upload/upload-commands.ts'

export const keyDeciders: Pick<Deciders, 'keys.put' | 'keys.stage' | 'keys.delete'> = {
  ...stageDecider,

  'keys.put'({ collective, entries, upload }, { view, tenant }) {
    if (upload === undefined) {
      if (entries === undefined || entries.length === 0) throw requiredField('entries')
      knownCollective(view, tenant, collective)
      return { events: [event('KeysPut', { entries })], result: {} }
    }
    if (entries !== undefined) throw invalidField('upload', 'absent beside entries')
    const { scope } = knownCollective(view, tenant, collective)
    checkUpload(view, scope, upload)
    return { events: [event('KeysUploaded', { upload: upload.id, parts: upload.parts })], result: {} }
  },

  /** Keys that are not there are deleted all the same: the batch says so. */
  'keys.delete'({ collective, keys }, { view, tenant }) {
    if (keys.length === 0) throw requiredField('keys')
    knownCollective(view, tenant, collective)
    return { events: [event('KeysDeleted', { keys })], result: {} }
  },
}
