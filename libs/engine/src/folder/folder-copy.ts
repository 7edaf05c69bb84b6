/**
 * An embedded store's state as a checkpoint's bytes, and a new folder from such bytes.
 *
 * F1  A folder that is restored is built beside its place and moved there when it is whole: one that was interrupted is
 *     not there, and the next attempt begins anew.
 * F2  It is another life of the store (DESIGN K4): the folder that was copied may go on, and would give the same
 *     sequences to other records.
 * F3  Only a place where nothing is is taken: an absent folder, or an empty one.
 */
import { readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { invalidField, generationFrom, type Generation, type Sequence } from '@waggle/protocol'
import type { Random } from '@waggle/kernel'
import { restoreState, type RestoredState } from '../checkpoint/state-restore.ts'
import { dumpState, type StateDump } from '../checkpoint/state-dump.ts'
import type { Pace } from '../checkpoint/state-frames.ts'
import { openAcknowledgedFile } from '../store/acknowledged-file.ts'
import { makeDurableDirectory, syncPath } from '../store/durable-directory.ts'
import { acquireFolderLock } from '../store/folder-lock.ts'
import { openLevelStore } from '../store/level-store.ts'
import { openEmbeddedEngine, STATE_FOLDER, type EmbeddedOptions } from './embedded-engine.ts'

/**
 * Opens the store in a folder for reading, which verifies its files, and hands out its state.
 * @throws Fault as `openEmbeddedEngine`; `NOT_FOUND` where nothing was ever written
 */
export const copyFolder = async <Result>(
  options: Omit<EmbeddedOptions, 'readOnly' | 'acceptLoss'>,
  { pace, use }: { readonly pace: Pace; readonly use: (dump: StateDump) => Promise<Result> },
): Promise<Result> => {
  const opened = await openEmbeddedEngine({ ...options, readOnly: true, acceptLoss: false })
  try {
    const snapshot = opened.snapshot()
    try {
      return await use(dumpState(snapshot, pace))
    } finally {
      await snapshot.close()
    }
  } finally {
    await opened.close()
  }
}

export interface RestoreFolder {
  readonly path: string
  readonly pieces: AsyncIterable<Uint8Array>
  readonly pace: Pace
  readonly random: Random
  /** Called when all rows are there and their digest is right; what it throws leaves no folder. */
  readonly judge: (restored: RestoredState) => void
}

export interface RestoredFolder extends RestoredState {
  /** Of the life that begins (F2). */
  readonly newGeneration: Generation
}

/** @throws Fault `INVALID_FIELD` (F3), `DATABASE_LOCKED`, `CORRUPT`, `FORMAT_UNSUPPORTED`, `STORAGE_FAILED` */
export const restoreFolder = async (options: RestoreFolder): Promise<RestoredFolder> => {
  const target = resolve(options.path)
  await refuseUsed(target)
  await makeDurableDirectory(dirname(target))
  const draft = join(dirname(target), `.${basename(target)}.restoring`)
  await makeDurableDirectory(draft)
  const lock = await acquireFolderLock(draft, options.random)
  try {
    // F1.
    for (const name of [STATE_FOLDER, 'acknowledged']) await rm(join(draft, name), { recursive: true, force: true })
    const restored = await restoreDraft(draft, options)
    await lock.release()
    await syncPath(draft)
    await refuseUsed(target)
    await rename(draft, target)
    await syncPath(dirname(target))
    return restored
  } catch (error) {
    await lock.release()
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

const restoreDraft = async (draft: string, { pieces, pace, random, judge }: RestoreFolder): Promise<RestoredFolder> => {
  const newGeneration = generationFrom(random.bytes(8))
  const store = await openLevelStore(join(draft, STATE_FOLDER))
  try {
    const restored = await restoreState(store, pieces, {
      pace,
      judge: (found) => {
        judge(found)
        return { generation: newGeneration, applied: found.sequence }
      },
    })
    acknowledge(draft, newGeneration, restored.sequence)
    return { ...restored, newGeneration }
  } finally {
    await store.close()
  }
}

/** As every folder that was written to has it: so nobody is told that it is made anew. */
const acknowledge = (folder: string, generation: Generation, sequence: Sequence): void => {
  const file = openAcknowledgedFile(join(folder, 'acknowledged'))
  file.write(sequence, Buffer.from(generation, 'hex'))
  file.close()
}

/** F3. */
const refuseUsed = async (path: string): Promise<void> => {
  const entries = await readdir(path).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'ENOENT') return []
    throw invalidField('path', 'a folder, or a place where one can be made', { path, cause: String(error) })
  })
  if (entries.length > 0) throw invalidField('path', 'a folder that is empty or absent', { path })
}
