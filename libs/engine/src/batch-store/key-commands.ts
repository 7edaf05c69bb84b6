/** Decisions about keys. */
import { latin1Of } from '@waggle/kernel'
import { invalidField, requiredField, type CollectiveId, type LogEvent } from '@waggle/protocol'
import type { Deciders } from '../command/decider.ts'
import { event } from '../event/events.ts'
import { expirySet } from '../expiry/expiry-decisions.ts'
import { expiryOf } from '../expiry/is-expired.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import type { KeyJournalRow } from './key-journal.ts'
import { checkUpload, stageDecider } from './upload/upload-commands.ts'
import { readStaged, stagedEntries } from './upload/uploads.ts'

export const keyDeciders: Pick<Deciders, 'keys.put' | 'keys.stage' | 'keys.delete'> = {
  ...stageDecider,

  'keys.put'({ collective, entries, upload, ttlMs }, { view, tenant, timeMs }) {
    if (upload === undefined) {
      if (entries === undefined || entries.length === 0) throw requiredField('entries')
      knownCollective(view, tenant, collective)
      const expiring = ttlMs === undefined ? [] : lifetimes(collective, entries, ttlMs, timeMs)
      return { events: [event('KeysPut', { entries }), ...expiring], result: {} }
    }
    if (entries !== undefined) throw invalidField('upload', 'absent beside entries')
    const { scope } = knownCollective(view, tenant, collective)
    checkUpload(view, scope, upload)
    const { id, parts } = upload
    const uploaded = event('KeysUploaded', { upload: id, parts })
    if (ttlMs === undefined) return { events: [uploaded], result: {} }
    const staged = stagedEntries(readStaged(view, scope, id, parts))
    return { events: [uploaded, ...lifetimes(collective, staged, ttlMs, timeMs)], result: {} }
  },

  /** Keys that are not there are deleted all the same: the batch says so. */
  'keys.delete'({ collective, keys }, { view, tenant }) {
    if (keys.length === 0) throw requiredField('keys')
    knownCollective(view, tenant, collective)
    return { events: [event('KeysDeleted', { keys })], result: {} }
  },
}

/** Each key once. */
const lifetimes = (
  collective: CollectiveId,
  entries: KeyJournalRow['entries'],
  ttlMs: number,
  timeMs: number,
): readonly LogEvent[] => {
  const keys = new Map(entries.map(([key]) => [latin1Of(key), key]))
  return [expirySet(collective, 'key', [...keys.values()], expiryOf(timeMs, ttlMs))]
}
