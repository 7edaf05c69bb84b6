import type { AttributeValue, MemoryType } from '@waggle/protocol'
import type { BytesInput, EmbeddingInput } from '../inputs.ts'

/** MenteDB's memory as callers write it. Times are microseconds since 1970. */
export interface MemoryInput {
  readonly id: string
  readonly agentId: string
  /** Nil when absent, as `spaceId`. */
  readonly userId?: string | undefined
  readonly spaceId?: string | undefined
  readonly memoryType: MemoryType
  readonly content: string
  readonly context?: string | undefined
  /** At most 4,096 finite components; none when absent. */
  readonly embedding?: EmbeddingInput | undefined
  readonly createdAt: number
  readonly accessedAt: number
  readonly accessCount?: number | undefined
  /** 0..1, 1 when absent, as `confidence`. */
  readonly salience?: number | undefined
  readonly confidence?: number | undefined
  readonly tags?: readonly string[] | undefined
  readonly attributes?: Readonly<Record<string, AttributeValue | BytesInput>> | undefined
  readonly validFrom?: number | undefined
  readonly validUntil?: number | undefined
}

/** A page by its number, or the page of the memory with an id. */
export type MemoryPlaceInput = number | string

/** What is known of the pages of memories. */
export interface PageScan {
  /** Memories by their pages, ascending. */
  readonly items: readonly { readonly id: string; readonly page: number }[]
  /** Pages whose bytes are not those that were written. */
  readonly damaged: readonly number[]
}
