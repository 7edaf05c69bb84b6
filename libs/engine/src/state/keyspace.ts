/**
 * Where everything stands in the ordered store. The first byte parts the spaces; the state's own rows start with tenant
 * and collective incarnation (DESIGN F2), so a foreign tenant's id meets other keys and behaves as absent.
 *
 * ```
 * 00                                             position: applied sequence, tip, epoch, time
 * 00 01                                          mark of a state that was proven wrong
 * 01 sequence:8                                  log row (embedded log only)
 * 02 sequence:8                                  applied/<sequence>: the judged record's hash (K2)
 * 03 batch:16 index:2                            piece of a batch that is not complete yet (F3)
 * 10 tenant 01 id:16                             collective
 * 10 tenant 02 name                              ids of the collectives of that name
 * 11 tenant incarnation:12                       tombstone of a deleted collective, until it is swept (K5)
 * 12                                             cut-off of forgotten idempotency keys
 * 13 time:8 sequence:8 index:4                   idempotency rows by age → their key
 * 14                                             holds of the replicas (K1)
 * 15                                             horizon of the log (K1)
 * 16                                             newest verified checkpoint (K3)
 * 17 tenant incarnation:12                       what of a collective's records expires (`expiry/expiry-rows.ts`)
 * 20 tenant incarnation:12 table:1 …             rows of one collective:
 *    table 01 id:16                              experience
 *          02 id:16                              its embedding, raw little-endian float32
 *          03 createdAt:8 sequence:8 index:4     experience ids in their order
 *          04                                    statistics
 *          05 store:1 sequence:8 index:4         journal (F7)
 *          06 operation key                      idempotency (F6)
 *          07 store:1                            horizon of a journal, once it has moved (F7)
 *          08 id:16                              relation
 *          09 createdAt:8 sequence:8 index:4     relation ids in their order
 *          0a source:16 target:16 type:1         id of the one relation of a type between two experiences
 *          0b link:1 id:16                       ids of what hangs on an experience (`state/id-list.ts`)
 *          0c id:16                              insight, but for its content
 *          0d id:16                              its embedding, raw little-endian float32
 *          0e createdAt:8 sequence:8 index:4     insight ids in their order
 *          0f agent                              activity
 *          10 store:1                            registered cursors of a journal (P9)
 *          11 id:16                              content of an insight
 *          12                                    what the storage port says of itself (of a tenant, no collective)
 *          13                                    sync cursors of a tenant's peers (of a tenant, no collective; P9)
 *          14 key                                value of the batch store (`batch-store/key-rows.ts`)
 *          15                                    what the batch store says of itself
 *          16                                    rule by which its journal is kept
 *          17                                    prunes of it, under way and ended
 *          17 01 job:16                          policies of one that is under way
 *          17 02 sequence:8 index:4              mark of a row of its journal that tells of a prune
 *          18                                    puts of it that are staged
 *          19 upload:16 index:2                  part of such a put
 *          1a id:8                               vector, raw little-endian float32
 *          1b                                    what the vector store says of itself
 *          1c id:8                               payload, JSON text
 *          1d                                    what the payload store says of itself
 *          1e page:8                             page
 *          1f                                    what the page store says of itself
 *          20 id:16                              page of a memory
 *          21 expiresAt:8 table:1 id             record that expires then
 * ```
 * `tenant` and `operation` carry a length byte. Numbers are unsigned and big-endian, so that bytes sort as they do.
 * An incarnation is the address of the event that created the collective: no two lives of an id share a row.
 * Rows of the spaces 00 to 02 belong to this replica; digests and checkpoints cover all others, and what of the
 * position is the same at every replica (`checkpoint/state-frames.ts`).
 */
import { formatUuid, type Uuid } from '@waggle/kernel'
import type { Address, Sequence, TenantId, Uint64Text } from '@waggle/protocol'
import { ADDRESS_BYTES, keyWriter, type KeyWriter } from './key-writer.ts'

