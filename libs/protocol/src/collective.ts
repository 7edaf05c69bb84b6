import type { Brand, Uuid } from '@waggle/kernel'
import type { DecayConfig } from './decay.ts'
import type { TextLanguage } from './text-language.ts'

export type TenantId = Brand<string, 'TenantId'>
export type CollectiveId = Uuid

/** The isolated namespace of one project or fleet. */
export interface Collective {
  readonly id: CollectiveId
  /** 1..255 bytes, not only white space; several collectives may carry the same name. */
  readonly name: string
  readonly owner?: string
  /** Components of every embedding of this collective, 1..4096. */
  readonly dimension: number
  /** Name of the embedder that makes missing embeddings; absent: embeddings must be sent. */
  readonly embedder?: string
  /** In which its texts are searched by their words; absent: `english`. */
  readonly language?: TextLanguage
  /** How energy fades in this collective; absent: as the store is configured. */
  readonly decay?: DecayConfig
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** What there is in all stores of a collective. */
export interface StoredCounts {
  /** Archived ones included. */
  readonly experienceCount: number
  readonly archivedCount: number
  readonly relationCount: number
  readonly insightCount: number
  /** Of the batch store. */
  readonly keyCount: number
  readonly vectorCount: number
  readonly payloadCount: number
  /** Pages in use, those of memories included. */
  readonly pageCount: number
  /** Of records, embeddings, keys, values, vectors, payloads and pages, before the store's own overhead. */
  readonly storageBytes: number
}

export interface CollectiveStats extends StoredCounts {
  /** `createdAt` of the oldest and newest experience, epoch milliseconds; absent when there is none. */
  readonly oldestExperience?: number
  readonly newestExperience?: number
}

/** What a tenant has, over all its collectives. */
export interface TenantUsage extends StoredCounts {
  readonly collectiveCount: number
}
