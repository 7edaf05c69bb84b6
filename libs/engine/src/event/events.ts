/**
 * Every kind of event that a log can hold. An event says what happened, never what was asked for, and is complete:
 * applying it needs the state and the record's position and time, no clock, no search and no rule. A published kind is
 * never changed (DESIGN F5): what it means is frozen by golden digests; a new meaning is a new kind.
 */
import type { Uuid } from '@waggle/kernel'
import type {
  Collective,
  CollectiveId,
  DecayConfig,
  ExperienceId,
  ExperiencePatch,
  ExperienceType,
  InsightId,
  InsightType,
  LogEvent,
  PrunePolicy,
  RelationId,
  RelationType,
  Retain,
  StoredPayload,
  TextLanguage,
  Uint64Text,
  VectorDurability,
} from '@waggle/protocol'
import type { ExpiringId, ExpiringTable } from '../expiry/expiry-rows.ts'

export interface RecordedExperience {
  readonly id: ExperienceId
  readonly content: string
  readonly type: ExperienceType
  /** Raw little-endian float32. */
  readonly embedding: Uint8Array
  readonly importance: number
  readonly confidence: number
  readonly domain: readonly string[]
  readonly relatedFiles: readonly string[]
  readonly sourceAgent: string
  readonly sourceTask?: string
}

export interface CreatedRelation {
  readonly id: RelationId
  readonly source: ExperienceId
  readonly target: ExperienceId
  readonly type: RelationType
  readonly strength: number
  readonly metadata?: string
}

export interface StoredInsight {
  readonly id: InsightId
  readonly content: string
  /** Raw little-endian float32. */
  readonly embedding: Uint8Array
  readonly sources: readonly ExperienceId[]
  readonly type: InsightType
  readonly confidence: number
  readonly domain: readonly string[]
}

/** An experience with what the server owns of it. */
export interface SavedExperience extends RecordedExperience {
  readonly applications: Readonly<Record<string, number>>
  readonly createdAt: number
  readonly lastReinforced: number
  readonly archived: boolean
}

/** What the page store says of itself. */
export interface PageStoreCounts {
  /** The highest page that was ever given out; 0 before the first. */
  readonly lastPage: number
  /** Begins the chain of free pages, which is so long; 0 where there is none. */
  readonly firstFree: number
  readonly freePages: number
  /** Pages in use, those that memories go on in among them, and what they take, headers included. */
  readonly pageCount: number
  readonly memoryCount: number
  readonly bytes: number
}

/** Where a change stands, inside an event. */
export type EventAddress = readonly [sequence: number, index: number]

