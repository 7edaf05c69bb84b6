import type { Clock, Logger, Random, Timers } from '@waggle/kernel'
import type { Bucket } from '../nats/jetstream-bucket.ts'

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

export type LeaseLoss = 'taken' | 'expired'

export interface LeaseParts {
  /** The directory's `leases`. */
  readonly bucket: Bucket
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
}

export interface LeaseRequest {
  readonly key: string
  readonly holder: LeaseHolder
  /** Monotonic time up to which taking it is tried. */
  readonly tryUntilMs: number
  /** Called once, when the lease is no longer held although it was not released. */
  readonly onLost: (loss: LeaseLoss, heldBy: LeaseHolder | undefined) => void
}

export type LeaseTaking =
  | { readonly kind: 'held'; readonly lease: Lease }
  | { readonly kind: 'refused'; readonly heldBy: LeaseHolder }
  | { readonly kind: 'unanswered' }

/** A lease that is held: renewed every 5 s until it is released or lost. */
export interface Lease {
  /** Monotonic time up to which nobody else can have got it by its expiry; in the past once it is lost or released. */
  deadlineMs(): number
  /** Stops renewing, and deletes the key so that others need not wait. Never fails: what is not deleted expires. */
  release(): Promise<void>
}

/** Takes a lease over from a lower rank, or where nobody holds it. */
export const takeLease = (_parts: LeaseParts, _request: LeaseRequest): Promise<LeaseTaking> => {
  throw new Error('not built')
}

/** Who holds it now, as far as the bucket's leader knows. @throws what the client throws when nobody answers */
export const leaseHolder = (_bucket: Bucket, _key: string): Promise<LeaseHolder | undefined> => {
  throw new Error('not built')
}
