/** Histories of the events of prunes, for golden digests; the last event of each is of that kind. */
import type { Uuid } from '@waggle/kernel'
import { DEFAULT_TENANT, type LogEntry, type LogEvent, type PrunePolicy, type Retain } from '@waggle/protocol'
import { event, type EventKind } from '../event/events.ts'

const COLLECTIVE = '11111111-1111-7111-8111-111111111111' as Uuid
const JOB = '22222222-2222-8222-8222-222222222222' as Uuid
const OTHER_JOB = '33333333-3333-8333-8333-333333333333' as Uuid
/** Of the collective: it began with the first event of the first batch. */
const INCARNATION = { sequence: 1, index: 0 }
const UINT64_MAX = '18446744073709551615'

const entry = (command: string, events: readonly LogEvent[]): LogEntry => ({
  ...{ tenant: DEFAULT_TENANT, collective: COLLECTIVE, command, events, result: { ok: {} } },
})
const step = (command: string, events: readonly LogEvent[]): LogEntry => ({
  ...{ tenant: DEFAULT_TENANT, command, events, result: { ok: {} } },
})

const created = entry('collective.create', [
  event('CollectiveCreated', { id: COLLECTIVE, name: 'bees', dimension: 3, owner: 'queen' }),
])
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)
const put = (...keys: readonly Uint8Array[]): LogEntry =>
  entry('keys.put', [event('KeysPut', { entries: keys.map((key) => [key, bytes(1, 2, 3)]) })])

const policies = [
  {
    keys: {
      selector: { prefix: bytes(1), regex: '(?s-u)^(?<group>.)(?<order>.{8})$' },
      groupBy: { captureGroups: ['group'] },
      orderBy: { captureGroup: 'order', encoding: 'i64Be' },
    },
    retain: { keepLatest: { count: 2 } },
  },
  {
    keys: {
      selector: { prefix: bytes(), regex: '⚘(?<n>.*)' },
      orderBy: { captureGroup: 'n', encoding: 'u64Be' },
    },
    retain: { greaterThan: { threshold: UINT64_MAX } },
  },
  { keys: { selector: { prefix: bytes(0xff) } }, retain: { dropAll: {} } },
  { sequence: {}, retain: { greaterThanOrEqual: { threshold: '3' } } },
] as readonly PrunePolicy[]

const begun = (job: Uuid): LogEntry => entry('keys.prune', [event('PruneBegun', { job, policies })])
const ruled = (job: Uuid, rule?: Retain): LogEntry =>
  entry('keys.setRetention', [event('RetentionSet', { job, ...(rule === undefined ? {} : { rule }) })])
const pruned = step('maintenance.pruneKeys', [
  event('KeysPruned', { ...INCARNATION, job: JOB, keys: [bytes(1), bytes()], bytes: 7 }),
])

export const pruneHistories = {
  RetentionSet: [
    created,
    ruled(JOB, { keepLatest: { count: 5 } }),
    ruled(OTHER_JOB, { greaterThan: { threshold: UINT64_MAX } } as Retain),
  ],
  PruneBegun: [created, put(bytes(1)), begun(OTHER_JOB), begun(JOB)],
  KeysPruned: [created, put(bytes(1), bytes(), bytes(2)), begun(JOB), pruned],
  PruneEnded: [
    created,
    put(bytes(1), bytes()),
    begun(JOB),
    begun(OTHER_JOB),
    pruned,
    step('maintenance.pruneKeys', [event('PruneEnded', { ...INCARNATION, job: JOB })]),
  ],
  BatchesPruned: [
    created,
    put(bytes(1), bytes()),
    begun(JOB),
    pruned,
    put(bytes(2)),
    put(bytes(3)),
    step('maintenance.pruneBatches', [
      event('BatchesPruned', {
        ...INCARNATION,
        addresses: [
          [2, 0],
          [4, 0],
          [5, 0],
        ],
        batches: 2,
        job: JOB,
      }),
    ]),
  ],
} satisfies { readonly [Kind in EventKind]?: readonly LogEntry[] }
