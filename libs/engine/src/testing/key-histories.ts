/** Histories of the events of this store, for golden digests; the last event of each is of that kind. */
import type { Uuid } from '@waggle/kernel'
import { DEFAULT_TENANT, encodeMessagePack, type LogEntry, type LogEvent } from '@waggle/protocol'
import { event, type EventBodies, type EventKind } from '../event/events.ts'

const COLLECTIVE = '11111111-1111-7111-8111-111111111111' as Uuid
const UPLOAD = '22222222-2222-4222-8222-222222222222' as Uuid
const OTHER = '33333333-3333-4333-8333-333333333333' as Uuid

const entry = (command: string, events: readonly LogEvent[]): LogEntry => ({
  ...{ tenant: DEFAULT_TENANT, collective: COLLECTIVE, command, events, result: { ok: {} } },
})

const created = entry('collective.create', [
  event('CollectiveCreated', { id: COLLECTIVE, name: 'bees', dimension: 3, owner: 'queen' }),
])

type Entries = EventBodies['KeysPut']['entries']

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
const longest = new Uint8Array(254).fill(0xff)
/** The empty key, the longest, one twice, and an empty value. */
const entries: Entries = [
  [bytes(1, 2), bytes(3)],
  [bytes(), bytes(4, 5, 6)],
  [longest, new Uint8Array(300).fill(7)],
  [bytes(1, 2), bytes(8, 9, 10, 11)],
  [bytes(1, 2, 0), bytes()],
]
const put = event('KeysPut', { entries })
const deleted = event('KeysDeleted', { keys: [bytes(1, 2), bytes(9), bytes(1, 2), longest] })

/** Keys and values as bytes of each width and as text, cut inside an entry. */
const content = encodeMessagePack([
  [bytes(1, 2), new Uint8Array(70_000).fill(1)],
  ['Biene ⚘', 'text'],
  [bytes(), new Uint8Array(300).fill(2)],
])
const staged = (upload: Uuid, index: number, part: Uint8Array): LogEntry =>
  entry('keys.stage', [event('UploadStaged', { upload, index, bytes: part })])
const stagings = [
  staged(OTHER, 0, bytes(1)),
  staged(UPLOAD, 1, content.subarray(40_000)),
  staged(UPLOAD, 0, bytes(1, 2, 3)),
  staged(UPLOAD, 0, content.subarray(0, 40_000)),
]

export const keyHistories = {
  KeysPut: [
    created,
    entry('keys.put', [put]),
    // Two writes of one batch: both overwrite what was there.
    entry('batch.commit', [
      event('KeysPut', { entries: [[bytes(), bytes(1)]] }),
      event('KeysPut', { entries: [[longest, bytes()]] }),
    ]),
  ],
  KeysUploaded: [
    created,
    entry('keys.put', [put]),
    ...stagings,
    entry('keys.put', [event('KeysUploaded', { upload: UPLOAD, parts: 2 })]),
  ],
  KeysDeleted: [created, entry('keys.put', [put]), entry('keys.delete', [deleted])],
  UploadStaged: [created, ...stagings],
  UploadsDropped: [
    created,
    ...stagings,
    staged(COLLECTIVE, 4, bytes(5)),
    entry('maintenance.dropUploads', [event('UploadsDropped', { uploads: [UPLOAD, COLLECTIVE] })]),
  ],
} satisfies { readonly [Kind in EventKind]?: readonly LogEntry[] }
