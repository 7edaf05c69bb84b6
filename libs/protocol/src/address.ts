import type { Brand } from '@waggle/kernel'

/** Number of a record of a shard's log; rises by one, from 1, and is never reused. */
export type Sequence = Brand<number, 'Sequence'>

/** Random name of one life of a shard's log: 16 hexadecimal digits. */
export type Generation = Brand<string, 'Generation'>

/** Where a change stands: the record's sequence, and the change's index among the record's changes (DESIGN F4). */
export interface Address {
  readonly sequence: Sequence
  readonly index: number
}

const GENERATION = /^[0-9a-f]{16}$/

export const isGeneration = (value: unknown): value is Generation => typeof value === 'string' && GENERATION.test(value)
