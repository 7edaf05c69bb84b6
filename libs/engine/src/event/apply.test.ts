/**
 * Apply is frozen (A3, DESIGN F5): a fixed sequence of events leads to a fixed digest over every row of the state. A
 * changed digest means that a rebuild from an old log would reach another state; the mend is a new event kind, never a
 * new digest.
 */
import { readFileSync } from 'node:fs'
import type { Uuid } from '@waggle/kernel'
import {
  DEFAULT_TENANT,
  encodeEntry,
  generationFrom,
  joinEntries,
  decodeEntries,
  type LogEntry,
  type LogEvent,
  type Sequence,
} from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { digestState } from '../digest.ts'
import type { Effect } from './effect.ts'
import { expiredRows, readExpiring } from '../expiry/expiry-rows.ts'
import { readStatistics } from '../memory/collective/statistics.ts'
import { keyAgeKey, experienceKey, JOURNAL_STORE, tombstoneKey } from '../state/keyspace.ts'
import { Overlay } from '../state/overlay.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { expiryEnds, expiryHistories } from '../testing/expiry-histories.ts'
import { keyHistories } from '../testing/key-histories.ts'
import { pageHistories } from '../testing/page-histories.ts'
import { pointHistories } from '../testing/point-histories.ts'
import { pruneHistories } from '../testing/prune-histories.ts'
import { applyEntry } from './apply.ts'
import { event, type EventAddress, type EventBodies, type EventKind } from './events.ts'

const golden = JSON.parse(readFileSync(new URL('../../golden/apply-digests.json', import.meta.url), 'utf8')) as Record<
  EventKind,
  string
>

const TIME_MS = 1_700_000_000_000
const COLLECTIVE = '11111111-1111-7111-8111-111111111111' as Uuid
const FIRST = '22222222-2222-7222-8222-222222222222' as Uuid
const SECOND = '33333333-3333-7333-8333-333333333333' as Uuid
const RELATION = '44444444-4444-7444-8444-444444444444' as Uuid
const INSIGHT = '55555555-5555-7555-8555-555555555555' as Uuid
const SCOPE = { tenant: DEFAULT_TENANT, incarnation: { sequence: 1 as Sequence, index: 0 } }

const experience = (id: Uuid): EventBodies['ExperienceRecorded'] => ({
  id,
  content: 'Bees dance — ⚘',
  type: { kind: 'solution', approach: 'waggle', worked: true },
  embedding: new Uint8Array(Float32Array.of(1, -2.5, 0.125).buffer),
  importance: Math.fround(0.9),
  confidence: 0.5,
  domain: ['hive', ''],
  relatedFiles: ['src/dance.ts'],
  sourceAgent: 'scout',
  sourceTask: 'forage',
})

const entry = (command: string, events: readonly LogEvent[], more: Partial<LogEntry> = {}): LogEntry => ({
  tenant: DEFAULT_TENANT,
  collective: COLLECTIVE,
  command,
  events,
  result: { ok: {} },
  ...more,
})

const created = entry('collective.create', [
  event('CollectiveCreated', { id: COLLECTIVE, name: 'bees', dimension: 3, owner: 'queen', embedder: 'hashing-1' }),
])
const recorded = entry('experience.record', [event('ExperienceRecorded', experience(FIRST))], {
  key: 'key-1',
  requestHash: Uint8Array.from({ length: 16 }, (_, index) => index),
  result: { ok: { id: FIRST } },
})
const second = entry('experience.recordMany', [event('ExperienceRecorded', experience(SECOND))])
const related = entry('relation.create', [
  event('RelationCreated', {
    ...{ id: RELATION, source: FIRST, target: SECOND, type: 'supersedes', strength: 0.75, metadata: '{"by":"⚘"}' },
  }),
])
const insight: EventBodies['InsightStored'] = {
  ...{ id: INSIGHT, content: 'Bees agree — ⚘', sources: [FIRST, SECOND, FIRST] },
  embedding: new Uint8Array(Float32Array.of(0.5, 3, -1).buffer),
  ...{ type: 'synthesis', confidence: Math.fround(0.7), domain: ['hive', ''] },
}
const concluded = entry('insight.store', [event('InsightStored', insight)])
const registered = entry('activity.register', [
  event('ActivityRegistered', { agent: 'scout', task: 'forage', summary: 'north meadow' }),
])
const savedCursor = (name: string, [sequence, index]: EventAddress): LogEntry =>
  entry('cursor.save', [event('CursorSaved', { store: JOURNAL_STORE.memory, name, sequence, index })])