const SPACE = {
  position: 0x00,
  log: 0x01,
  applied: 0x02,
  piece: 0x03,
  directory: 0x10,
  tombstone: 0x11,
  keyCutOff: 0x12,
  keyAge: 0x13,
  holds: 0x14,
  logHorizon: 0x15,
  checkpoint: 0x16,
  expiring: 0x17,
  data: 0x20,
} as const

const TABLE = {
  experience: 1,
  embedding: 2,
  order: 3,
  statistics: 4,
  journal: 5,
  idempotency: 6,
  journalHorizon: 7,
  relation: 8,
  relationOrder: 9,
  relationTriple: 10,
  links: 11,
  insight: 12,
  insightEmbedding: 13,
  insightOrder: 14,
  activity: 15,
  cursors: 16,
  insightContent: 17,
  storage: 18,
  syncCursors: 19,
  key: 20,
  keyStore: 21,
  retention: 22,
  pruneJobs: 23,
  uploads: 24,
  uploadPart: 25,
  vector: 26,
  vectorStore: 27,
  payload: 28,
  payloadStore: 29,
  page: 30,
  pageStore: 31,
  memoryPage: 32,
  expiry: 33,
} as const

/** What hangs on an experience: relations that leave it, relations that end at it, insights that rest on it. */
export const LINK = { outgoing: 1, incoming: 2, evidence: 3 } as const
export type Link = (typeof LINK)[keyof typeof LINK]

/** The journals of a collective. */
export const JOURNAL_STORE = { memory: 1, keys: 2 } as const

/** The rows of one life of a collective, or, with `NO_INCARNATION`, of what belongs to a tenant but no collective. */
export interface Scope {
  readonly tenant: TenantId
  readonly incarnation: Address
}

export const NO_INCARNATION: Address = { sequence: 0 as Sequence, index: 0 }

/** The rows of what belongs to a tenant but no collective. */
export const tenantScope = (tenant: TenantId): Scope => ({ tenant, incarnation: NO_INCARNATION })

const ID_BYTES = 16

const addressAt = (bytes: Uint8Array, offset: number): Address => {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, ADDRESS_BYTES)
  return { sequence: Number(view.getBigUint64(0)) as Sequence, index: view.getUint32(8) }
}

const space = (byte: number): KeyWriter => keyWriter.start(byte)

export const positionKey = (): Uint8Array => space(SPACE.position).end()
export const wrongMarkKey = (): Uint8Array => space(SPACE.position).u8(1).end()
export const logPrefix = (): Uint8Array => space(SPACE.log).end()
export const logKey = (sequence: number): Uint8Array => space(SPACE.log).u64(sequence).end()
export const appliedPrefix = (): Uint8Array => space(SPACE.applied).end()
export const appliedKey = (sequence: number): Uint8Array => space(SPACE.applied).u64(sequence).end()

/** The sequence in a key of the spaces `log` and `applied`. */
export const sequenceOfKey = (key: Uint8Array): Sequence =>
  Number(new DataView(key.buffer, key.byteOffset, key.length).getBigUint64(1)) as Sequence

export const pieceKey = (batchId: Uuid, index: number): Uint8Array => space(SPACE.piece).uuid(batchId).u16(index).end()

/** Pieces of batches that are not complete yet. */
export const piecePrefix = (): Uint8Array => space(SPACE.piece).end()

/** The id that a key ends in. */
export const idOfKey = (key: Uint8Array): Uuid => formatUuid(key.subarray(key.length - ID_BYTES))

/** What the rows of the directory say of: a collective, or a name. */
const DIRECTORY = { collective: 1, name: 2 } as const

const collectives = (tenant: TenantId): KeyWriter => space(SPACE.directory).sized(tenant).u8(DIRECTORY.collective)

/** The collectives of every tenant, and their names among them. */
export const directoryPrefix = (): Uint8Array => space(SPACE.directory).end()

/** Whose collective stands under a key of the directory; `undefined` for the row of a name. */
export const collectiveOfKey = (key: Uint8Array): { readonly tenant: TenantId; readonly id: Uuid } | undefined => {
  const end = 2 + (key[1] as number)
  if (key[end] !== DIRECTORY.collective) return undefined
  const tenant = Buffer.from(key).toString('utf8', 2, end) as TenantId
  return { tenant, id: formatUuid(key.subarray(end + 1)) }
}

