/** A parity store over the in-memory log: opening again builds the state anew from the log. */
import { silentLogger, systemRandom, systemTimers, uuidV7Source } from '@waggle/kernel'
import { manualClock, seededRandom } from '@waggle/kernel/testing'
import { generationFrom } from '@waggle/protocol'
import { Engine } from '../../engine.ts'
import { MemoryLog, MemoryStream } from '../../log/memory-log.ts'
import { storageOver } from '../../storage-port/engine-storage.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import type { ParityStore, Reopening } from './parity-store.ts'

export const openMemoryParityStore = async (): Promise<ParityStore> => {
  const clock = manualClock()
  const random = seededRandom(1)
  const ids = uuidV7Source(clock, random)
  const stream = new MemoryStream(generationFrom(systemRandom.bytes(8)))

  const open = async ({ settings, readOnly = false }: Reopening = {}): Promise<Engine> => {
    const store = new MemoryStore()
    const engine = await Engine.open({
      ...{
        log: new MemoryLog(stream, store),
        store,
        clock,
        timers: systemTimers,
        ids,
        logger: silentLogger,
        shard: 0,
        shards: 1,
      },
      ...(settings === undefined ? {} : { settings }),
      fence: 'log',
      readOnly,
    })
    await engine.catchUp()
    if (!readOnly) await engine.lead()
    return engine
  }

  let engine = await open()
  return {
    execute: (tenant, operation, body) => engine.execute(tenant, operation, body),
    storage: (tenant) => storageOver(engine, tenant),
    advance: (durationMs) => {
      clock.advance(durationMs)
    },
    nowMs: () => clock.nowMs(),
    async reopen(how) {
      await engine.close()
      engine = await open(how)
    },
    another: openMemoryParityStore,
    dispose: () => engine.close(),
  }
}
