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