export interface EventBodies {
  CollectiveCreated: {
    readonly id: CollectiveId
    readonly name: string
    readonly owner?: string
    readonly dimension: number
    readonly embedder?: string
    readonly language?: TextLanguage
  }
  /** Fields that are absent stay as they are. */
  CollectiveUpdated: {
    readonly id: CollectiveId
    readonly name?: string
    readonly owner?: string
    readonly decay?: DecayConfig
    readonly language?: TextLanguage
  }
  /** The collective is gone at once; its rows are swept afterwards, in bounded steps. */
  CollectiveDeleted: { readonly id: CollectiveId }
  /** Rows of a deleted collective that were reclaimed; `last` removes the tombstone with them. */
  CollectiveSwept: {
    readonly sequence: number
    readonly index: number
    readonly keys: readonly Uint8Array[]
    readonly last: boolean
  }
  ExperienceRecorded: RecordedExperience
  /** A record that came from an export, with the fields that the server owns. */
  ExperienceRestored: RecordedExperience & {
    readonly applications: number
    readonly createdAt: number
    readonly lastReinforced: number
    readonly archived: boolean
    readonly version: number
  }
  ExperienceUpdated: { readonly id: ExperienceId; readonly patch: ExperiencePatch }
  ExperienceDeleted: { readonly id: ExperienceId }
  ExperienceReinforced: { readonly id: ExperienceId; readonly instance: string }
  RelationCreated: CreatedRelation
  /** A relation that came from an export. */
  RelationRestored: CreatedRelation & { readonly createdAt: number }
  RelationDeleted: { readonly id: RelationId }
  InsightStored: StoredInsight
  /** An insight that came from an export. */
  InsightRestored: StoredInsight & {
    readonly createdAt: number
    readonly updatedAt: number
    readonly lostSources: readonly ExperienceId[]
  }
  InsightDeleted: { readonly id: InsightId }
  /** Evidence of an insight went: one of its sources is being deleted. */
  InsightStaled: { readonly id: InsightId; readonly source: ExperienceId }
  /** An agent says what it does; the one record that it has is replaced. */
  ActivityRegistered: { readonly agent: string; readonly task?: string; readonly summary?: string }
  ActivityContinued: { readonly agent: string }
  ActivityEnded: { readonly agent: string }
  /** A watcher has seen everything up to this place of the journal, and needs what comes after it. */
  CursorSaved: { readonly store: number; readonly name: string; readonly sequence: number; readonly index: number }
  /** The same with how long it is kept when nobody saves it again, milliseconds. */
  CursorRegistered: {
    readonly store: number
    readonly name: string
    readonly sequence: number
    readonly index: number
    readonly keepMs: number
  }
  CursorDropped: { readonly store: number; readonly name: string }
  /** Of the collective's life that began at this address: nobody saved them for so long; they leave notices. */
  CursorsAbandoned: {
    readonly sequence: number
    readonly index: number
    readonly store: number
    readonly names: readonly string[]
  }
  /**
   * The storage port writes records whole, whether they were there or not. A collective keeps its rows, what it has
   * under another name and with another owner; an experience its place among those of the same time.
   */
  CollectiveSaved: Collective
  /** Told to the tenant, for the journal of a deleted collective goes with it. */
  CollectiveDeletionTold: { readonly id: CollectiveId }
  ExperienceSaved: SavedExperience
  EmbeddingSaved: { readonly id: ExperienceId; readonly embedding: Uint8Array }
  RelationSaved: CreatedRelation & { readonly createdAt: number }
  InsightSaved: StoredInsight & {
    readonly createdAt: number
    readonly updatedAt: number
    readonly lostSources: readonly ExperienceId[]
  }
  ActivitySaved: {
    readonly agent: string
    readonly task?: string
    readonly summary?: string
    readonly startedAt: number
    readonly lastHeartbeat: number
  }
  /** The storage port was opened for writing; the first time is when its store began. */
  StorageOpened: { readonly dimension: number }
  /** A peer is done with the tenant's changes up to this place, and needs those after it. */
  SyncCursorSaved: { readonly instance: Uuid; readonly sequence: number; readonly index: number }
  SyncCursorDropped: { readonly instance: Uuid }
  /** In the order given; of a key that comes twice the last value stays. */
  KeysPut: { readonly entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[] }
  /** The staged parts of an upload are one list of entries, and are put; the parts go. */
  KeysUploaded: { readonly upload: Uuid; readonly parts: number }
  /** As they were asked for, also those that are not there. */
  KeysDeleted: { readonly keys: readonly Uint8Array[] }
  UploadStaged: { readonly upload: Uuid; readonly index: number; readonly bytes: Uint8Array }
  /** Uploads that nobody ended. */
  UploadsDropped: { readonly uploads: readonly Uuid[] }
  /** What of the batch store's journal is kept from now on, and the job that applies it to what is there. */
  RetentionSet: { readonly job: Uuid; readonly rule?: Retain }
  PruneBegun: { readonly job: Uuid; readonly policies: readonly PrunePolicy[] }
  /**
   * A step of a prune, in the collective that began at `sequence` and `index`: its keys go, as those that a client
   * deletes. `bytes` is what they and their values took.
   */
  KeysPruned: {
    readonly sequence: number
    readonly index: number
    readonly job: Uuid
    readonly keys: readonly Uint8Array[]
    readonly bytes: number
  }
  /** A prune, or the first application of a rule, has come to its end, in the collective that began there. */
  PruneEnded: { readonly sequence: number; readonly index: number; readonly job: Uuid }
  /**
   * Rows that went of the keys' journal, of the collective that began at `sequence` and `index`, ascending: every batch
   * up to that of the last one counts as gone. `batches` is how many they were that counted before; `job` is what they
   * went for, if it is one.
   */
  BatchesPruned: {
    readonly sequence: number
    readonly index: number
    readonly addresses: readonly EventAddress[]
    readonly batches: number
    readonly job?: Uuid
  }
  /** Vectors as raw little-endian float32; of an id that comes twice the last one stays. */
  VectorsStored: { readonly items: readonly (readonly [id: Uint64Text, vector: Uint8Array])[] }
  VectorsDeleted: { readonly ids: readonly Uint64Text[] }
  VectorsConfigured: { readonly durability: VectorDurability }
  PayloadsStored: { readonly items: readonly StoredPayload[] }
  PayloadsDeleted: { readonly ids: readonly Uint64Text[] }
  /**
   * Pages with what stands in each from now on, its header included, and what the page store says of itself then:
   * applying it needs nothing of what stood there before.
   */
  PagesWritten: {
    readonly pages: readonly (readonly [page: number, bytes: Uint8Array])[]
    readonly counts: PageStoreCounts
  }
  /** The memory of an id has these pages, the first of which is its own; `bytes` is what they take. */
  MemoryPlaced: { readonly id: Uuid; readonly pages: readonly number[]; readonly bytes: number }
  /** The memory is gone; its pages were freed. */
  MemoryForgotten: { readonly id: Uuid }
  /**
   * Records of a collective expire at a time; without one, never any more. It follows the event that wrote them, so no
   * change of its own is told. Whatever replaces a record whole takes its lifetime; an update leaves it.
   */
  ExpirySet: { readonly collective: CollectiveId; readonly expiresAt?: number } & {
    readonly [Table in ExpiringTable]: { readonly table: Table; readonly ids: readonly ExpiringId<Table>[] }
  }[ExpiringTable]
  /** Keys that have expired go, as those that a client deletes; it is no batch of a client's. */
  KeysExpired: { readonly keys: readonly Uint8Array[] }
  /** Idempotency keys up to the cut-off are forgotten; `keys` are the rows by age that went in this step. */
  KeysForgotten: { readonly cutOffMs: number; readonly keys: readonly Uint8Array[] }
  /** A replica needs no record of the log below `sequence`, and that one stays; the first registers it. */
  HoldMoved: { readonly replica: string; readonly sequence: number }
  /** A replica holds nothing any more: what the log loses from now on it gets from a checkpoint. */
  ReplicaRemoved: { readonly replica: string }
  /** Nothing of the log is needed below `sequence`. */
  LogHorizonMoved: { readonly sequence: number }
  /**
   * Every replica takes the digest of its state as it is after this record; `writer` is the one that also keeps a copy
   * of it as a checkpoint (K3).
   */
  DigestRequested: { readonly writer: string }
  /** A checkpoint of the state after the record `sequence` is kept, and its digest was found to be right. */
  CheckpointVerified: { readonly sequence: number; readonly digest: string }
  /**
   * Rows of a journal that went, of the collective that began at `sequence` and `index`; `horizon` is the first left.
   */
  JournalPruned: {
    readonly sequence: number
    readonly index: number
    readonly store: number
    readonly addresses: readonly EventAddress[]
    readonly horizon: EventAddress
  }
}

export type EventKind = keyof EventBodies

export const event = <Kind extends EventKind>(kind: Kind, body: EventBodies[Kind]): LogEvent => [
  kind,
  body as unknown as Record<string, unknown>,
]
