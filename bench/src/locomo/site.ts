/** Where the stores of a run are: in this process, or behind a connection. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Waggle as ClusterStore } from '@waggle/client'
import { openWaggle } from '@waggle/embedded'
import { systemIds } from '@waggle/kernel'
import type { CollectiveHandle, Waggle } from '@waggle/sdk'
import { clusterCpuUs, type OwnCluster } from '../cluster/own-cluster.ts'
import { folderBytes } from '../disk.ts'

export interface Site {
  readonly kind: 'embedded' | 'cluster' | 'server'
  /** On the disk that is written to, where that is known; its syncs are what rates are divided by. */
  readonly folder: string
  /** The store of that name, empty at first. */
  open(store: string): Promise<Waggle>
  /** A new collective of a store. */
  create(
    waggle: Waggle,
    store: string,
    input: { readonly name: string; readonly dimension: number },
  ): Promise<CollectiveHandle>
  /** On the disk, of that store and what else lies with it; `NaN` where that cannot be told. */
  bytes(store: string): Promise<number>
  /** Processor time so far of all processes but this one that serve the stores, microseconds; `NaN` as above. */
  othersCpuUs(): number
}

const create = async (
  waggle: Waggle,
  { name, dimension }: { readonly name: string; readonly dimension: number },
): Promise<CollectiveHandle> => waggle.createCollective({ name, dimension }, { idempotencyKey: `conversation ${name}` })

/** Each store is a folder of its own. */
export const embeddedSite = (folder: string): Site => ({
  kind: 'embedded',
  folder,
  open: async (store) => openWaggle({ path: join(folder, store) }),
  create: async (waggle, _store, input) => create(waggle, input),
  bytes: async (store) => (existsSync(join(folder, store)) ? folderBytes(join(folder, store)) : 0),
  othersCpuUs: () => 0,
})

const connect = async (server: string): Promise<Waggle> => ClusterStore.connect({ servers: server, timeoutMs: 60_000 })

/** All stores are one, with collectives of other names. */
export const clusterSite = (cluster: OwnCluster): Site => {
  const { running, folder } = cluster
  return {
    kind: 'cluster',
    folder,
    open: async () => connect(running.url),
    create: async (waggle, store, { name, dimension }) => create(waggle, { name: `${name} ${store}`, dimension }),
    bytes: async () => folderBytes(running.folder),
    othersCpuUs: () => Object.values(clusterCpuUs(cluster)).reduce((sum, spent) => sum + spent, 0),
  }
}

/** A cluster of somebody else. What is made there is removed by `clear`. */
export interface ServerSite extends Site {
  clear(): Promise<void>
}

/** @param folder of this machine */
export const serverSite = (server: string, folder: string): ServerSite => {
  // Other runs may have been here, or are.
  const run = systemIds.uuid()
  const made = new Set<string>()
  let isCleared = false
  return {
    kind: 'server',
    folder,
    open: async () => connect(server),
    async create(waggle, store, { name, dimension }) {
      // Whoever was interrupted may not know it yet.
      if (isCleared) throw new Error('the benchmark is over')
      const hive = await create(waggle, { name: `bench ${run} ${name} ${store}`, dimension })
      made.add(hive.id)
      return hive
    },
    bytes: async () => Promise.resolve(Number.NaN),
    othersCpuUs: () => Number.NaN,
    async clear() {
      isCleared = true
      const waggle = await connect(server)
      try {
        for (const id of made) await (await waggle.collective(id)).deleteCollective()
      } finally {
        await waggle.close()
      }
    },
  }
}
