/**
 * Which nodes have a replica of a shard, and which of them is to lead it: rendezvous hashing. Pure, and the same at
 * every node that has heard of the same members, so nobody has to agree on it.
 *
 * R1  A node that comes takes from each of the others its share and moves nothing between them; one that goes leaves
 *     its own share to them.
 * R2  Changing these functions moves the replicas of every cluster.
 */
import { partition } from '@waggle/protocol'

/** The nodes by their weight for that shard, heaviest first. */
export const rank = (shard: number, nodes: readonly string[]): readonly string[] => {
  const weights = new Map(nodes.map((node) => [node, weightOf(shard, node)]))
  const weight = (node: string): number => weights.get(node) as number
  return [...nodes].sort((left, right) => weight(right) - weight(left) || (left < right ? -1 : 1))
}

/** Those that have a replica of the shard; the first of them is to lead. @param copies how many, 1 or more */
export const hostsOf = (shard: number, nodes: readonly string[], copies: number): readonly string[] =>
  rank(shard, nodes).slice(0, copies)

/** R2. FNV-1a alone keeps names that differ in one letter near to one another; what it is mixed with does not. */
const weightOf = (shard: number, node: string): number =>
  mixed(mixed(partition(node, 2 ** 32)) ^ mixed(Math.imul(shard + 1, GOLDEN_RATIO)))

/** 2^32 over the golden ratio: multiples of it lie far apart. */
const GOLDEN_RATIO = 0x9e3779b1

/** Every bit of the input moves half of the bits of the output: the last step of MurmurHash3. */
const mixed = (value: number): number => {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
