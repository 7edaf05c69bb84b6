/** What the page store speaks of: memories, each in a page of its own and, where it is larger, in pages behind it. */
import type { Uuid } from '@waggle/kernel'

export type PageNumber = number

/** `data` is what a caller wrote, or the beginning of a memory; `overflow` goes on with a memory. */
export const pageKinds = ['free', 'data', 'overflow'] as const
export type PageKind = (typeof pageKinds)[number]

export const memoryTypes = ['episodic', 'semantic', 'procedural', 'antiPattern', 'reasoning', 'correction'] as const
export type MemoryType = (typeof memoryTypes)[number]

/** An attribute's value; numbers are finite. */
export type AttributeValue = string | number | boolean | Uint8Array

/** MenteDB's memory, whole. Times are microseconds since 1970. */
export interface MemoryNode {
  readonly id: Uuid
  readonly agentId: Uuid
  /** Nil where it is nobody's. */
  readonly userId: Uuid
  readonly spaceId: Uuid
  readonly memoryType: MemoryType
  readonly content: string
  readonly context?: string
  /** At most 4,096 components, all finite; may be empty. */
  readonly embedding: Float32Array
  readonly createdAt: number
  readonly accessedAt: number
  readonly accessCount: number
  /** 0..1 */
  readonly salience: number
  /** 0..1 */
  readonly confidence: number
  readonly tags: readonly string[]
  readonly attributes: Readonly<Record<string, AttributeValue>>
  readonly validFrom?: number
  readonly validUntil?: number
}
