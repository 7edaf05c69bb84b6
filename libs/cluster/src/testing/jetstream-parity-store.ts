/** A parity store over a real nats-server: an engine that leads one shard, opened again over its stream and folder. */
import { openLevelStore, Engine, storageOver } from '@waggle/engine'
import { temporaryFolder, type ParityStore, type Reopening } from '@waggle/engine/testing'
import { silentLogger, systemTimers, uuidV7Source } from '@waggle/kernel'
import { manualClock, seededRandom } from '@waggle/kernel/testing'
import { openAccess, openDirectory, openLog } from './jetstream-fixture.ts'

const SHARDS = 100

export const openJetStreamParityStore = async (serverUrl: string, shard: number): Promise<ParityStore> => {
  const access = await openAccess(serverUrl)
  const folder = await temporaryFolder()
  const clock = manualClock()
  const ids = uuidV7Source(clock, seededRandom(1))
  const shardLog = await (await openDirectory(access, { shards: SHARDS })).shardLog(shard)

  const open = async ({ settings, readOnly = false }: Reopening = {}) => {
    const store = await openLevelStore(folder.path)
    const engine = await Engine.open({
      ...{ log: openLog(access, shardLog, { store }), store, clock, timers: systemTimers, ids, logger: silentLogger },
      ...(settings === undefined ? {} : { settings }),
      shard,
      shards: SHARDS,
      fence: 'log',
      readOnly,
    })
    await engine.catchUp()
    if (!readOnly) await engine.lead()
    return { engine, store }
  }

  let opened = await open()
  const close = async (): Promise<void> => {
    await opened.engine.close()
    await opened.store.close()
  }
  return {
    execute: (tenant, operation, body) => opened.engine.execute(tenant, operation, body),
    storage: (tenant) => storageOver(opened.engine, tenant),
    advance: (durationMs) => {
      clock.advance(durationMs)
    },
    nowMs: () => clock.nowMs(),
    async reopen(how) {
      await close()
      opened = await open(how)
    },
    another: () => openJetStreamParityStore(serverUrl, shard + SHARDS / 2),
    async dispose() {
      await close()
      await access.connection.close()
      await folder.remove()
    },
  }
}
