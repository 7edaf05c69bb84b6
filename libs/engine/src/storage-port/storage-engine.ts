/**
 * PulseDB's published `StorageEngine` (46 methods, names in camel case): the port below its facade. `storageOver` gives
 * it over any engine of ours, `openStorage` over a folder.
 *
 * W1  A method that changes something is one batch of the log: all of it or nothing (P3), and durable when it resolves
 *     (P1). The deletions of everything that a collective has are the exception where that is more than a batch may
 *     hold: they go in bounded steps (DESIGN K5), each of them whole; a reader in between sees some of the records
 *     gone, and none of them half.
 * W2  A read sees one moment. What resolved before it began is part of it. Over a log that several engines follow it is
 *     the newest moment of this engine, which others may be ahead of once it no longer leads.
 * W3  What is not there is `undefined`, `false` or 0, never a fault. Faults are for input that the state cannot hold
 *     (P10), and for a store that cannot answer.
 * W4  Ids are looked for in all collectives of the tenant, those of other tenants are absent (P12).
 * W5  "In their order" is oldest first: by time of creation, then by the place in the log. Where the original orders by
 *     id it means the same: its ids rise with time, ours need not.
 * W6  Where the original numbers changes from 1, ours have the address that they have in the log: it rises, also from
 *     one collective to the next, with gaps.
 *
 * Every method refuses what is not of its declared type with `INVALID_FIELD` or `REQUIRED_FIELD`; a method that changes
 * something refuses with `READ_ONLY` where the store was opened for reading only; all refuse with `CLOSED` after
 * `close`.
 */
import type {
  Activity,
  Address,
  Collective,
  CollectiveId,
  ExperienceId,
  InsightId,
  RelationId,
  RelationType,
} from '@waggle/protocol'
import type {
  DatabaseMetadata,
  DerivedInsight,
  ExperienceRelation,
  ExperienceUpdate,
  InstanceId,
  PolledEvents,
  StoredExperience,
  SyncCursor,
  SyncEvent,
} from './storage-records.ts'

export interface StorageEngine
  extends
    StoreLifecycle,
    CollectiveStorage,
    ExperienceStorage,
    EmbeddingStorage,
    RelationStorage,
    InsightStorage,
    ActivityStorage,
    ChangeLog,
    SyncStorage {}

/** The store itself. */
export interface StoreLifecycle {
  /** The store as it was when this port was opened. */
  metadata(): DatabaseMetadata
  /** Nothing has to be flushed: what resolved is durable. A second call waits for the first. */
  close(): Promise<void>
  /** The folder; `undefined` for a store that has none. */
  path(): string | undefined
}

export interface CollectiveStorage {
  /** Writes it whole, new or again (by id). Logs Created, also when it was there. @throws Fault as its rules say */
  saveCollective(collective: Collective): Promise<void>
  getCollective(id: CollectiveId): Promise<Collective | undefined>
  /** All of the tenant, in their order (W5). */
  listCollectives(): Promise<readonly Collective[]>
  /** Removes it with everything in it, at once. Whether it was there. Logs Deleted. */
  deleteCollective(id: CollectiveId): Promise<boolean>
}

export interface ExperienceStorage {
  /** Archived ones too; 0 for a collective that is not there. */
  countExperiencesInCollective(id: CollectiveId): Promise<number>
  /**
   * Deletes those that are there when the call begins, with their relations, in bounded steps (W1); what is saved
   * meanwhile stays whole. Logs each change. How many went.
   */
  deleteExperiencesByCollective(id: CollectiveId): Promise<number>
  /** Oldest first (W5). */
  listExperienceIdsInCollective(id: CollectiveId): Promise<readonly ExperienceId[]>
  /** Newest first, with their timestamps, archived ones too; at most `limit`, none for 0. */
  getRecentExperienceIds(
    collective: CollectiveId,
    limit: number,
  ): Promise<readonly (readonly [ExperienceId, timestamp: number])[]>
  /**
   * Writes it whole with its vector, new or again (by id). Logs Created, also when it was there.
   * @throws Fault `NOT_FOUND` for the collective, `DIMENSION_MISMATCH`, and as the rules of its fields say
   */
  saveExperience(experience: StoredExperience): Promise<void>
  /** With its vector. */
  getExperience(id: ExperienceId): Promise<StoredExperience | undefined>
  /** Changes the fields that are given. Whether it was there. Logs Archived when it archives, otherwise Updated. */
  updateExperience(id: ExperienceId, update: ExperienceUpdate): Promise<boolean>
  /** Removes it with its vector and its relations. Whether it was there. Logs Deleted for each. */
  deleteExperience(id: ExperienceId): Promise<boolean>
  /** Counts one more under this instance; `lastReinforced` is now. The new sum; `undefined` if it is not there. */
  reinforceExperience(id: ExperienceId): Promise<number | undefined>
  /** A page, oldest first (W5), archived ones too; `limit` 0 gives none. */
  listExperienceIdsPaginated(collective: CollectiveId, limit: number, offset: number): Promise<readonly ExperienceId[]>
}

