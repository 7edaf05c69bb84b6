import { storageEngineContract } from '../testing/storage-engine.contract.ts'
import { openMemoryStorageStore } from '../testing/storage/memory-storage-store.ts'

storageEngineContract('over the in-memory log', { open: openMemoryStorageStore, runs: 40 })