export const collectivePrefix = (tenant: TenantId): Uint8Array => collectives(tenant).end()
export const collectiveKey = (tenant: TenantId, id: Uuid): Uint8Array => collectives(tenant).uuid(id).end()
export const collectiveNameKey = (tenant: TenantId, name: string): Uint8Array =>
  space(SPACE.directory).sized(tenant).u8(DIRECTORY.name).text(name).end()

export const tombstonePrefix = (): Uint8Array => space(SPACE.tombstone).end()
export const tombstoneKey = ({ tenant, incarnation }: Scope): Uint8Array =>
  space(SPACE.tombstone).sized(tenant).address(incarnation).end()

/** The scope whose tombstone stands under `key`. */
export const scopeOfTombstone = (key: Uint8Array): Scope => {
  const length = key[1] as number
  const tenant = Buffer.from(key).toString('utf8', 2, 2 + length) as TenantId
  return { tenant, incarnation: addressAt(key, 2 + length) }
}

export const keyCutOffKey = (): Uint8Array => space(SPACE.keyCutOff).end()
export const keyAgePrefix = (): Uint8Array => space(SPACE.keyAge).end()
export const keyAgeKey = (timeMs: number, address: Address): Uint8Array =>
  space(SPACE.keyAge).u64(timeMs).address(address).end()
/** The first key of rows younger than `timeMs`. */
export const keyAgeEnd = (timeMs: number): Uint8Array =>
  space(SPACE.keyAge)
    .u64(timeMs + 1)
    .end()

export const holdsKey = (): Uint8Array => space(SPACE.holds).end()
export const logHorizonKey = (): Uint8Array => space(SPACE.logHorizon).end()
export const checkpointKey = (): Uint8Array => space(SPACE.checkpoint).end()

export const expiringPrefix = (): Uint8Array => space(SPACE.expiring).end()
export const expiringKey = ({ tenant, incarnation }: Scope): Uint8Array =>
  space(SPACE.expiring).sized(tenant).address(incarnation).end()
/** The scope that a row of that space speaks of. */
export const scopeOfExpiring = (key: Uint8Array): Scope => scopeOfTombstone(key)

/** The scope whose rows were named last, and what their keys begin with: a write names a dozen rows of one scope. */
let lastScope: Scope | undefined
let lastPrefix: Uint8Array = new Uint8Array()

const data = (scope: Scope): KeyWriter => {
  if (scope === lastScope) return keyWriter.startWith(lastPrefix)
  lastPrefix = space(SPACE.data).sized(scope.tenant).address(scope.incarnation).end()
  lastScope = scope
  return keyWriter.startWith(lastPrefix)
}

/** Everything that one life of a collective owns. */
export const dataPrefix = (scope: Scope): Uint8Array => data(scope).end()

export const experiencePrefix = (scope: Scope): Uint8Array => data(scope).u8(TABLE.experience).end()
export const experienceKey = (scope: Scope, id: Uuid): Uint8Array => data(scope).u8(TABLE.experience).uuid(id).end()
export const embeddingPrefix = (scope: Scope): Uint8Array => data(scope).u8(TABLE.embedding).end()
export const embeddingKey = (scope: Scope, id: Uuid): Uint8Array => data(scope).u8(TABLE.embedding).uuid(id).end()
export const orderPrefix = (scope: Scope): Uint8Array => data(scope).u8(TABLE.order).end()
export const orderKey = (scope: Scope, createdAt: number, address: Address): Uint8Array =>
  data(scope).u8(TABLE.order).u64(createdAt).address(address).end()

/** `createdAt` and address in a key of the order table. */
export const positionOfOrderKey = (key: Uint8Array): { readonly createdAt: number; readonly address: Address } => {
  const offset = key.length - ADDRESS_BYTES - 8
  const view = new DataView(key.buffer, key.byteOffset + offset, 8)
  return { createdAt: Number(view.getBigUint64(0)), address: addressAt(key, offset + 8) }
}

