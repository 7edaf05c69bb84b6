/**
 * The digests of all replicas, taken when nobody writes any more: what the cluster says of itself, and what lies in the
 * folders after it was stopped.
 */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { digestState, openLevelStore } from '@waggle/engine'
import { isFault } from '@waggle/kernel'
import type { Recorder } from './history/recorder.ts'
import type { Surroundings } from './nemesis/surroundings.ts'

const VERIFY_MS_MAX = 60_000
const CACHE_BYTES = 8 << 20

interface Verified {
  readonly shard: number
  readonly sequence?: number
  readonly replicas?: readonly { readonly node: string; readonly digest: string }[]
}

/** @returns what came of it, in words */
export const verifyCluster = async ({ operator }: Surroundings, recorder: Recorder): Promise<string> => {
  try {
    const { items } = await operator.call('verify.run', { timeoutMs: VERIFY_MS_MAX })
    let replicaCount = 0
    for (const { shard, sequence, replicas = [] } of items as readonly Verified[])
      for (const { node, digest } of replicas) {
        replicaCount += 1
        recorder.add({ kind: 'digest', shard, node, sequence: sequence ?? 0, digest })
      }
    return `${(items as readonly unknown[]).length} shards, ${replicaCount} digests of replicas`
  } catch (error) {
    if (!isFault(error)) throw error
    return `not to be had: ${error.code} ${error.message}`
  }
}

/** Of the states in the folder of a cluster that was stopped. @returns what came of it, in words */
export const verifyFolders = async (folder: string, recorder: Recorder): Promise<string> => {
  const places = new Map<string, number>()
  for (const node of (await readdir(folder)).filter((name) => name.startsWith('node-')))
    for (const name of (await readdir(path.join(folder, node))).filter((it) => it.startsWith('shard-'))) {
      const state = path.join(folder, node, name, 'state')
      if (!existsSync(state)) continue
      const store = await openLevelStore(state, { cacheBytes: CACHE_BYTES })
      const { sequence, digest } = await digestState(store)
      await store.close()
      recorder.add({ kind: 'digest', shard: Number(name.slice('shard-'.length)), node, sequence, digest })
      const place = `${name} ${sequence}`
      places.set(place, (places.get(place) ?? 0) + 1)
    }
  const compared = [...places.values()].filter((count) => count > 1).length
  return `${places.size} states by shard and sequence, ${compared} of them of several replicas`
}
