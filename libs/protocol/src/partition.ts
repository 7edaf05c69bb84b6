import { assert, utf8 } from '@waggle/kernel'
import { fnv1a32 } from './fnv1a32.ts'

/**
 * The shard of a collective. It is the function of nats-server's own `partition(n, …)` subject mapping over that one
 * token, so a server's mapping, a router and a client agree by construction. Changing it moves every collective.
 * @param shards number of shards, 1 or more, fixed when a cluster is created
 */
export const partition = (collectiveId: string, shards: number): number => {
  assert(Number.isInteger(shards) && shards >= 1, 'there is at least one shard')
  return fnv1a32(utf8(collectiveId)) % shards
}
