/**
 * The storage port over a real nats-server: an engine that leads one shard. Opening again takes a new folder, so that
 * all there is comes from the stream.
 */
import { Engine, openLevelStore, storageOver } from '@waggle/engine'
import { temporaryFolder, type StorageStore } from '@waggle/engine/testing'
import { silentLogger, systemTimers, uuidV7Source } from '@waggle/kernel'
import { manualClock, seededRandom } from '@waggle/kernel/testing'
import { openAccess, openDirectory, openLog } from './jetstream-fixture.ts'

export const openJetStreamStorageStore = async (serverUrl: string): Promise<StorageStore> => {
  const access = await openAccess(serverUrl)
  const clock = manualClock()
  const ids = uuidV7Source(clock, seededRandom(1))
  const shardLog = await (await openDirectory(access)).shardLog(0)

  const open = async () => {
    const folder = await temporaryFolder()
    const store = await openLevelStore(folder.path)
    const log = openLog(access, shardLog, { store })
    const engine = await Engine.open({
      ...{ log, store, clock, timers: systemTimers, ids, logger: silentLogger, shard: 0, shards: 1 },
      fence: 'log',
    })
    await engine.catchUp()
    await engine.lead()
    const close = async (): Promise<void> => {
      await engine.close()
      await store.close()
      await folder.remove()
    }
    return { engine, close }
  }

  let opened = await open()
  return {
    clock,
    storage: (tenant, config) => storageOver(opened.engine, tenant, config),
    execute: (tenant, operation, body) => opened.engine.execute(tenant, operation, body),
    async reopen() {
      await opened.close()
      opened = await open()
    },
    async dispose() {
      await opened.close()
      await access.connection.close()
    },
  }
}