export const statisticsKey = (scope: Scope): Uint8Array => data(scope).u8(TABLE.statistics).end()
export const journalKey = (scope: Scope, store: number, address: Address): Uint8Array =>
  data(scope).u8(TABLE.journal).u8(store).address(address).end()
export const journalPrefix = (scope: Scope, store: number): Uint8Array => data(scope).u8(TABLE.journal).u8(store).end()
/** The address in a key of the journal table. */
export const addressOfJournalKey = (key: Uint8Array): Address => addressAt(key, key.length - ADDRESS_BYTES)
export const journalHorizonKey = (scope: Scope, store: number): Uint8Array =>
  data(scope).u8(TABLE.journalHorizon).u8(store).end()
/** What tells the changes of a collective: its journals and their horizons, and what stands between them. */
export const journalTables = (scope: Scope): { readonly gte: Uint8Array; readonly lt: Uint8Array } => ({
  gte: data(scope).u8(TABLE.journal).end(),
  lt: data(scope)
    .u8(TABLE.journalHorizon + 1)
    .end(),
})

export const relationKey = (scope: Scope, id: Uuid): Uint8Array => data(scope).u8(TABLE.relation).uuid(id).end()
export const relationOrderPrefix = (scope: Scope): Uint8Array => data(scope).u8(TABLE.relationOrder).end()
export const relationOrderKey = (scope: Scope, createdAt: number, address: Address): Uint8Array =>
  data(scope).u8(TABLE.relationOrder).u64(createdAt).address(address).end()
/** @param type number of the relation's type */
export const relationTripleKey = (scope: Scope, source: Uuid, target: Uuid, type: number): Uint8Array =>
  data(scope).u8(TABLE.relationTriple).uuid(source).uuid(target).u8(type).end()
export const linksKey = (scope: Scope, link: Link, experience: Uuid): Uint8Array =>
  data(scope).u8(TABLE.links).u8(link).uuid(experience).end()

export const insightPrefix = (scope: Scope): Uint8Array => data(scope).u8(TABLE.insight).end()
export const insightKey = (scope: Scope, id: Uuid): Uint8Array => data(scope).u8(TABLE.insight).uuid(id).end()
export const insightEmbeddingPrefix = (scope: Scope): Uint8Array => data(scope).u8(TABLE.insightEmbedding).end()
export const insightEmbeddingKey = (scope: Scope, id: Uuid): Uint8Array =>
  data(scope).u8(TABLE.insightEmbedding).uuid(id).end()
export const insightContentKey = (scope: Scope, id: Uuid): Uint8Array =>
  data(scope).u8(TABLE.insightContent).uuid(id).end()
export const insightOrderPrefix = (scope: Scope): Uint8Array => data(scope).u8(TABLE.insightOrder).end()
export const insightOrderKey = (scope: Scope, createdAt: number, address: Address): Uint8Array =>
  data(scope).u8(TABLE.insightOrder).u64(createdAt).address(address).end()

export const activityPrefix = (scope: Scope): Uint8Array => data(scope).u8(TABLE.activity).end()
export const activityKey = (scope: Scope, agent: string): Uint8Array => data(scope).u8(TABLE.activity).text(agent).end()
export const cursorsKey = (scope: Scope, store: number): Uint8Array => data(scope).u8(TABLE.cursors).u8(store).end()
export const storageKey = (tenant: TenantId): Uint8Array => data(tenantScope(tenant)).u8(TABLE.storage).end()
export const syncCursorsKey = (tenant: TenantId): Uint8Array => data(tenantScope(tenant)).u8(TABLE.syncCursors).end()
export const idempotencyKey = (scope: Scope, operation: string, key: string): Uint8Array =>
  data(scope).u8(TABLE.idempotency).sized(operation).text(key).end()

