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

/** For each operation that is built; one that is new does not compile until it has its sample. */
export const sampleRequests: Readonly<Record<BuiltName, SampleRequest>> = {
  'collective.create': {
    minimal: { dimension: 3 },
    whole: { id: collective, name: 'payments-team', dimension: 384, owner: 'ana', embedder: 'hashing' },
  },
  'collective.getOrCreate': {
    minimal: { dimension: 3 },
    whole: { name: 'payments-team', dimension: 384, owner: 'ana', embedder: 'hashing' },
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
      relations: [{ ...relation, createdAt: now }],
      insights: [{ ...insight, createdAt: now, updatedAt: now, lostSources: [id] }],
    },
  },
  'collective.update': { minimal: { collective }, whole: { collective, name: 'ledger-team', owner: 'bo', decay } },
  'tenant.usage': { minimal: {}, whole: {} },
  'experience.record': { minimal: { collective }, whole: { collective, ...experience } },
  'experience.recordMany': {
    minimal: { collective, experiences: [] },
    whole: { collective, experiences: [experience, { content: 'a second one' }] },
  },
  'experience.update': {
    minimal: { ...address, patch: {} },
    whole: {
      ...address,
      patch: { importance: 1, confidence: 0, domain: ['payments'], relatedFiles: ['a.ts'], archived: true },
      ifVersion: 4,
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
    whole: { collective, k: 7, embedding: [1, 0, 0], filter, weights, now, include },
  },
  'experience.energy': { minimal: address, whole: { ...address, now } },
  'experience.cold': { minimal: { collective }, whole: { collective, below: 0.25, limit: 5, now } },
  'relation.create': { minimal: { collective, ...leastRelation }, whole: { collective, ...relation } },
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
  'insight.store': { minimal: { collective, type: 'synthesis' }, whole: { collective, ...insight } },
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
      ...{ embedding: [1, 0, 0], maxSimilar: 5, maxRecent: 3, filter, weights, now, include },
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
        { operation: 'experience.update', id, patch: { importance: 1 }, ifVersion: 1 },
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
    whole: { collective, name: 'mirror', cursor: 'opaque' },
  },
  'cursor.list': { minimal: { collective }, whole: { collective } },
  'cursor.drop': { minimal: { collective, name: 'mirror' }, whole: { collective, name: 'mirror' } },
}
