import type { Fault, Uuid } from '@waggle/kernel'
import type { CollectiveId, RouterId, TenantId } from '@waggle/protocol'
import { KEPT_OVERHEAD_BYTES } from './limits.ts'

/** Where a request goes. `everyShard` is no place to forward to: whoever asked makes one request a shard of it. */
export type Target =
  | { readonly kind: 'collective'; readonly collective: CollectiveId }
  | { readonly kind: 'shard'; readonly shard: number }
  | { readonly kind: 'everyShard' }

/** A request that was admitted. `Origin` is whatever its asker knows it by; the core hands it back. */
export interface RoutedRequest<Origin> {
  /** The idempotency key of a write that brought none; kept however often it is forwarded. */
  readonly requestId: Uuid
  readonly tenant: TenantId
  readonly operation: string
  /** Whether its outcome is unknown once it was forwarded. */
  readonly isWrite: boolean
  /** Where a follower may answer it. Absent: nowhere, the leader must. */
  readonly followers?: FollowerShards
  readonly target: Target
  /** As it came. */
  readonly body: Uint8Array
  /** Monotonic time after which its asker gets a fault. */
  readonly deadlineMs: number
  readonly origin: Origin
}

/** `every` shard, for a read that takes what is there; else those of which it carries a token, which it waits for. */
export type FollowerShards = 'every' | ReadonlySet<number>

/** What keeping it takes, in bytes. */
export const sizeOf = (request: Pick<RoutedRequest<unknown>, 'body'>): number =>
  request.body.length + KEPT_OVERHEAD_BYTES

/** What the core wants done. */
export type RoutingEffect<Origin> =
  | {
      readonly kind: 'forward'
      readonly shard: number
      /** Sequence of the leader's barrier. */
      readonly epoch: number
      /** Under which its leader accounts for it. */
      readonly router: RouterId
      readonly number: number
      readonly lowest: number
      readonly request: RoutedRequest<Origin>
      /** Whether it was forwarded before. */
      readonly again: boolean
    }
  /** To a follower. */
  | {
      readonly kind: 'read'
      readonly shard: number
      readonly node: string
      readonly router: RouterId
      readonly number: number
      readonly lowest: number
      readonly request: RoutedRequest<Origin>
    }
  /** The number of shards is known: make one request a shard. */
  | { readonly kind: 'spread'; readonly shards: number; readonly request: RoutedRequest<Origin> }
  | { readonly kind: 'refuse'; readonly request: RoutedRequest<Origin>; readonly fault: Fault }
  /** A beat that cannot be: it was ignored, and someone should know. */
  | { readonly kind: 'contradiction'; readonly shard: number; readonly reason: string }
