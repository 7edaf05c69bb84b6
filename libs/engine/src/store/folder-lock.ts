/**
 * One holder for a folder, by a file named `lock` in it. LevelDB has a lock of its own, taken afterwards as a second
 * line of defence; alone it would not do, because it vanishes as soon as anything in its process opens and closes its
 * LOCK file.
 *
 * The file says who holds the folder (`lock-holder.ts`). A holder that died leaves it behind, so it can be stale, and
 * taking over a stale file is where such locks go wrong: two see it, one replaces it, the other replaces the first.
 * Here nobody removes or replaces a file because it *was* stale when looked at:
 *
 * H1  A file appears under a name only by `link`, which fails when the name is taken, and whole: it is written under
 *     another name before.
 * H2  Each taking has a token that is never used again. The successor of the taking T is the file `lock.T`. So a stale
 *     `lock` is not replaced but succeeded, and if that successor died too, its own successor is, and so on: the holder
 *     is at the end of the chain that begins at `lock`. By H1 each taking has at most one successor.
 * H3  The one at the end renames its file to `lock`, in one step, and the dead before it are out of the chain for good:
 *     T never stands in `lock` again.
 * H4  Whoever was slow may still create `lock.T` after that. So after creating it, and before believing in it, one
 *     follows the chain once more from `lock`: it leads to one's own file only if H3 has not happened. In that case
 *     nobody else can make it happen, for that takes `lock.T`.
 *
 * A dead process cannot come back, so "dead" never turns wrong. Only the holder removes a `lock` that is its own.
 * Needs a file system with hard links.
 */
import { linkSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { hexOf, systemRandom, type Fault, type Random } from '@waggle/kernel'
import { engineFault } from '../errors.ts'
import { holdPath } from './held-paths.ts'
import { currentHolder, decodeLockHolder, stateOfHolder, type LockHolder } from './lock-holder.ts'

const LOCK_FILE_NAME = 'lock'

const TOKEN_SIZE_BYTES = 16
/** Each further attempt means that another process has got ahead meanwhile. */
const ATTEMPTS_MAX = 100

export interface FolderLock {
  /** The folder, symbolic links resolved. */
  readonly folder: string
  /** Lets the next one in; a second call does nothing. */
  release(): Promise<void>
}

/** Where the chain that begins at `lock` ends: at a holder that may be alive, or at a name that is free. */
interface ChainEnd {
  readonly name: string
  readonly holder: LockHolder | undefined
  /** The files of the dead before it. */
  readonly dead: readonly string[]
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

const locked = (folder: string, holder: LockHolder): Fault => {
  const file = path.join(folder, LOCK_FILE_NAME)
  const { pid, host } = holder
  const details = { path: folder, pid, host }
  return stateOfHolder(holder) === 'foreign'
    ? engineFault(
        'DATABASE_LOCKED',
        `the folder is locked from another host, whose processes cannot be seen from here; ` +
          `remove the lock file if that host is gone for good file=${file} host=${host} pid=${pid}`,
        details,
      )
    : engineFault('DATABASE_LOCKED', `a live process holds the folder path=${folder} pid=${pid}`, details)
}

/** The successor's name carries the token of the dead; a damaged file has none, so its identity on the disk serves. */
const readLink = (file: string): { readonly holder: LockHolder | undefined; readonly token: string } | undefined => {
  try {
    const holder = decodeLockHolder(readFileSync(file, 'utf8'))
    if (holder !== undefined) return { holder, token: holder.token }
    const { ino, mtimeNs } = statSync(file, { bigint: true })
    return { holder, token: `${ino}-${mtimeNs}` }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

const followChain = (folder: string): ChainEnd => {
  const dead: string[] = []
  for (let name = LOCK_FILE_NAME; ;) {
    const link = readLink(path.join(folder, name))
    if (link === undefined) return { name, holder: undefined, dead }
    const { holder, token } = link
    if (holder !== undefined && stateOfHolder(holder) !== 'dead') return { name, holder, dead }
    dead.push(name)
    name = `${LOCK_FILE_NAME}.${token}`
  }
}

/** H1. False when somebody else was faster. */
const linkHolder = (folder: string, name: string, holder: LockHolder): boolean => {
  const draft = path.join(folder, `${LOCK_FILE_NAME}.${holder.token}.draft`)
  writeFileSync(draft, `${JSON.stringify(holder)}\n`, { flag: 'wx' })
  try {
    linkSync(draft, path.join(folder, name))
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** H2: unique even if the randomness of two processes begins alike, as that of tests does. */
const newToken = (random: Random): string => {
  const { pid, startedAt } = currentHolder('')
  return `${hexOf(random.bytes(TOKEN_SIZE_BYTES))}-${pid}-${startedAt ?? 0}`
}

/** One attempt; `undefined` when it has to be made again because the chain has changed meanwhile. */
const tryToTake = (folder: string, random: Random): LockHolder | undefined => {
  const end = followChain(folder)
  if (end.holder !== undefined) throw locked(folder, end.holder)
  const holder = currentHolder(newToken(random))
  if (!linkHolder(folder, end.name, holder)) return undefined
  if (end.name === LOCK_FILE_NAME) return holder
  const own = path.join(folder, end.name)
  // H4
  if (followChain(folder).holder?.token !== holder.token) {
    rmSync(own, { force: true })
    return undefined
  }
  // H3
  renameSync(own, path.join(folder, LOCK_FILE_NAME))
  for (const name of end.dead) if (name !== LOCK_FILE_NAME) rmSync(path.join(folder, name), { force: true })
  return holder
}

const take = (folder: string, random: Random): LockHolder => {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const holder = tryToTake(folder, random)
    if (holder !== undefined) return holder
  }
  throw engineFault('DATABASE_LOCKED', `too many processes want the folder path=${folder}`, { path: folder })
}

/** Removes `lock` unless somebody has meddled and it belongs to another taking by now. */
const giveUp = (folder: string, { token }: LockHolder): void => {
  const file = path.join(folder, LOCK_FILE_NAME)
  if (readLink(file)?.token === token) rmSync(file, { force: true })
}

/**
 * Takes the folder, which has to exist, for this thread of this process until `release`. A lock that a dead process
 * left behind is taken over at once. Costs four small file operations.
 * @throws Fault `DATABASE_LOCKED` with `path` and `pid` of the holder: a live process, also a stopped one; ours;
 *   or one on another host, of which nothing can be known (`host`)
 * @throws Fault `STORAGE_FAILED` when no lock file can be made there
 */
export const acquireFolderLock = async (folder: string, random: Random = systemRandom): Promise<FolderLock> => {
  try {
    const realFolder = realpathSync(folder)
    const release = holdPath(realFolder)
    if (release === undefined) throw locked(realFolder, currentHolder(''))
    try {
      const holder = take(realFolder, random)
      let held = true
      return {
        folder: realFolder,
        async release() {
          if (held) giveUp(realFolder, holder)
          if (held) release()
          held = false
        },
      }
    } catch (error) {
      release()
      throw error
    }
  } catch (error) {
    if (codeOf(error) === 'DATABASE_LOCKED') throw error
    const cause = error instanceof Error ? error.message : String(error)
    throw engineFault(
      'STORAGE_FAILED',
      `the folder cannot be locked: ${cause}`,
      { path: folder, cause },
      { cause: error },
    )
  }
}
