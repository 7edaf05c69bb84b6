/** The records that PulseDB's storage port speaks of, where they differ from what our operations show of their rows. */
import type { Uuid } from '@waggle/kernel'
import type {
  Address,
  ChangeEntity,
  ChangeKind,
  CollectiveId,
  Experience,
  ExperiencePatch,
  Insight,
  RestoredRelation,
} from '@waggle/protocol'

/** One copy of a store: reinforcements are counted under it, and peers that synchronise know each other by it. */
export type InstanceId = Uuid

/** An experience as it is stored, with all that the server owns. */
export interface StoredExperience extends Omit<Experience, 'applications' | 'createdAt' | 'version' | 'embedding'> {
  /** As many components as the collective says; finite, not all zero. */
  readonly embedding: Float32Array
  /** How often each instance reinforced it. The sum over all, at most 2^32 - 1, is what energy counts. */
  readonly applications: Readonly<Record<string, number>>
  /** When it was recorded, epoch milliseconds: its place in the order. */
  readonly timestamp: number
}

/** Fields to change; those that are absent stay as they are. */
export type ExperienceUpdate = ExperiencePatch

/** A relation; its collective is that of its source. */
export type ExperienceRelation = RestoredRelation

/** An insight with its vector inside. Which of its sources are gone is the store's to say, not the caller's. */
export type DerivedInsight = Omit<Insight, 'embedding' | 'stale' | 'lostSources'> & { readonly embedding: Float32Array }

/** How far this store and a peer have come with each other. */
export interface SyncCursor {
  /** The peer. */
  readonly instanceId: InstanceId
  /** The newest change that it is done with; those after it are kept for it. */
  readonly lastSequence: Address
}

export interface DatabaseMetadata {
  readonly schemaVersion: number
  /** What new collectives are meant to have; each collective says its own. */
  readonly embeddingDimension: number
  /** Epoch milliseconds of the first opening through this port. */
  readonly createdAt: number
  /** Epoch milliseconds of this opening, or, where it is for reading only, of the last one for writing. */
  readonly lastOpenedAt: number
}

/** One change of the durable log. */
export interface WatchEventRecord {
  readonly entityId: Uuid
  readonly collectiveId: CollectiveId
  readonly eventType: ChangeKind
  /** Epoch milliseconds of the change itself. */
  readonly timestampMs: number
  readonly entityType: ChangeEntity
}

export interface PolledEvents {
  readonly events: readonly WatchEventRecord[]
  /** The address of the last event, or what was asked with when there is none: where the next poll goes on. */
  readonly next: Address
  /** Present when changes after what was asked with had been compacted away before anyone could read them. */
  readonly lost?: true
}

export interface SyncEvent {
  readonly address: Address
  readonly record: WatchEventRecord
}
