/** How trouble with LevelDB and its files becomes a fault. */
import type { Fault } from '@waggle/kernel'
import { engineFault } from '../errors.ts'

/** `reason` says what is wrong at `offset` bytes into the file `path`. */
export const damagedFile = (path: string, offset: number, reason: string): Fault =>
  engineFault('CORRUPT', `a database file is damaged: ${reason} path=${path} offset=${offset}`, {
    path,
    offset,
    reason,
  })

export const missingFile = (path: string, reason: string): Fault =>
  engineFault('CORRUPT', `a database file is missing: ${reason} path=${path}`, { path, reason })

/** What the operating system says of a file that is not there, or that the disk cannot give any more. */
const LOST_FILE = /No such file or directory|Input\/output error/u
const LOST_FILE_CODES: readonly unknown[] = ['ENOENT', 'EIO', 'EISDIR', 'ENOTDIR']

const errorOf = (error: unknown): Error & { readonly code?: unknown } =>
  error instanceof Error ? error : new Error(String(error))

/** A failed `open`, `stat` or `read` of a file that has to be there. Wanting rights or descriptors is not damage. */
export const unreadableFile = (path: string, cause: unknown): Fault => {
  const { code, message } = errorOf(cause)
  const lost = LOST_FILE_CODES.includes(code)
  return engineFault(
    lost ? 'CORRUPT' : 'STORAGE_FAILED',
    `a database file cannot be read: ${message} path=${path}`,
    { path, cause: message },
    { cause },
  )
}

/** An error of LevelDB while it opened or read the database at `path`. Its codes are missing on synchronous reads. */
export const levelFault = (path: string, error: unknown): Fault => {
  const outer = errorOf(error)
  const cause = outer.cause === undefined ? outer : errorOf(outer.cause)
  const { code, message } = cause
  const details = { path, cause: message }
  if (code === 'LEVEL_LOCKED') {
    return engineFault('DATABASE_LOCKED', `another store holds the database path=${path}`, details, { cause })
  }
  const damaged = code === 'LEVEL_CORRUPTION' || /^Corruption:|does not exist/u.test(message) || LOST_FILE.test(message)
  return damaged
    ? engineFault('CORRUPT', `the database is damaged: ${message} path=${path}`, details, { cause })
    : engineFault('STORAGE_FAILED', `the database cannot be used: ${message} path=${path}`, details, { cause })
}
