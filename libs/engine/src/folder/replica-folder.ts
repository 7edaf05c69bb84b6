/**
 * The replicas in the folder of a shard process that has ended, for whoever has lost their logs (DESIGN K4): where each
 * stands, and its state as a checkpoint's bytes.
 *
 * P1  The folder is locked: a process that runs goes on with it.
 * P2  A state that was proven wrong, or whose run of records has a gap, is none.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isFault, type Random } from '@waggle/kernel'
import type { Generation, Sequence } from '@waggle/protocol'
import { dumpState, type StateDump } from '../checkpoint/state-dump.ts'
import type { Pace } from '../checkpoint/state-frames.ts'
import { engineFault } from '../errors.ts'
import { AppliedRun } from '../recovery/applied-run.ts'
import { readPosition, type Position } from '../recovery/position.ts'
import { isMarkedWrong } from '../recovery/wrong-mark.ts'
import { acquireFolderLock } from '../store/folder-lock.ts'
import { openLevelStore, type LevelStore } from '../store/level-store.ts'

export interface FoundReplica {
  readonly shard: number
  readonly generation: Generation
  readonly applied: Sequence
}

export interface UnusableReplica {
  readonly shard: number
  readonly reason: string
}

export interface ReplicasFound {
  readonly replicas: readonly FoundReplica[]
  /** P2. */
  readonly unusable: readonly UnusableReplica[]
}

/** @throws Fault `DATABASE_LOCKED` (P1); what reading the folder throws */
export const findReplicas = async (folder: string, random: Random): Promise<ReplicasFound> =>
  withLock(folder, random, async () => {
    const replicas: FoundReplica[] = []
    const unusable: UnusableReplica[] = []
    for (const name of await readdir(folder)) {
      const shard = shardOf(name)
      if (shard === undefined) continue
      try {
        replicas.push(
          await withReplica(folder, shard, async (_, { generation, applied }) => ({ shard, generation, applied })),
        )
      } catch (error) {
        if (!isFault(error)) throw error
        unusable.push({ shard, reason: error.message })
      }
    }
    return { replicas, unusable }
  })

/** @throws Fault `DATABASE_LOCKED` (P1), `CORRUPT` (P2); what `use` throws */
export const copyReplica = async <Result>(
  { folder, shard, random }: { readonly folder: string; readonly shard: number; readonly random: Random },
  { pace, use }: { readonly pace: Pace; readonly use: (dump: StateDump) => Promise<Result> },
): Promise<Result> =>
  withLock(folder, random, async () =>
    withReplica(folder, shard, async (store) => {
      const snapshot = store.snapshot()
      try {
        return await use(dumpState(snapshot, pace))
      } finally {
        await snapshot.close()
      }
    }),
  )

const shardOf = (name: string): number | undefined => {
  const digits = /^shard-(\d+)$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** P1. */
const withLock = async <Result>(folder: string, random: Random, use: () => Promise<Result>): Promise<Result> => {
  const lock = await acquireFolderLock(folder, random)
  try {
    return await use()
  } finally {
    await lock.release()
  }
}

/** P2. */
const withReplica = async <Result>(
  folder: string,
  shard: number,
  use: (store: LevelStore, position: Position) => Promise<Result>,
): Promise<Result> => {
  const store = await openLevelStore(join(folder, `shard-${shard}`, 'state'), { createIfMissing: false })
  try {
    const position = readPosition(store)
    if (position === undefined || position.applied === 0)
      throw engineFault('CORRUPT', `the replica has no state shard=${shard}`, { shard })
    if (isMarkedWrong(store)) throw engineFault('CORRUPT', `the state was proven wrong shard=${shard}`, { shard })
    await AppliedRun.load(store, position)
    return await use(store, position)
  } finally {
    await store.close()
  }
}
