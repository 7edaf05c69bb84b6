/** What the user named to be read: files and streams. */
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

export type ByteStream = AsyncIterable<unknown> & { destroy(): unknown }

/**
 * The bytes of a stream, which is gone afterwards. An interrupt ends them also while nothing arrives, as on an idle
 * terminal.
 */
export async function* bytesOf(stream: ByteStream, path: string, interrupted: AbortSignal): AsyncGenerator<Buffer> {
  const end = (): void => void stream.destroy()
  interrupted.addEventListener('abort', end)
  try {
    if (!interrupted.aborted) for await (const chunk of stream) yield chunk as Buffer
  } catch (error) {
    // A stream that was destroyed ends in an error of its own.
    if (!interrupted.aborted) throw unreadable(path, error)
  } finally {
    interrupted.removeEventListener('abort', end)
    end()
  }
}
