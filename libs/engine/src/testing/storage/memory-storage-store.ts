/** The storage port over the in-memory log: opening again builds the state anew from the log. */
import { manualClock } from '@waggle/kernel/testing'
import { storageOver } from '../../storage-port/engine-storage.ts'
import { openTestEngine } from '../test-engine.ts'
import type { StorageStore } from './storage-store.ts'

export const openMemoryStorageStore = async (): Promise<StorageStore> => {
  const clock = manualClock()
  const open = (options: Parameters<typeof openTestEngine>[0] = {}) =>
    openTestEngine({ clock, fence: 'log', ...options })
  let { engine, stream } = await open()
  return {
    clock,
    storage: (tenant, config) => storageOver(engine, tenant, config),
    execute: (tenant, operation, body) => engine.execute(tenant, operation, body),
    async reopen() {
      await engine.close()
      ;({ engine, stream } = await open({ stream }))
    },
    dispose: () => engine.close(),
  }
}
