import type { BuiltName } from '../operations/table.ts'

/** A body as it stands on the wire. */
export type SampleBody = Readonly<Record<string, unknown>>

/** A request that its operation takes. */
export interface SampleRequest {
  /** With nothing that may be left out. */
  readonly minimal: SampleBody
  /** With every field, to the innermost. */
  readonly whole: SampleBody
}

const collective = '0190b2c0-1111-7abc-8def-0123456789ab'
const id = '0190b2c0-2222-7abc-8def-0123456789ab'

const experience = {
  id,
  content: 'retry with the same idempotency key',
  type: { kind: 'solution', problemRef: collective, approach: 'retry', worked: true },
  embedding: [0.25, -0.5, 1],
  importance: 0.75,
  confidence: 0.5,
  domain: ['payments', 'retries'],
  relatedFiles: ['src/ledger/post-entry.ts'],
  sourceAgent: 'agent-7',
  sourceTask: 'task-12',
}

const restored = {
  ...experience,
  applications: 3,
  createdAt: 1_700_000_000_000,
  lastReinforced: 1_700_000_100_000,
  archived: false,
  version: 4,
}

const filter = {
  domains: ['payments'],
  types: ['solution', 'fact'],
  minImportance: 0.25,
  minConfidence: 0.5,
  since: 1_600_000_000_000,
  until: 1_800_000_000_000,
  agents: ['agent-7'],
  tasks: ['task-12'],
  files: ['src/ledger/post-entry.ts'],
  includeArchived: true,
}

const include = ['embedding']
const weights = { similarity: 0.75, energy: 0.25 }
const decay = { halfLifeMs: 86_400_000, freqWeight: 0.5, floor: 0.125, weights }
const now = 1_700_000_200_000
const search = {
  ...{ embedding: [1, 0, 0], text: 'which ledger locks', filter },
  weights: { similarity: 0.25, text: 0.5, energy: 0.25 },
  ...{ neighbours: { before: 0.25, after: 0.125, sameAgent: true }, diversity: 0.5, minScore: 0.125 },
}
const page = { limit: 50, cursor: 'opaque', offset: 10 }

const relation = { id, source: collective, target: id, type: 'supports', strength: 0.5, metadata: '{"by":"ana"}' }
const leastRelation = { source: collective, target: id, type: 'implies' }

const insight = {
  id,
  content: 'retries need keys',
  embedding: [0.25, -0.5, 1],
  sources: [collective, id],
  type: 'pattern',
  confidence: 0.75,
  domain: ['payments'],
}
const address = { collective, id }

const base64 = { base64: 'AAECww==' }
const selectors = [{ prefix: base64, regex: '^(?P<n>[0-9]+)$' }]
const valueFilters = [{ exact: base64 }, { prefix: base64 }, { regex: 'z+' }]
/** Without attributes, whose names and sorts are the caller's. */
const memory = {
  ...{ id, agentId: collective, userId: id, spaceId: collective },
  ...{ memoryType: 'semantic', content: 'likes dark mode', context: 'settings', embedding: [0.25, -0.5, 1] },
  ...{ createdAt: 5, accessedAt: 6, accessCount: 7, salience: 0.5, confidence: 0.75, tags: ['ui'] },
  ...{ validFrom: 8, validUntil: 9 },
}

/** For each operation that is built; one that is new does not compile until it has its sample. */
const amount = { field: { value: { index: 1, kind: 'int64', nullable: true, length: 0 } } }
const day = { field: { key: { byteOffset: 4, bitOffset: 32, kind: 'timestamp', length: 0 } } }
const nearby = { zOrderKey: { bitOffset: 8, position: 1, widths: [8, 8], kind: 'float64', length: 0 } }

