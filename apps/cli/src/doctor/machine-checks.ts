/** Examinations of the machine: its Node, the native part of the store, the disk. */
import { open, rm, statfs } from 'node:fs/promises'
import path from 'node:path'
import type { Clock, IdSource } from '@waggle/kernel'
import { openStore, type Task } from '../task.ts'
import { withTemporaryFolder } from '../temporary-folder.ts'
import { duration, size } from '../terminal/layout.ts'
import { refused, type Finding } from './finding.ts'

/** The oldest Node that the project is tested on. */
const NODE_FLOOR = { major: 20, minor: 19 } as const

export const checkNode = (version: string): Finding => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isRecent = major > NODE_FLOOR.major || (major === NODE_FLOOR.major && minor >= NODE_FLOOR.minor)
  const floor = `${NODE_FLOOR.major}.${NODE_FLOOR.minor}`
  if (isRecent) return { check: 'node', state: 'ok', text: `${version}, ${floor} or newer is needed` }
  return {
    check: 'node',
    state: 'fail',
    text: `${version} is older than ${floor}`,
    hint: `Install Node ${floor} or newer.`,
  }
}

/** Opens a store in a folder of its own: only that tells whether the native part of LevelDB fits this machine. */
export const checkNative = async (task: Task): Promise<Finding> => {
  const check = 'leveldb'
  try {
    const text = await withTemporaryFolder(async (path) => {
      const startedMs = task.host.clock.monotonicMs()
      const waggle = await openStore(task, { path })
      await waggle.close()
      return `loads; a new store opens and closes in ${duration(task.host.clock.monotonicMs() - startedMs)}`
    })
    return { check, state: 'ok', text }
  } catch (error) {
    return { ...refused(check, error), hint: 'Run "npm ci" on this machine, with this version of Node.' }
  }
}

/** Room for the log, the state and the compaction of both. */
const FREE_BYTES_WARN = 1_000_000_000
const FREE_BYTES_FAIL = 50_000_000

export const checkDisk = async (folder: string): Promise<Finding> => {
  const check = 'disk'
  try {
    const { bavail, bsize, blocks } = await statfs(folder)
    const free = bavail * bsize
    const text = `${size(free)} of ${size(blocks * bsize)} free`
    if (free >= FREE_BYTES_WARN) return { check, state: 'ok', text }
    const state = free >= FREE_BYTES_FAIL ? 'warn' : 'fail'
    return { check, state, text, hint: 'Free some room: a store that cannot write stops.' }
  } catch (error) {
    return refused(check, error)
  }
}

const FSYNC_COUNT = 20
/** Beyond this a single writer gets less than 50 acknowledged writes a second. */
const FSYNC_MS_WARN = 20

/** Every acknowledged group of writes waits for one fsync, so this is the least that a lone write takes. */
export const checkFsync = async (folder: string, clock: Clock, ids: IdSource): Promise<Finding> => {
  const check = 'fsync'
  try {
    const medianMs = await medianFsyncMs(path.join(folder, `.waggle-doctor-${ids.uuid()}.tmp`), clock)
    const text = `${duration(medianMs)}, the median of ${FSYNC_COUNT}: the least that a lone write takes`
    if (medianMs <= FSYNC_MS_WARN) return { check, state: 'ok', text }
    return { check, state: 'warn', text, hint: 'Put the store on a faster disk, or let many agents write at once.' }
  } catch (error) {
    return refused(check, error)
  }
}

const medianFsyncMs = async (file: string, clock: Clock): Promise<number> => {
  const handle = await open(file, 'wx')
  try {
    const times: number[] = []
    for (let round = 0; round < FSYNC_COUNT; round += 1) {
      await handle.write(`${round}\n`)
      const startedMs = clock.monotonicMs()
      await handle.datasync()
      times.push(clock.monotonicMs() - startedMs)
    }
    return times.sort((one, other) => one - other)[FSYNC_COUNT / 2] as number
  } finally {
    await handle.close()
    await rm(file, { force: true })
  }
}