export interface EmbeddingStorage {
  /**
   * Replaces the vector of an experience, for searches too. Logs Updated.
   * @throws Fault `NOT_FOUND`, `DIMENSION_MISMATCH`
   */
  saveEmbedding(id: ExperienceId, embedding: Float32Array): Promise<void>
  getEmbedding(id: ExperienceId): Promise<Float32Array | undefined>
}

export interface RelationStorage {
  /**
   * Writes it whole, new or again (by id). Logs Created, also when it was there.
   * @throws Fault `NOT_FOUND` for either end, `ALREADY_EXISTS` when another id says the same
   */
  saveRelation(relation: ExperienceRelation): Promise<void>
  getRelation(id: RelationId): Promise<ExperienceRelation | undefined>
  /** Whether it was there. Logs Deleted. */
  deleteRelation(id: RelationId): Promise<boolean>
  /** Those that leave the experience, in their order (W5). */
  getRelationIdsBySource(experience: ExperienceId): Promise<readonly RelationId[]>
  /** Those that end at the experience, in their order (W5). */
  getRelationIdsByTarget(experience: ExperienceId): Promise<readonly RelationId[]>
  /** Deletes all that touch the experience, in one batch; how many. Logs each. */
  deleteRelationsForExperience(experience: ExperienceId): Promise<number>
  /** Whether that very relation is there: its direction and type count, its strength does not. */
  relationExists(source: ExperienceId, target: ExperienceId, type: RelationType): Promise<boolean>
  /** A page of a collective's relations: by their source's place in the order (W5), then in their own. */
  listRelationsInCollective(
    collective: CollectiveId,
    limit: number,
    offset: number,
  ): Promise<readonly ExperienceRelation[]>
}

export interface InsightStorage {
  /** Writes it whole, new or again (by id). Logs Created, also when it was there. @throws Fault as its rules say */
  saveInsight(insight: DerivedInsight): Promise<void>
  /** With its vector. */
  getInsight(id: InsightId): Promise<DerivedInsight | undefined>
  /** Whether it was there. Logs Deleted. */
  deleteInsight(id: InsightId): Promise<boolean>
  /** Oldest first (W5). */
  listInsightIdsInCollective(id: CollectiveId): Promise<readonly InsightId[]>
  /** As `deleteExperiencesByCollective`. */
  deleteInsightsByCollective(id: CollectiveId): Promise<number>
  /** A page, oldest first (W5). */
  listInsightIdsPaginated(collective: CollectiveId, limit: number, offset: number): Promise<readonly InsightId[]>
}

/** The presence of agents; nothing of it is logged as a change. */
export interface ActivityStorage {
  /** Replaces what its agent has in its collective. @throws Fault `NOT_FOUND` for the collective */
  saveActivity(activity: Activity): Promise<void>
  getActivity(agent: string, collective: CollectiveId): Promise<Activity | undefined>
  /** Whether it was there. */
  deleteActivity(agent: string, collective: CollectiveId): Promise<boolean>
  /** Stale ones too, by the bytes of their agents' names. */
  listActivitiesInCollective(collective: CollectiveId): Promise<readonly Activity[]>
  /** As `deleteExperiencesByCollective`. */
  deleteActivitiesByCollective(collective: CollectiveId): Promise<number>
}

/** The durable change log: the journals of all collectives of the tenant, merged by address (W6). */
export interface ChangeLog {
  /** The address of the newest change, `{ sequence: 0, index: 0 }` before the first. Compaction never lowers it. */
  getWalSequence(): Promise<Address>
  /** Changes of all entities after `since`, ascending, at most `limit`. */
  pollWatchEvents(since: Address, limit: number): Promise<PolledEvents>
  /** The same, each with its address. */
  pollSyncEvents(since: Address, limit: number): Promise<readonly SyncEvent[]>
}

export interface SyncStorage {
  /** Stable for the life of the store: it comes from the log's generation. */
  instanceId(): InstanceId
  /** Replaces the peer's cursor, which may go back. The changes after it are kept for the peer. */
  saveSyncCursor(cursor: SyncCursor): Promise<void>
  loadSyncCursor(instanceId: InstanceId): Promise<SyncCursor | undefined>
  /** By peer, ascending. */
  listSyncCursors(): Promise<readonly SyncCursor[]>
  /**
   * Removes changes up to and with `upTo`; how many. It never passes a registered cursor, nor takes the newest change
   * of a collective. Idempotent.
   */
  compactWalEvents(upTo: Address): Promise<number>
}

/** The port as this package gives it. */
export interface Storage extends StorageEngine {
  /** PulseDB's facade over compaction: without cursors 0, else up to the lowest of them. */
  compactWal(): Promise<number>
  /** Forgets a peer, so that nothing is kept for it any more. Whether it was there. */
  dropSyncCursor(instanceId: InstanceId): Promise<boolean>
}
