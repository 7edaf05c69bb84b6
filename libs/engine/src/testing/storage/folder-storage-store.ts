/** The storage port over a folder, with a clock that stands still until it is moved. */
import { silentLogger, systemTimers, uuidV7Source } from '@waggle/kernel'
import { manualClock, seededRandom } from '@waggle/kernel/testing'
import { openEmbeddedEngine } from '../../folder/embedded-engine.ts'
import { storageOver } from '../../storage-port/engine-storage.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { StorageStore } from './storage-store.ts'

export const openFolderStorageStore = async (): Promise<StorageStore> => {
  const folder = await temporaryFolder()
  const clock = manualClock()
  const random = seededRandom(1)
  const ports = { clock, random, timers: systemTimers, ids: uuidV7Source(clock, random), logger: silentLogger }
  const open = () => openEmbeddedEngine({ ...ports, path: folder.path, acceptLoss: false })
  let embedded = await open()
  return {
    clock,
    storage: (tenant, config) => storageOver(embedded.engine, tenant, config, { path: folder.path }),
    execute: (tenant, operation, body) => embedded.execute(tenant, operation, body),
    async reopen() {
      await embedded.close()
      embedded = await open()
    },
    async dispose() {
      await embedded.close()
      await folder.remove()
    },
  }
}
