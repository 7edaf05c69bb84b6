/** Files that the user named, opened to be read. */
import { open, type FileHandle } from 'node:fs/promises'
import type { Fault } from '@waggle/kernel'
import { commandFault } from './faults.ts'

/** @throws Fault `INPUT_UNREADABLE` */
export const openInput = async (path: string): Promise<FileHandle> => {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  // A folder opens well and fails at the first read, with a message that names no file.
  if (!(await file.stat()).isDirectory()) return file
  await file.close()
  throw unreadable(path, new Error('it is a folder'))
}

export const unreadable = (path: string, cause: unknown): Fault => {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return commandFault('INPUT_UNREADABLE', `input cannot be read path=${path} reason=${reason}`, { path }, { cause })
}