const registeredCursor = (name: string, [sequence, index]: EventAddress): LogEntry =>
  entry('cursor.save', [
    event('CursorRegistered', { store: JOURNAL_STORE.memory, name, sequence, index, keepMs: 60_000 }),
  ])
const deleted = entry('collective.delete', [event('CollectiveDeleted', { id: COLLECTIVE })])
const saved: EventBodies['ExperienceSaved'] = {
  ...experience(FIRST),
  ...{ applications: { [SECOND]: 2, a: 1 }, createdAt: TIME_MS - 5, lastReinforced: TIME_MS - 2, archived: true },
}
const savedInsight: EventBodies['InsightSaved'] = {
  ...insight,
  ...{ createdAt: TIME_MS - 5, updatedAt: TIME_MS - 3, lostSources: [SECOND] },
}
const opened = entry('storage.open', [event('StorageOpened', { dimension: 384 })])
const peer = (instance: Uuid, sequence: number): LogEntry =>
  entry('storage.saveSyncCursor', [event('SyncCursorSaved', { instance, sequence, index: 1 })])

let store: MemoryStore
let effects: Effect[]

/** Applies entries as batches 1, 2, … after a trip through their encoded form; returns the digest. */
const applyAll = async (entries: readonly LogEntry[]): Promise<string> => {
  entries.forEach((each, position) => {
    const state = new Overlay(store)
    const [decoded] = decodeEntries(joinEntries([encodeEntry(each)]))
    const batch = {
      sequence: (position + 1) as Sequence,
      timeMs: TIME_MS + position,
      generation: generationFrom(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
    }
    applyEntry(state, decoded as LogEntry, batch, 0, (change) => effects.push(change))
    void store.write(state.changes(), { sync: false })
  })
  return (await digestState(store)).digest
}

beforeEach(() => {
  store = new MemoryStore()
  effects = []
})

/** One history for each kind; its last event is of that kind. */
const histories: Record<EventKind, readonly LogEntry[]> = {
  ...keyHistories,
  ...pruneHistories,
  ...pointHistories,
  ...pageHistories,
  ...expiryHistories,
  CollectiveCreated: [created],
  CollectiveUpdated: [
    created,
    entry('collective.create', [event('CollectiveCreated', { id: SECOND, name: 'wasps', dimension: 3 })], {
      collective: SECOND,
    }),
    entry('collective.update', [event('CollectiveUpdated', { id: COLLECTIVE, owner: 'drone' })]),
    entry('collective.update', [
      event('CollectiveUpdated', {
        id: COLLECTIVE,
        name: 'wasps',
        decay: { halfLifeMs: 500, freqWeight: 0.5, floor: 0.1, weights: { similarity: 0.7, energy: 0.3 } },
      }),
    ]),
  ],
  CollectiveDeleted: [created, recorded, deleted],
  CollectiveSwept: [
    created,
    recorded,
    deleted,
    entry('maintenance.sweep', [
      event('CollectiveSwept', { sequence: 1, index: 0, keys: [experienceKey(SCOPE, FIRST)], last: true }),
    ]),
  ],
  ExperienceRecorded: [created, recorded],
  ExperienceRestored: [
    created,
    entry('collective.restore', [
      event('ExperienceRestored', {
        ...experience(FIRST),
        applications: 7,
        createdAt: TIME_MS - 1_000,
        lastReinforced: TIME_MS - 500,
        archived: true,
        version: 9,
      }),
    ]),
  ],
  ExperienceUpdated: [
    created,
    recorded,
    entry('experience.update', [
      event('ExperienceUpdated', { id: FIRST, patch: { importance: 0.25, domain: ['new'], archived: true } }),
    ]),
  ],
  ExperienceDeleted: [
    created,
    recorded,
    second,
    entry('experience.delete', [event('ExperienceDeleted', { id: FIRST })]),
  ],
  ExperienceReinforced: [
    created,
    recorded,
    entry('experience.reinforce', [event('ExperienceReinforced', { id: FIRST, instance: 'a' })]),
    entry('experience.reinforce', [event('ExperienceReinforced', { id: FIRST, instance: 'b' })]),
    entry('experience.reinforce', [event('ExperienceReinforced', { id: FIRST, instance: 'a' })]),
  ],
  ActivityRegistered: [
    created,
    registered,
    entry('activity.register', [event('ActivityRegistered', { agent: 'scout', task: 'dance' })]),
    entry('activity.register', [event('ActivityRegistered', { agent: 'drone' })]),
  ],
  ActivityContinued: [
    created,
    registered,
    entry('activity.heartbeat', [event('ActivityContinued', { agent: 'scout' })]),
  ],
  ActivityEnded: [
    created,
    registered,
    entry('activity.register', [event('ActivityRegistered', { agent: 'drone' })]),
    entry('activity.end', [event('ActivityEnded', { agent: 'scout' })]),
  ],
  CursorSaved: [
    created,
    savedCursor('mirror', [2, 0]),
    savedCursor('audit', [1, 0]),
    savedCursor('mirror', [3, 4_294_967_295]),
  ],
  CursorRegistered: [
    created,
    savedCursor('mirror', [2, 0]),
    registeredCursor('audit', [1, 0]),
    registeredCursor('mirror', [3, 4_294_967_295]),
  ],
  CursorsAbandoned: [
    created,
    savedCursor('mirror', [2, 0]),
    registeredCursor('audit', [1, 0]),
    registeredCursor('other', [1, 1]),
    entry('maintenance.abandonCursors', [
      event('CursorsAbandoned', { sequence: 1, index: 0, store: JOURNAL_STORE.memory, names: ['audit', 'mirror'] }),
    ]),
  ],
  CursorDropped: [
    created,
    savedCursor('mirror', [2, 0]),
    savedCursor('audit', [1, 0]),
    entry('cursor.drop', [event('CursorDropped', { store: JOURNAL_STORE.memory, name: 'audit' })]),
  ],
  RelationCreated: [created, recorded, second, related],
  RelationRestored: [
    created,
    recorded,
    second,
    entry('collective.restore', [
      event('RelationRestored', {
        ...{ id: RELATION, source: SECOND, target: FIRST, type: 'relatedTo', strength: 0.25, createdAt: TIME_MS - 500 },
      }),
    ]),
  ],
  RelationDeleted: [
    created,
    recorded,
    second,
    related,
    entry('relation.delete', [event('RelationDeleted', { id: RELATION })]),
  ],
  InsightStored: [created, recorded, second, concluded],
  InsightRestored: [
    created,
    second,
    entry('collective.restore', [
      event('InsightRestored', {
        ...insight,
        ...{ createdAt: TIME_MS - 1_000, updatedAt: TIME_MS - 500, lostSources: [FIRST] },
      }),
    ]),
  ],
  InsightDeleted: [
    created,
    recorded,
    second,
    concluded,
    entry('insight.delete', [event('InsightDeleted', { id: INSIGHT })]),
  ],
  InsightStaled: [
    created,
    recorded,
    second,
    concluded,
    entry('experience.delete', [event('InsightStaled', { id: INSIGHT, source: FIRST })]),
  ],
  CollectiveSaved: [
    created,
    entry('storage.saveCollective', [
      event('CollectiveSaved', {
        ...{ id: COLLECTIVE, name: 'wasps', dimension: 3, createdAt: TIME_MS - 9, updatedAt: TIME_MS - 8 },
        decay: { halfLifeMs: 1_500, freqWeight: 0.5, floor: 0.1 },
      }),
    ]),
    entry('storage.saveCollective', [
      event('CollectiveSaved', { id: SECOND, name: 'bees', dimension: 4, createdAt: TIME_MS, updatedAt: TIME_MS }),
    ]),
  ],
  CollectiveDeletionTold: [
    created,
    entry('storage.deleteCollective', [
      event('CollectiveDeleted', { id: COLLECTIVE }),
      event('CollectiveDeletionTold', { id: COLLECTIVE }),
    ]),
  ],
  ExperienceSaved: [
    created,
    recorded,
    entry('storage.saveExperience', [event('ExperienceSaved', { ...saved, id: SECOND })]),
    entry('storage.saveExperience', [event('ExperienceSaved', saved)]),
  ],
  EmbeddingSaved: [
    created,
    recorded,
    entry('storage.saveEmbedding', [
      event('EmbeddingSaved', { id: FIRST, embedding: new Uint8Array(Float32Array.of(7, 0, -1).buffer) }),
    ]),
  ],
  RelationSaved: [
    created,
    recorded,
    second,
    related,
    entry('storage.saveRelation', [
      event('RelationSaved', {
        ...{ id: RELATION, source: SECOND, target: FIRST, type: 'implies', strength: 0.5, createdAt: TIME_MS - 4 },
      }),
      event('RelationSaved', {
        ...{ id: INSIGHT, source: SECOND, target: FIRST, type: 'supports', strength: 1, createdAt: TIME_MS - 4 },
      }),
    ]),
  ],
  InsightSaved: [
    created,
    recorded,
    second,
    concluded,
    entry('storage.saveInsight', [
      event('InsightSaved', savedInsight),
      event('InsightSaved', { ...savedInsight, id: RELATION, lostSources: [] }),
    ]),
  ],
  ActivitySaved: [
    created,
    registered,
    entry('storage.saveActivity', [
      event('ActivitySaved', { agent: 'scout', task: 'rest', startedAt: TIME_MS - 7, lastHeartbeat: TIME_MS - 6 }),
    ]),
  ],
  StorageOpened: [opened, opened],
  SyncCursorSaved: [peer(SECOND, 9), peer(FIRST, 4), peer(SECOND, 3)],
  SyncCursorDropped: [
    peer(SECOND, 9),
    peer(FIRST, 4),
    entry('storage.dropSyncCursor', [event('SyncCursorDropped', { instance: SECOND })]),
  ],
  KeysForgotten: [
    created,
    recorded,
    entry('maintenance.forgetKeys', [
      event('KeysForgotten', {
        cutOffMs: TIME_MS + 1,
        keys: [keyAgeKey(TIME_MS + 1, { sequence: 2 as Sequence, index: 0 })],
      }),
    ]),
  ],
  HoldMoved: [
    entry('maintenance.hold', [event('HoldMoved', { replica: 'node-b', sequence: 7 })]),
    entry('maintenance.hold', [event('HoldMoved', { replica: 'node-a', sequence: 5 })]),
    entry('maintenance.hold', [event('HoldMoved', { replica: 'node-b', sequence: 9 })]),
  ],
  ReplicaRemoved: [
    entry('maintenance.hold', [event('HoldMoved', { replica: 'node-b', sequence: 7 })]),
    entry('maintenance.hold', [event('HoldMoved', { replica: 'node-a', sequence: 5 })]),
    entry('maintenance.removeReplica', [event('ReplicaRemoved', { replica: 'node-a' })]),
  ],
  DigestRequested: [
    entry('maintenance.verifyCheckpoint', [event('CheckpointVerified', { sequence: 3, digest: 'ab'.repeat(32) })]),
    entry('maintenance.requestDigest', [event('DigestRequested', { writer: 'node-a' })]),
  ],
  CheckpointVerified: [
    entry('maintenance.verifyCheckpoint', [event('CheckpointVerified', { sequence: 3, digest: 'ab'.repeat(32) })]),
    entry('maintenance.verifyCheckpoint', [event('CheckpointVerified', { sequence: 7, digest: 'cd'.repeat(32) })]),
  ],
  LogHorizonMoved: [
    entry('maintenance.moveHorizon', [event('LogHorizonMoved', { sequence: 3 })]),
    entry('maintenance.moveHorizon', [event('LogHorizonMoved', { sequence: 4 })]),
  ],
  JournalPruned: [
    created,
    recorded,
    second,
    entry('maintenance.pruneJournal', [
      event('JournalPruned', {
        sequence: 1,
        index: 0,
        store: JOURNAL_STORE.memory,
        addresses: [
          [1, 0],
          [2, 0],
        ],
        horizon: [3, 0],
      }),
    ]),
  ],
}

describe('A3 F5 the state that each event kind leads to is frozen', () => {
  test.each(Object.keys(histories) as EventKind[])('%s', async (kind) => {
    expect(histories[kind].at(-1)?.events.at(-1)?.[0]).toBe(kind)
    expect(await applyAll(histories[kind])).toBe(golden[kind])
  })
})

describe('apply', () => {
  test('A1 an event of a newer version halts, and nothing of its entry is applied', async () => {
    const unknown = entry('future', [['FutureEvent', {}]])
    await expect(applyAll([created, unknown])).rejects.toMatchObject({ code: 'FORMAT_UNSUPPORTED' })
  })

  test.each(['toString', '__proto__', 'constructor'])('A1 %s is no event kind', async (kind) => {
    await expect(applyAll([entry('future', [[kind, {}]])])).rejects.toMatchObject({ code: 'FORMAT_UNSUPPORTED' })
  })

  test('A2 applying the same history twice gives the same digest', async () => {
    const all = [...histories.ExperienceReinforced, second]
    const first = await applyAll(all)
    store = new MemoryStore()
    expect(await applyAll(all)).toBe(first)
  })

  test('deleting what was recorded leaves the journal, the counters and nothing else of it', async () => {
    await applyAll(histories.ExperienceDeleted)
    expect(store.get(experienceKey(SCOPE, FIRST))).toBeUndefined()
    expect(effects.map(({ kind }) => kind)).toEqual([
      'journal',
      'journal',
      'put',
      'journal',
      'put',
      'journal',
      'remove',
    ])
  })

  test('X1 X2 what goes otherwise than by expiring leaves nothing of its lifetime', async () => {
    await applyAll(histories.ExpirySet)
    expect(readExpiring(store, SCOPE)?.counts).toEqual([2, 1, 1, 2, 2, 2, 0])
    store = new MemoryStore()
    await applyAll(expiryEnds)
    expect(readExpiring(store, SCOPE)).toBeUndefined()
    const left = []
    for await (const row of expiredRows(store, SCOPE, Number.MAX_SAFE_INTEGER - 1)) left.push(row)
    expect(left).toEqual([])
    expect(readStatistics(store, SCOPE).storageBytes).toBe(0)
  })

  test('K5 deleting a collective is one tombstone; the last sweep removes it', async () => {
    await applyAll(histories.CollectiveDeleted)
    expect(store.get(tombstoneKey(SCOPE))).toBeDefined()
    expect(store.get(experienceKey(SCOPE, FIRST))).toBeDefined()
    store = new MemoryStore()
    await applyAll(histories.CollectiveSwept)
    expect(store.get(tombstoneKey(SCOPE))).toBeUndefined()
    expect(store.get(experienceKey(SCOPE, FIRST))).toBeUndefined()
  })
})
