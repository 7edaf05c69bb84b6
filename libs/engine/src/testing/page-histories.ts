/** Histories of the events of this store, for golden digests; the last event of each is of that kind. */
import type { Uuid } from '@waggle/kernel'
import { DEFAULT_TENANT, type LogEntry, type LogEvent, type MemoryNode } from '@waggle/protocol'
import { event, type EventKind } from '../event/events.ts'
import { pagesOf, pagesOfRecord } from '../page-store/memory-pages.ts'
import { encodeMemory } from '../page-store/memory-record.ts'
import { encodePage } from '../page-store/page-format.ts'

const COLLECTIVE = '11111111-1111-7111-8111-111111111111' as Uuid
const MEMORY = '22222222-2222-4222-8222-222222222222' as Uuid
const NIL = '00000000-0000-0000-0000-000000000000' as Uuid

const entry = (command: string, events: readonly LogEvent[]): LogEntry => ({
  ...{ tenant: DEFAULT_TENANT, collective: COLLECTIVE, command, events, result: { ok: {} } },
})

const created = entry('collective.create', [
  event('CollectiveCreated', { id: COLLECTIVE, name: 'bees', dimension: 3, owner: 'queen' }),
])

/** One that goes on in a second page, with every field. */
const memory: MemoryNode = {
  ...{ id: MEMORY, agentId: COLLECTIVE, userId: NIL, spaceId: MEMORY },
  ...{ memoryType: 'antiPattern', content: 'Bees dance — ⚘'.repeat(4_000), context: 'the meadow' },
  embedding: Float32Array.of(1, -2.5, 0.125),
  ...{ createdAt: 1_700_000_000_000_000, accessedAt: 1_700_000_000_000_001, accessCount: 7 },
  ...{ salience: 0.25, confidence: Math.fround(0.7), tags: ['hive', ''] },
  attributes: { colour: 'yellow', wings: 4, weight: 0.1, stings: true, raw: Uint8Array.of(0, 1, 255) },
  ...{ validFrom: 1, validUntil: 2 },
}
const record = encodeMemory(memory)
const pages = Array.from({ length: pagesOf(record.length) }, (_, index) => index + 2)
const data = Uint8Array.of(1, 2, 3)

const allocated = entry('pages.write', [
  event('PagesWritten', {
    pages: [[1, encodePage(1, { kind: 'data', next: 0, data })]],
    counts: { lastPage: 1, firstFree: 0, freePages: 0, pageCount: 1, memoryCount: 0, bytes: 35 },
  }),
])
const written = event('PagesWritten', {
  pages: pagesOfRecord(record, pages).map((stored, index) => [index + 2, encodePage(index + 2, stored)] as const),
  counts: { lastPage: 3, firstFree: 0, freePages: 0, pageCount: 3, memoryCount: 1, bytes: 68_000 },
})
const placed = entry('pages.store', [written, event('MemoryPlaced', { id: MEMORY, pages, bytes: 67_965 })])
const freed = event('PagesWritten', {
  pages: [
    [3, encodePage(3, { kind: 'free', next: 0, data: new Uint8Array(0) })],
    [2, encodePage(2, { kind: 'free', next: 3, data: new Uint8Array(0) })],
  ],
  counts: { lastPage: 3, firstFree: 2, freePages: 2, pageCount: 1, memoryCount: 0, bytes: 35 },
})

export const pageHistories = {
  PagesWritten: [created, allocated, entry('pages.store', [written])],
  MemoryPlaced: [created, allocated, placed],
  MemoryForgotten: [
    created,
    allocated,
    placed,
    entry('pages.delete', [freed, event('MemoryForgotten', { id: MEMORY })]),
  ],
} satisfies { readonly [Kind in EventKind]?: readonly LogEntry[] }
