import type { Brand, Uuid } from '@waggle/kernel'
import type { DecayConfig } from './decay.ts'

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
  /** How energy fades in this collective; absent: as the store is configured. */
  readonly decay?: DecayConfig
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly updatedAt: number
}

export interface CollectiveStats {
  /** Archived ones included. */
  readonly experienceCount: number
  readonly archivedCount: number
  readonly relationCount: number
  readonly insightCount: number
  /** Bytes of the stored records and embeddings, before the store's own overhead. */
  readonly storageBytes: number
  /** `createdAt` of the oldest and newest experience, epoch milliseconds; absent when there is none. */
  readonly oldestExperience?: number
  readonly newestExperience?: number
}

/** What a tenant has, over all its collectives. */
export interface TenantUsage {
  readonly collectiveCount: number
  readonly experienceCount: number
  readonly archivedCount: number
  readonly relationCount: number
  readonly insightCount: number
  readonly storageBytes: number
}
