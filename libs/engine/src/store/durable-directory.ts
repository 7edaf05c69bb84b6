/** Entries of directories that survive a power cut: a file that was flushed is lost all the same if its name is not. */
import { mkdir, open } from 'node:fs/promises'
import path from 'node:path'

/** Flushes a file, or the entries of a directory. What is not there needs no flush. */
export const syncPath = async (target: string): Promise<void> => {
  const handle = await open(target, 'r').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
  try {
    await handle?.sync()
  } finally {
    await handle?.close()
  }
}

/** Makes `directory` and those above it that are missing, and flushes the entry of each that it made. */
export const makeDurableDirectory = async (directory: string): Promise<void> => {
  const first = await mkdir(directory, { recursive: true })
  if (first === undefined) return
  const outermost = path.dirname(path.resolve(first))
  for (let made = path.resolve(directory); made !== outermost; made = path.dirname(made)) {
    await syncPath(path.dirname(made))
  }
}
