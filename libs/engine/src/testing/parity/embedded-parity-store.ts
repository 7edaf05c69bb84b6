/** A parity store over a folder: the embedded engine, opened again as after a restart. */
import { silentLogger, systemRandom, systemTimers, uuidV7Source } from '@waggle/kernel'
import { manualClock, seededRandom } from '@waggle/kernel/testing'
import { openEmbeddedEngine } from '../../folder/embedded-engine.ts'
import { storageOver } from '../../storage-port/engine-storage.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { ParityStore, Reopening } from './parity-store.ts'

export const openEmbeddedParityStore = async (): Promise<ParityStore> => {
  const folder = await temporaryFolder()
  const clock = manualClock()
  const ids = uuidV7Source(clock, seededRandom(1))
  // The folder's generation must be its own.
  const ports = { clock, timers: systemTimers, random: systemRandom, ids, logger: silentLogger }
  const open = (how: Reopening = {}) => openEmbeddedEngine({ ...ports, ...how, path: folder.path, acceptLoss: false })

  let embedded = await open()
  return {
    execute: (tenant, operation, body) => embedded.execute(tenant, operation, body),
    storage: (tenant) => storageOver(embedded.engine, tenant),
    advance: (durationMs) => {
      clock.advance(durationMs)
    },
    nowMs: () => clock.nowMs(),
    async reopen(how) {
      await embedded.close()
      embedded = await open(how)
    },
    another: openEmbeddedParityStore,
    async dispose() {
      await embedded.close()
      await folder.remove()
    },
  }
}
