/**
 * What LevelDB leaves undone for S2. A synced write flushes the write-ahead log it went into, but not the log before
 * it: when unsynced writes filled that one up, they lie in it unflushed until a background thread has made a table of
 * them. A power cut in between would lose them and keep the later write.
 */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { syncPath } from './durable-directory.ts'

/**
 * Flushes every write-ahead log in `directory`, and the directory itself. A log that goes meanwhile has become a table,
 * and LevelDB flushes that before it deletes the log. Opening a log drops no lock: LevelDB's hangs on its LOCK file.
 */
export const syncLogs = async (directory: string): Promise<void> => {
  const logs = (await readdir(directory)).filter((name) => /^\d+\.log$/u.test(name))
  for (const name of logs) await syncPath(path.join(directory, name))
  await syncPath(directory)
}