const reducers = [
  { op: 'countAll' },
  { op: 'countField', expr: amount },
  { op: 'sumField', expr: { add: { left: amount, right: { literal: { int64: '-9223372036854775808' } } } } },
  { op: 'minField', expr: { sub: { left: { literal: { float64: 0.5 } }, right: { literal: { uint64: '5' } } } } },
  { op: 'maxField', expr: { mul: { left: amount, right: { div: { left: amount, right: amount } } } } },
  { op: 'maxField', expr: { lower: { literal: { utf8: 'Ana' } } } },
  { op: 'minField', expr: { literal: { date32: -1 } } },
  { op: 'minField', expr: { literal: { boolean: true } } },
  { op: 'maxField', expr: { literal: { fixedSizeBinary: base64 } } },
]
const groupBy = [{ dateTruncDay: day }, { literal: { date64: '86400000' } }, { literal: { timestamp: '-1' } }]
const predicate = {
  checks: [
    {
      field: nearby,
      constraint: { floatRange: { min: { value: 0.5, inclusive: true }, max: { value: 1, inclusive: false } } },
    },
    { field: amount.field, constraint: { intRange: { min: '-5', max: '5' } } },
    { field: amount.field, constraint: { uint64Range: { min: '0', max: '18446744073709551615' } } },
    { field: amount.field, constraint: { intIn: ['1', '2'] } },
    { field: amount.field, constraint: { uint64In: ['1', '2'] } },
    { field: amount.field, constraint: { stringEq: 'a' } },
    { field: amount.field, constraint: { stringIn: ['a', 'b'] } },
    { field: amount.field, constraint: { boolEq: false } },
    { field: amount.field, constraint: { isNull: true } },
    { field: amount.field, constraint: { isNotNull: true } },
  ],
  contradiction: false,
}

