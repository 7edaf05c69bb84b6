import { storageEngineContract } from '../testing/storage-engine.contract.ts'
import { openFolderStorageStore } from '../testing/storage/folder-storage-store.ts'

storageEngineContract('over a folder', { open: openFolderStorageStore, runs: 15 })
