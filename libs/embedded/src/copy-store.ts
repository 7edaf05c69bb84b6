/** What backups need of stores in folders, and of the bytes that they and clusters write down as checkpoints. */
import {
  copyFolder,
  copyReplica,
  decodeSettings,
  findReplicas,
  inspectDump,
  restoreFolder,
  type InspectedState,
  type ReplicasFound,
  type RestoredFolder,
  type RestoredState,
} from '@waggle/engine'
import { silentLogger, systemClock, systemIds, systemRandom, systemTimers } from '@waggle/kernel'

export type { InspectedState, ReplicasFound, RestoredFolder, RestoredState } from '@waggle/engine'

/** So that whoever interrupts is heard. */
const pace = (): Promise<void> => systemTimers.yield()

/**
 * Reads a checkpoint's bytes to their end, verifies them, and says what is in them.
 * @throws Fault `CORRUPT`, `FORMAT_UNSUPPORTED`; what `pieces` throws
 */
export const inspectState = async (pieces: AsyncIterable<Uint8Array>): Promise<InspectedState> =>
  inspectDump(pieces, pace)

/**
 * Hands out the state of the store in a folder, as a checkpoint's bytes. The folder is locked meanwhile.
 * @throws Fault `NOT_FOUND`, `DATABASE_LOCKED`, `CORRUPT`, `FORMAT_UNSUPPORTED`
 */
export const copyStore = async <Result>(
  { path }: { readonly path: string },
  use: (pieces: AsyncIterable<Uint8Array>) => Promise<Result>,
): Promise<Result> => {
  const ports = { clock: systemClock, timers: systemTimers, ids: systemIds, random: systemRandom }
  const options = { path, settings: decodeSettings({}), logger: silentLogger, ...ports }
  return copyFolder(options, { pace, use: async ({ pieces }) => use(pieces) })
}

/**
 * Makes a store of a checkpoint's bytes, in a folder that is absent or empty: whole, or not at all.
 * @param judge called when all rows are there and their digest is right; what it throws leaves no folder
 * @throws Fault `INVALID_FIELD`, `DATABASE_LOCKED`, `CORRUPT`, `FORMAT_UNSUPPORTED`, `STORAGE_FAILED`
 */
export const restoreStore = async (
  { path }: { readonly path: string },
  pieces: AsyncIterable<Uint8Array>,
  judge: (restored: RestoredState) => void,
): Promise<RestoredFolder> => restoreFolder({ path, pieces, judge, pace, random: systemRandom })

/** The replicas in the folder of a shard process that has ended. @throws Fault `DATABASE_LOCKED` */
export const replicasIn = async (folder: string): Promise<ReplicasFound> => findReplicas(folder, systemRandom)

/** Hands out the state of one of them, as a checkpoint's bytes. @throws Fault `DATABASE_LOCKED`, `CORRUPT` */
export const copyReplicaState = async <Result>(
  { folder, shard }: { readonly folder: string; readonly shard: number },
  use: (pieces: AsyncIterable<Uint8Array>) => Promise<Result>,
): Promise<Result> =>
  copyReplica({ folder, shard, random: systemRandom }, { pace, use: async ({ pieces }) => use(pieces) })
