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
    minimal: { collective, experiences: [] },
    whole: { collective, experiences: [restored, { ...restored, id: collective }] },
  },
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
    whole: { collective, limit: 50, cursor: 'opaque', filter, include },
  },
  'experience.recent': { minimal: { collective }, whole: { collective, limit: 5, filter, include } },
  'experience.search': {
    minimal: { collective, embedding: [1, 0, 0] },
    whole: { collective, k: 7, embedding: [1, 0, 0], filter, include },
  },
}
