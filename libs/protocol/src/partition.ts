import { assert } from '@waggle/kernel'

/** 32-bit FNV-1a over the UTF-8 bytes of `text`. */
export const fnv1a32 = (text: string): number => {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/**
 * The shard of a collective. It is the function of nats-server's own `partition(n, …)` subject mapping over that one
 * token, so a server's mapping, a router and a client agree by construction. Changing it moves every collective.
 * @param shards number of shards, 1 or more, fixed when a cluster is created
 */
export const partition = (collectiveId: string, shards: number): number => {
  assert(Number.isInteger(shards) && shards >= 1, 'there is at least one shard')
  return fnv1a32(collectiveId) % shards
}
