/** Small files of JSON that others read while we write: each is whole, the old one or the new one. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'

export interface WriteOptions {
  /** Nobody but this user may read it. */
  readonly isSecret?: boolean
}

/** Makes the folders that are missing. */
export const writeJsonFile = async (
  file: string,
  value: unknown,
  { isSecret = false }: WriteOptions = {},
): Promise<void> => {
  await mkdir(path.dirname(file), { recursive: true, ...(isSecret ? { mode: 0o700 } : {}) })
  // One draft a process is enough: who writes a file writes it once at a time.
  const draft = `${file}.${process.pid}.draft`
  await writeFile(draft, `${JSON.stringify(value)}\n`, { mode: isSecret ? 0o600 : 0o644 })
  await rename(draft, file)
}

/** `undefined` when it is absent, or no JSON. */
export const readJsonFile = async (file: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}
