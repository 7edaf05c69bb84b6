import { utf8 } from '@waggle/kernel'
import type { BucketEntry } from '../nats/jetstream-bucket.ts'

/**
 * Who holds a lease. Of two holders the one with the higher `rank` has it; of two with the same rank, who came first.
 * A leader's rank is its epoch's sequence and its id the epoch's; a compactor's rank is 0 and its id its own.
 */
export interface LeaseHolder {
  /** For people. */
  readonly node: string
  readonly id: string
  readonly rank: number
}

/** Text, for operators read it too. */
export const encodeLeaseHolder = ({ node, id, rank }: LeaseHolder): Uint8Array =>
  utf8(JSON.stringify({ node, id, rank }))

/** `undefined` for a key that is not there, was deleted, or holds what nobody of ours wrote. */
export const decodeLeaseHolder = (entry: BucketEntry | undefined): LeaseHolder | undefined => {
  if (entry?.value === undefined) return undefined
  try {
    const { node, id, rank } = JSON.parse(Buffer.from(entry.value).toString()) as Record<string, unknown>
    if (typeof node !== 'string' || typeof id !== 'string' || typeof rank !== 'number') return undefined
    return { node, id, rank }
  } catch {
    return undefined
  }
}

/** Whether `holder` must let `other` have it. */
export const yieldsTo = (holder: LeaseHolder, other: LeaseHolder): boolean =>
  holder.rank < other.rank || (holder.rank === other.rank && holder.id === other.id)
