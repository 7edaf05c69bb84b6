import type { Uuid } from '@waggle/kernel'
import type { CollectiveId } from './collective.ts'
import type { ExperienceId } from './experience.ts'

export type InsightId = Uuid

/** What sort of conclusion it is. The order is PulseDB's numbering. */
export const insightTypes = ['pattern', 'synthesis', 'abstraction', 'correlation'] as const
export type InsightType = (typeof insightTypes)[number]

/** What a caller may say of a new insight; it is never changed afterwards. */
export interface NewInsight {
  readonly id?: InsightId
  /** 1..51,200 bytes. */
  readonly content: string
  /** Absent: made by the collective's embedder. */
  readonly embedding?: Float32Array
  /** The evidence: 1..100 experiences of the collective; repeats are kept as they come. */
  readonly sources: readonly ExperienceId[]
  readonly type: InsightType
  /** Single precision, 0..1, 0.5 when absent. */
  readonly confidence: number
  readonly domain: readonly string[]
  /** How long it is to be seen, milliseconds; absent: for ever. */
  readonly ttlMs?: number
}

/** A stored insight: something concluded from experiences. */
export interface Insight extends Omit<NewInsight, 'id' | 'embedding' | 'ttlMs'> {
  readonly id: InsightId
  readonly collective: CollectiveId
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Moves when evidence goes. */
  readonly updatedAt: number
  /** Whether evidence of it is gone. */
  readonly stale: boolean
  /** Those of the sources that were deleted, in the order in which they went. */
  readonly lostSources: readonly ExperienceId[]
  /** From then on it is not to be seen, epoch milliseconds; absent: never. */
  readonly expiresAt?: number
  /** Present from `get`, and elsewhere where it was asked for. */
  readonly embedding?: Float32Array
}

/** An insight as an export holds it. */
export type RestoredInsight = Omit<Insight, 'collective' | 'embedding' | 'stale'> & { readonly embedding: Float32Array }

export interface InsightHit {
  readonly insight: Insight
  /** Cosine in single precision, -1..1. */
  readonly similarity: number
}
