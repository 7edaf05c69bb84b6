export type { EngineParts } from './engine-parts.ts'
export { Engine, type Reply } from './engine.ts'
export { type EngineFigures } from './engine-figures.ts'
export { engineFault, engineFaultCatalogue } from './errors.ts'
export { dumpState, type StateDump } from './checkpoint/state-dump.ts'
export { restoreState, type NewLife, type RestoredState } from './checkpoint/state-restore.ts'
export { holdsCollectives } from './checkpoint/holds-collectives.ts'
export { inspectDump, type InspectedState } from './checkpoint/inspect-dump.ts'
export { type Pace } from './checkpoint/state-frames.ts'
export { type VerifiedCheckpoint } from './checkpoint/checkpoint-row.ts'
export { digestSnapshot, type StateDigest } from './digest.ts'
export { readPosition, type Position } from './recovery/position.ts'
export { isMarkedWrong, markWrong } from './recovery/wrong-mark.ts'
export type { CheckpointKnown, DigestDue } from './event/effect.ts'
export { GraphHost, type GraphFolder } from './index/graph/graph-host.ts'
export { INDEX_BYTES_MAX_DEFAULT } from './index/index-budget.ts'
export { IndexMemory } from './index/index-memory.ts'
export { openEmbeddedEngine, type EmbeddedEngine, type EmbeddedOptions } from './folder/embedded-engine.ts'
export { copyReplica, findReplicas, type ReplicasFound } from './folder/replica-folder.ts'
export { copyFolder, restoreFolder, type RestoredFolder, type RestoreFolder } from './folder/folder-copy.ts'
export { storageOver, type StorageConfig } from './storage-port/engine-storage.ts'
export type { Storage, StorageEngine } from './storage-port/storage-engine.ts'
export type {
  DatabaseMetadata,
  DerivedInsight,
  ExperienceRelation,
  ExperienceUpdate,
  InstanceId,
  PolledEvents,
  StoredExperience,
  SyncCursor,
  SyncEvent,
  WatchEventRecord,
} from './storage-port/storage-records.ts'
export { decodeSettings, type EngineSettings } from './settings.ts'
export type { Append, AppendOutcome, BatchLog, LogBounds, StoredRecord } from './log/batch-log.ts'
export type { KeyRange, KeyValueStore, StoreChange, StoreRow, StoreSnapshot } from './store/key-value-store.ts'
export { acquireFolderLock, type FolderLock } from './store/folder-lock.ts'
export { openLevelStore, type LevelStore } from './store/level-store.ts'
export { WATCHERS_MAX } from './watch/change-waiters.ts'
export { openStorage, type OpenStorageOptions, type StoragePorts } from './storage-port/open-storage.ts'
export { SortedRows } from './store/sorted-rows.ts'
export { digestState } from './digest.ts'
