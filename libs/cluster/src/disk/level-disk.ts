/** A node's folder on a real file system: `shard-<n>/state`, beside it graphs of its indexes and what was set aside. */
import { access, mkdir, readdir, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { acquireFolderLock, openLevelStore, type GraphHost } from '@waggle/engine'
import type { Clock, Random } from '@waggle/kernel'
import type { NodeDisk } from './node-disk.ts'

/** Memory for blocks of all states together. */
const CACHE_BYTES = 256 << 20

export interface LevelDiskParts {
  readonly folder: string
  /** States that share the memory for blocks. */
  readonly shards: number
  /** Keeps the graphs of all of them; absent: there are none. */
  readonly graphs?: GraphHost
  readonly clock: Clock
  readonly random: Random
}

export const levelDisk = ({ folder, shards, graphs, clock, random }: LevelDiskParts): NodeDisk => {
  const shardFolder = (shard: number): string => join(folder, `shard-${shard}`)
  const state = (shard: number): string => join(shardFolder(shard), 'state')
  const draft = (shard: number): string => join(shardFolder(shard), 'draft')
  const open = (path: string) => openLevelStore(path, { cacheBytes: Math.floor(CACHE_BYTES / shards) })
  return {
    async lock() {
      await mkdir(folder, { recursive: true })
      return acquireFolderLock(folder, random)
    },
    async shards() {
      const entries = await readdir(folder)
      const shards = entries.flatMap((name) => (/^shard-\d+$/.test(name) ? [Number(name.slice('shard-'.length))] : []))
      const present = await Promise.all(shards.map((shard) => exists(state(shard))))
      return shards.filter((_, index) => present[index]).sort((left, right) => left - right)
    },
    open: (shard) => open(state(shard)),
    ...(graphs === undefined ? {} : { graphs: (shard: number) => graphs.folder(shardFolder(shard)) }),
    async openDraft(shard) {
      await rm(draft(shard), { recursive: true, force: true })
      return open(draft(shard))
    },
    async promoteDraft(shard) {
      await rm(state(shard), { recursive: true, force: true })
      await rename(draft(shard), state(shard))
    },
    async setAside(shard) {
      const kept = join(shardFolder(shard), `damaged-${clock.nowMs()}`)
      await rename(state(shard), kept)
      return kept
    },
    async remove(shard) {
      await rm(state(shard), { recursive: true, force: true })
      if (graphs !== undefined) await rm(graphs.folder(shardFolder(shard)).path, { recursive: true, force: true })
    },
    async room() {
      try {
        const { bavail, blocks, bsize } = await statfs(folder)
        return { bytesFree: bavail * bsize, bytesMax: blocks * bsize }
      } catch {
        return undefined
      }
    },
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