export const sampleRequests: Readonly<Record<BuiltName, SampleRequest>> = {
  'collective.create': {
    minimal: { dimension: 3 },
    whole: {
      id: collective,
      name: 'payments-team',
      dimension: 384,
      owner: 'ana',
      embedder: 'hashing',
      language: 'german',
    },
  },
  'collective.getOrCreate': {
    minimal: { dimension: 3 },
    whole: { name: 'payments-team', dimension: 384, owner: 'ana', embedder: 'hashing', language: 'none' },
  },
  'collective.get': { minimal: {}, whole: { collective, name: 'payments-team' } },
  'collective.list': { minimal: {}, whole: { owner: 'ana' } },
  'collective.stats': { minimal: { collective }, whole: { collective } },
  'collective.delete': { minimal: { collective }, whole: { collective } },
  'collective.restore': {
    minimal: { collective },
    whole: {
      collective,
      experiences: [restored, { ...restored, id: collective }],
      relations: [{ ...relation, createdAt: now, expiresAt: now }],
      insights: [{ ...insight, createdAt: now, updatedAt: now, lostSources: [id] }],
    },
  },
  'collective.update': {
    minimal: { collective },
    whole: { collective, name: 'ledger-team', owner: 'bo', decay, language: 'french' },
  },
  'tenant.usage': { minimal: {}, whole: {} },
  'experience.record': { minimal: { collective }, whole: { collective, ...experience, ttlMs: 60_000 } },
  'experience.recordMany': {
    minimal: { collective, experiences: [] },
    whole: { collective, experiences: [experience, { content: 'a second one', ttlMs: 1 }] },
  },
  'experience.update': {
    minimal: { ...address, patch: {} },
    whole: {
      ...address,
      patch: { importance: 1, confidence: 0, domain: ['payments'], relatedFiles: ['a.ts'], archived: true },
      ifVersion: 4,
      ttlMs: 60_000,
    },
  },
  'experience.archive': { minimal: address, whole: address },
  'experience.unarchive': { minimal: address, whole: address },
  'experience.delete': { minimal: address, whole: address },
  'experience.reinforce': { minimal: address, whole: address },
  'experience.get': { minimal: address, whole: address },
  'experience.getMany': { minimal: { collective, ids: [] }, whole: { collective, ids: [id, collective], include } },
  'experience.list': {
    minimal: { collective },
    whole: { collective, ...page, filter, include },
  },
  'experience.recent': { minimal: { collective }, whole: { collective, limit: 5, filter, include } },
  'experience.search': {
    minimal: { collective, embedding: [1, 0, 0] },
    whole: { collective, k: 7, ...search, now, include },
  },
  'experience.energy': { minimal: address, whole: { ...address, now } },
  'experience.cold': { minimal: { collective }, whole: { collective, below: 0.25, limit: 5, now } },
  'relation.create': { minimal: { collective, ...leastRelation }, whole: { collective, ...relation, ttlMs: 60_000 } },
  'relation.delete': { minimal: address, whole: address },
  'relation.get': { minimal: address, whole: address },
  'relation.list': { minimal: { collective }, whole: { collective, ...page } },
  'relation.related': {
    minimal: address,
    whole: {
      ...address,
      ...{ direction: 'incoming', type: 'supports', minStrength: 0.5, limit: 5, cursor: 'opaque', include },
    },
  },
  'relation.paths': {
    minimal: { collective, from: id },
    whole: {
      collective,
      ...{ from: id, to: collective, direction: 'both', types: ['supports', 'implies'], minStrength: 0.5 },
      ...{ maxDepth: 4, limit: 5, budget: 500 },
    },
  },
  'insight.store': { minimal: { collective, type: 'synthesis' }, whole: { collective, ...insight, ttlMs: 60_000 } },
  'insight.delete': { minimal: address, whole: address },
  'insight.get': { minimal: address, whole: address },
  'insight.list': { minimal: { collective }, whole: { collective, ...page, include } },
  'insight.search': {
    minimal: { collective, embedding: [1, 0, 0] },
    whole: { collective, k: 7, embedding: [1, 0, 0], include },
  },
  'activity.register': {
    minimal: { collective },
    whole: { collective, agent: 'agent-7', task: 'task-12', summary: 'reads the ledger' },
  },
  'activity.heartbeat': { minimal: { collective }, whole: { collective, agent: 'agent-7' } },
  'activity.end': { minimal: { collective }, whole: { collective, agent: 'agent-7' } },
  'activity.active': { minimal: { collective }, whole: { collective, now } },
  'context.get': {
    minimal: { collective, embedding: [1, 0, 0] },
    whole: {
      collective,
      ...{ maxSimilar: 5, maxRecent: 3, ...search, now, include },
      ...{ includeInsights: false, includeRelations: false, includeActiveAgents: false },
    },
  },
  'watch.next': {
    minimal: { collective },
    whole: {
      collective,
      ...{ from: 'start', max: 5, waitMs: 100, include },
      filter: { ...filter, entities: ['experience', 'insight'], kinds: ['created', 'deleted'] },
    },
  },
  'batch.commit': {
    minimal: { collective, commands: [] },
    whole: {
      collective,
      commands: [
        { operation: 'experience.record', ...experience },
        { operation: 'experience.update', id, patch: { importance: 1 }, ifVersion: 1, ttlMs: 60_000 },
        { operation: 'experience.archive', id },
        { operation: 'experience.unarchive', id },
        { operation: 'experience.reinforce', id },
        { operation: 'experience.delete', id },
        { operation: 'relation.create', ...relation },
        { operation: 'relation.delete', id },
        { operation: 'insight.store', ...insight },
        { operation: 'insight.delete', id },
      ],
    },
  },
  'cursor.save': {
    minimal: { collective, name: 'mirror', cursor: 'opaque' },
    whole: { collective, name: 'mirror', cursor: 'opaque', keepMs: 86_400_000 },
  },
  'cursor.list': { minimal: { collective }, whole: { collective } },
  'cursor.drop': { minimal: { collective, name: 'mirror' }, whole: { collective, name: 'mirror' } },
  'keys.put': {
    minimal: { collective },
    whole: {
      collective,
      entries: [
        [base64, base64],
        [base64, base64],
      ],
      upload: { id, parts: 2, sha256: base64 },
      ttlMs: 60_000,
    },
  },
  'keys.stage': {
    minimal: { collective, upload: id, index: 0, bytes: '' },
    whole: { collective, upload: id, index: 1, bytes: base64 },
  },
  'keys.delete': { minimal: { collective, keys: [] }, whole: { collective, keys: [base64, base64] } },
  'keys.get': {
    minimal: { collective, key: '' },
    whole: { collective, key: base64, minSequence: 3, offset: 5, version: '7:0' },
  },
  'keys.getMany': {
    minimal: { collective, keys: [] },
    whole: { collective, keys: [base64, base64], from: 1, batchSize: 10, minSequence: 3 },
  },
  'keys.range': {
    minimal: { collective },
    whole: {
      collective,
      ...{ start: base64, end: base64, limit: 5, reverse: true, after: base64, batchSize: 2, minSequence: 3 },
    },
  },
  'keys.reduce': {
    minimal: { collective },
    whole: { collective, start: base64, end: base64, minSequence: 3, reducers, groupBy, filter: predicate },
  },
  'keys.batch': {
    minimal: { collective, sequence: 7 },
    whole: { collective, sequence: 7, selectors, valueFilters, from: 1, entry: 2, offset: 3, minSequence: 3 },
  },
  'keys.position': { minimal: { collective }, whole: { collective, minSequence: 3 } },
  'keys.subscribe': {
    minimal: { collective },
    whole: { collective, selectors, valueFilters, since: 3, from: 'opaque', max: 5, waitMs: 100 },
  },
  'keys.prune': {
    minimal: { collective, policies: [] },
    whole: {
      collective,
      policies: [
        {
          keys: {
            selector: selectors[0],
            groupBy: { captureGroups: ['n'] },
            orderBy: { captureGroup: 'n', encoding: 'bytesAsc' },
          },
          retain: { keepLatest: { count: 2 } },
        },
        { sequence: {}, retain: { greaterThanOrEqual: { threshold: '18446744073709551615' } } },
      ],
    },
  },
  'keys.setRetention': { minimal: { collective }, whole: { collective, rule: { greaterThan: { threshold: '5' } } } },
  'keys.job': { minimal: { collective, job: id }, whole: { collective, job: id } },
  'vectors.store': {
    minimal: { collective, items: [] },
    whole: { collective, items: [{ id: '18446744073709551615', vector: [0.25, -0.5, 1] }], ttlMs: 60_000 },
  },
  'vectors.delete': { minimal: { collective, ids: [] }, whole: { collective, ids: ['1', '2'] } },
  'vectors.flush': { minimal: { collective }, whole: { collective } },
  'vectors.configure': {
    minimal: { collective, durability: 'fsync' },
    whole: { collective, durability: 'flushOnly' },
  },
  'vectors.get': { minimal: { collective, ids: [] }, whole: { collective, ids: ['1', '2'] } },
  'vectors.ids': { minimal: { collective }, whole: { collective, limit: 5, after: '7' } },
  'vectors.status': { minimal: { collective }, whole: { collective } },
  'vectors.search': {
    minimal: { collective, vector: [1, 0, 0] },
    whole: {
      ...{ collective, vector: [1, 0, 0], k: 7, metric: 'euclidean', include: ['vector', 'payload'] },
      filter: {
        type: 'and',
        conditions: [
          { type: 'like', field: 'a.b', pattern: '100\\% of _%' },
          { type: 'not', condition: { type: 'isNull', field: 'a' } },
          { type: 'geoBbox', field: 'at', latMin: -90, lngMin: 2.5, latMax: 48.5, lngMax: 180 },
          { type: 'geoDistance', field: 'at', lat: 48.8566, lng: 2.3522, operator: 'lt', threshold: 500 },
        ],
      },
    },
  },
  'payloads.store': {
    minimal: { collective, items: [] },
    whole: { collective, items: [{ id: '18446744073709551615', json: '{"bees":[1,null]}' }], ttlMs: 60_000 },
  },
  'payloads.delete': { minimal: { collective, ids: [] }, whole: { collective, ids: ['1', '2'] } },
  'payloads.flush': { minimal: { collective }, whole: { collective } },
  'payloads.get': { minimal: { collective, ids: [] }, whole: { collective, ids: ['1', '2'], as: 'json' } },
  'payloads.ids': { minimal: { collective }, whole: { collective, limit: 5, after: '7' } },
  'payloads.status': { minimal: { collective }, whole: { collective } },
  'pages.allocate': { minimal: { collective }, whole: { collective } },
  'pages.write': {
    minimal: { collective, page: 1, bytes: '' },
    whole: { collective, page: 2, bytes: base64 },
  },
  'pages.store': { minimal: { collective, memories: [] }, whole: { collective, memories: [memory], ttlMs: 60_000 } },
  'pages.update': { minimal: { collective, page: 1, memory }, whole: { collective, page: 1, memory } },
  'pages.delete': { minimal: { collective }, whole: { collective, page: 1, id } },
  'pages.checkpoint': { minimal: { collective }, whole: { collective } },
  'pages.read': { minimal: { collective, page: 1 }, whole: { collective, page: 1 } },
  'pages.load': { minimal: { collective }, whole: { collective, page: 1, id } },
  'pages.scan': { minimal: { collective }, whole: { collective, limit: 5, after: 3 } },
  'pages.status': { minimal: { collective }, whole: { collective } },
}
