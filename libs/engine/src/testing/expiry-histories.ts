/** Histories of the events of lifetimes, for golden digests; the last event of each is of that kind. */
import { utf8, type Uuid } from '@waggle/kernel'
import { DEFAULT_TENANT, float32Bytes, type LogEntry, type LogEvent, type Uint64Text } from '@waggle/protocol'
import { event, type EventBodies, type EventKind } from '../event/events.ts'
import { encodePage } from '../page-store/page-format.ts'

const COLLECTIVE = '11111111-1111-7111-8111-111111111111' as Uuid
const FIRST = '22222222-2222-7222-8222-222222222222' as Uuid
const SECOND = '33333333-3333-7333-8333-333333333333' as Uuid
const OTHER = '44444444-4444-7444-8444-444444444444' as Uuid
const EXPIRES_AT = 1_700_000_123_456
const LATER = 253_402_300_799_999

const entry = (command: string, events: readonly LogEvent[]): LogEntry => ({
  ...{ tenant: DEFAULT_TENANT, collective: COLLECTIVE, command, events, result: { ok: {} } },
})

const embedding = float32Bytes(Float32Array.of(1, -2.5, 0.125))

const recorded = (id: Uuid): LogEvent =>
  event('ExperienceRecorded', {
    ...{ id, content: 'Bees dance — ⚘', type: { kind: 'generic' }, embedding, importance: 0.5, confidence: 0.5 },
    ...{ domain: [], relatedFiles: [], sourceAgent: 'scout' },
  })

const key = (text: string): Uint8Array => utf8(text)
const points = ['7', '18446744073709551615'] as readonly string[] as readonly Uint64Text[]

/** One record of each kind, and more. */
const stored = [
  entry('collective.create', [event('CollectiveCreated', { id: COLLECTIVE, name: 'bees', dimension: 3 })]),
  entry('experience.recordMany', [recorded(FIRST), recorded(SECOND)]),
  entry('relation.create', [
    event('RelationCreated', { id: OTHER, source: FIRST, target: SECOND, type: 'supports', strength: 1 }),
  ]),
  entry('insight.store', [
    event('InsightStored', {
      ...{ id: OTHER, content: 'so it is', embedding, sources: [FIRST], type: 'pattern', confidence: 0.5, domain: [] },
    }),
  ]),
  entry('keys.put', [event('KeysPut', { entries: ['', 'a', 'b', 'c'].map((text) => [key(text), key(`${text}!`)]) })]),
  entry('vectors.store', [event('VectorsStored', { items: points.map((id) => [id, embedding] as const) })]),
  entry('payloads.store', [event('PayloadsStored', { items: points.map((id) => ({ id, json: '{"a":0}' })) })]),
  entry('pages.store', [
    event('PagesWritten', {
      pages: [[1, encodePage(1, { kind: 'data', next: 0, data: key('memory') })]],
      counts: { lastPage: 1, firstFree: 0, freePages: 0, pageCount: 1, memoryCount: 1, bytes: 38 },
    }),
    event('MemoryPlaced', { id: OTHER, pages: [1], bytes: 38 }),
  ]),
]

const set = (body: object): LogEvent =>
  event('ExpirySet', { collective: COLLECTIVE, ...body } as EventBodies['ExpirySet'])

const lifetimes = [
  set({ table: 'experience', ids: [FIRST, SECOND], expiresAt: EXPIRES_AT }),
  set({ table: 'relation', ids: [OTHER], expiresAt: EXPIRES_AT }),
  set({ table: 'insight', ids: [OTHER], expiresAt: EXPIRES_AT }),
  set({ table: 'key', ids: [key(''), key('a'), key('b')], expiresAt: EXPIRES_AT }),
  set({ table: 'vector', ids: points, expiresAt: EXPIRES_AT }),
  set({ table: 'payload', ids: points, expiresAt: LATER }),
  set({ table: 'memory', ids: [OTHER], expiresAt: LATER }),
  // Renewed, and taken away.
  set({ table: 'experience', ids: [SECOND], expiresAt: LATER }),
  set({ table: 'key', ids: [key('')] }),
]

export const expiryHistories = {
  ExpirySet: [...stored, entry('batch.commit', lifetimes), entry('keys.put', [set({ table: 'memory', ids: [OTHER] })])],
  /** One that expires, one that never did, one that is not there. */
  KeysExpired: [
    ...stored,
    entry('batch.commit', lifetimes),
    entry('maintenance.expire', [event('KeysExpired', { keys: [key('a'), key('c'), key('x')] })]),
  ],
} satisfies { readonly [Kind in EventKind]?: readonly LogEntry[] }

/** All that has a lifetime goes by other means: nothing of it is left. */
export const expiryEnds: readonly LogEntry[] = [
  ...stored,
  entry('batch.commit', lifetimes),
  entry('experience.delete', [
    event('RelationDeleted', { id: OTHER }),
    event('InsightStaled', { id: OTHER, source: FIRST }),
    event('ExperienceDeleted', { id: FIRST }),
    event('ExperienceDeleted', { id: SECOND }),
    event('InsightDeleted', { id: OTHER }),
  ]),
  entry('keys.delete', [event('KeysDeleted', { keys: [key('a')] })]),
  entry('maintenance.pruneKeys', [
    event('KeysPruned', { sequence: 1, index: 0, job: OTHER, keys: [key('b')], bytes: 3 }),
  ]),
  entry('vectors.store', [event('VectorsStored', { items: points.map((id) => [id, embedding] as const) })]),
  entry('payloads.delete', [event('PayloadsDeleted', { ids: points })]),
  entry('pages.delete', [event('MemoryForgotten', { id: OTHER })]),
]
