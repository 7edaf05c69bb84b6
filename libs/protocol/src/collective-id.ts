/**
 * Ids of collectives that are derived instead of drawn, so that a retry meets the same shard and there the collective
 * that its first try made (DESIGN K6). A router needs them to know where a request goes.
 */
import { deriveUuid } from '@waggle/kernel'
import type { CollectiveId, TenantId } from './collective.ts'

/** The id of a collective created without one, under that idempotency key. */
export const collectiveIdOfKey = (tenant: TenantId, key: string): CollectiveId =>
  deriveUuid(['collective', tenant, 'key', key])

/** The id of the collective that `getOrCreate` makes of a name that nobody carries. */
export const collectiveIdOfName = (tenant: TenantId, name: string): CollectiveId =>
  deriveUuid(['collective', tenant, 'name', name])

const NAMESAKES_MAX = 100_000

/**
 * The ids that `getOrCreate` may give to a name, in the order in which it tries them: the first is the name's own, the
 * others are for when a collective that got it was renamed since. All must live on the shard of the first, where the
 * request is decided.
 */
export function* collectiveIdsOfName(
  tenant: TenantId,
  name: string,
  isOfThisShard: (id: CollectiveId) => boolean,
): Generator<CollectiveId> {
  yield collectiveIdOfName(tenant, name)
  for (let number = 1; number < NAMESAKES_MAX; number += 1) {
    const id = deriveUuid(['collective', tenant, 'name', name, String(number)])
    if (isOfThisShard(id)) yield id
  }
}
