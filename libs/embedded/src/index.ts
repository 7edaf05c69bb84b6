// The interface comes along, so that whoever opens a store can name what it gives and catch what it throws.
// eslint-disable-next-line no-restricted-syntax -- The names are listed one by one where they are made public.
export type * from '@waggle/sdk'
export { CollectiveHandle, Fault, isFault, Waggle } from '@waggle/sdk'
export { openWaggle, type OpenOptions } from './open-waggle.ts'
export { openStorage } from './open-storage.ts'
export {
  copyReplicaState,
  copyStore,
  inspectState,
  replicasIn,
  restoreStore,
  type InspectedState,
  type ReplicasFound,
  type RestoredFolder,
  type RestoredState,
} from './copy-store.ts'
export { verifyStore, type VerifiedStore } from './verify-store.ts'
export type {
  DatabaseMetadata,
  DerivedInsight,
  ExperienceRelation,
  ExperienceUpdate,
  OpenStorageOptions,
  PolledEvents,
  Storage,
  StorageEngine,
  StoredExperience,
  SyncCursor,
  SyncEvent,
  WatchEventRecord,
} from '@waggle/engine'
