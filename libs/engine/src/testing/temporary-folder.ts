import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A new empty folder of the test's own; `remove` deletes it with all that is in it. */
export interface TemporaryFolder {
  readonly path: string
  remove(): Promise<void>
}

export const temporaryFolder = async (): Promise<TemporaryFolder> => {
  const folder = await mkdtemp(path.join(await realpath(tmpdir()), 'waggle-'))
  return { path: folder, remove: async () => rm(folder, { recursive: true, force: true }) }
}
