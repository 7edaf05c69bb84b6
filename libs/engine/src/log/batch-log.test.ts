import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generationFrom, type Sequence } from '@waggle/protocol'
import { openLevelStore } from '../store/level-store.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { batchLogContract, type OpenedLog } from '../testing/batch-log.contract.ts'
import { EmbeddedLog } from './embedded-log.ts'
import { MemoryLog, MemoryStream } from './memory-log.ts'

const GENERATION = generationFrom(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))

const openMemory = async (stream: MemoryStream): Promise<OpenedLog> => {
  const store = new MemoryStore()
  return {
    log: new MemoryLog(stream, store),
    store,
    reopen: () => openMemory(stream),
    dispose: () => store.close(),
  }
}

const openEmbedded = async (folder: string): Promise<OpenedLog> => {
  const store = await openLevelStore(join(folder, 'state'))
  return {
    log: await EmbeddedLog.open(store, GENERATION, 0 as Sequence),
    store,
    async reopen() {
      await store.close()
      return openEmbedded(folder)
    },
    async dispose() {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

batchLogContract('in memory', () => openMemory(new MemoryStream(GENERATION)))
batchLogContract('embedded', async () => openEmbedded(await mkdtemp(join(tmpdir(), 'waggle-log-'))))
