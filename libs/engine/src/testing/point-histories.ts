/** Histories of the events of this store, for golden digests; the last event of each is of that kind. */
import type { Uuid } from '@waggle/kernel'
import { DEFAULT_TENANT, float32Bytes, type LogEntry, type LogEvent, type Uint64Text } from '@waggle/protocol'
import { event, type EventKind } from '../event/events.ts'

const COLLECTIVE = '11111111-1111-7111-8111-111111111111' as Uuid
const entry = (command: string, events: readonly LogEvent[]): LogEntry => ({
  ...{ tenant: DEFAULT_TENANT, collective: COLLECTIVE, command, events, result: { ok: {} } },
})

const created = entry('collective.create', [
  event('CollectiveCreated', { id: COLLECTIVE, name: 'bees', dimension: 3, owner: 'queen', embedder: 'hashing-1' }),
])

const vector = (id: string, ...components: readonly number[]) =>
  [id as Uint64Text, float32Bytes(Float32Array.from(components))] as const
const payload = (id: string, json: string) => ({ id: id as Uint64Text, json })

const HIGHEST = '18446744073709551615'

/** An id twice in one batch, an id that was there, the lowest and the highest id, and what a float can be. */
const vectors = [
  entry('vectors.store', [event('VectorsStored', { items: [vector('7', 1, 2, 3), vector('0', -0, 1e-45, 3.4e38)] })]),
  entry('vectors.store', [
    event('VectorsStored', {
      items: [
        vector('7', 4, 5, 6),
        vector(HIGHEST, 0, 0, 0),
        vector('9007199254740993', 1, 0, 0),
        vector('7', 7, 8, 9),
      ],
    }),
  ]),
]
const payloads = [
  entry('payloads.store', [event('PayloadsStored', { items: [payload('7', '{"a":"⚘"}'), payload('0', 'null')] })]),
  entry('payloads.store', [
    event('PayloadsStored', {
      items: [payload('7', '1'), payload(HIGHEST, '{"__proto__":[1.0]}'), payload('7', '""')],
    }),
  ]),
]
const configured = entry('vectors.configure', [event('VectorsConfigured', { durability: 'none' })])
/** Those that are there, one that is not, and one twice. */
const ids = [HIGHEST, '8', '7', '7'] as readonly string[] as readonly Uint64Text[]

export const pointHistories = {
  VectorsStored: [created, configured, ...vectors],
  VectorsDeleted: [created, ...vectors, configured, entry('vectors.delete', [event('VectorsDeleted', { ids })])],
  VectorsConfigured: [created, ...vectors, configured],
  PayloadsStored: [created, ...payloads],
  PayloadsDeleted: [created, ...payloads, entry('payloads.delete', [event('PayloadsDeleted', { ids })])],
} satisfies { readonly [Kind in EventKind]?: readonly LogEntry[] }