/** Rows of the batch store; what follows the prefix is the user's key. */
export const keyPrefix = (scope: Scope): Uint8Array => data(scope).u8(TABLE.key).end()
export const keyKey = (scope: Scope, key: Uint8Array): Uint8Array => data(scope).u8(TABLE.key).bytes(key).end()
export const keyStoreKey = (scope: Scope): Uint8Array => data(scope).u8(TABLE.keyStore).end()
export const retentionKey = (scope: Scope): Uint8Array => data(scope).u8(TABLE.retention).end()
/** What hangs on the prunes of a collective's keys. */
const PRUNE = { policies: 1, mark: 2 } as const

export const pruneJobsKey = (scope: Scope): Uint8Array => data(scope).u8(TABLE.pruneJobs).end()
export const prunePoliciesKey = (scope: Scope, job: Uuid): Uint8Array =>
  data(scope).u8(TABLE.pruneJobs).u8(PRUNE.policies).uuid(job).end()
export const pruneMarkKey = (scope: Scope, address: Address): Uint8Array =>
  data(scope).u8(TABLE.pruneJobs).u8(PRUNE.mark).address(address).end()
export const uploadsKey = (scope: Scope): Uint8Array => data(scope).u8(TABLE.uploads).end()
export const uploadPartKey = (scope: Scope, upload: Uuid, index: number): Uint8Array =>
  data(scope).u8(TABLE.uploadPart).uuid(upload).u16(index).end()

export const vectorPrefix = (scope: Scope): Uint8Array => data(scope).u8(TABLE.vector).end()
export const vectorKey = (scope: Scope, id: Uint64Text): Uint8Array => data(scope).u8(TABLE.vector).uint64(id).end()
export const vectorStoreKey = (scope: Scope): Uint8Array => data(scope).u8(TABLE.vectorStore).end()
export const payloadPrefix = (scope: Scope): Uint8Array => data(scope).u8(TABLE.payload).end()
export const payloadKey = (scope: Scope, id: Uint64Text): Uint8Array => data(scope).u8(TABLE.payload).uint64(id).end()
export const payloadStoreKey = (scope: Scope): Uint8Array => data(scope).u8(TABLE.payloadStore).end()

/** The 64-bit id that a key ends in. */
export const uint64OfKey = (key: Uint8Array): Uint64Text =>
  new DataView(key.buffer, key.byteOffset, key.length).getBigUint64(key.length - 8).toString() as Uint64Text

export const pageKey = (scope: Scope, page: number): Uint8Array => data(scope).u8(TABLE.page).u64(page).end()
export const pageStoreKey = (scope: Scope): Uint8Array => data(scope).u8(TABLE.pageStore).end()
export const memoryPageKey = (scope: Scope, id: Uuid): Uint8Array => data(scope).u8(TABLE.memoryPage).uuid(id).end()

/** What expires of a collective, in the order in which it does. */
export const expiryPrefix = (scope: Scope): Uint8Array => data(scope).u8(TABLE.expiry).end()
export const expiryKey = (scope: Scope, expiresAt: number, table: number, id: Uint8Array): Uint8Array =>
  data(scope).u8(TABLE.expiry).u64(expiresAt).u8(table).bytes(id).end()
/** The first key of what expires after `timeMs`. */
export const expiryEnd = (scope: Scope, timeMs: number): Uint8Array =>
  data(scope)
    .u8(TABLE.expiry)
    .u64(timeMs + 1)
    .end()

/** The first key of the state proper. */
export const stateStart = (): Uint8Array => space(SPACE.directory).end()

/** Of a row of a collective, or a tombstone: tenant and incarnation, as text. */
const scopeOfKey = (key: Uint8Array): string =>
  Buffer.from(key).toString('latin1', 1, 2 + (key[1] as number) + ADDRESS_BYTES)

/**
 * Tells of rows, in the order of their keys, whether they are content: what tenants have. That is the directory, and
 * the rows of collectives that were not deleted; not what the cluster keeps for itself, nor what follows from others.
 */
export const contentFilter = (): ((key: Uint8Array) => boolean) => {
  const deleted = new Set<string>()
  return (key) => {
    const [first] = key
    if (first === SPACE.tombstone) deleted.add(scopeOfKey(key))
    return first === SPACE.directory || (first === SPACE.data && !deleted.has(scopeOfKey(key)))
  }
}
