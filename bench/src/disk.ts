/** The folder that a benchmark works in, its size, and what its disk can do at best. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { distributionOf, sumOf, type Distribution } from './statistics.ts'

/** Runs `work` in a new folder under `parent`, or the system's temporary one, which is removed whatever happens. */
export const inTemporaryFolder = async <Result>(
  parent: string | undefined,
  work: (folder: string) => Promise<Result>,
): Promise<Result> => {
  const folder = await mkdtemp(join(parent ?? tmpdir(), 'waggle-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Bytes of all files below a folder, which may be in use: files that go meanwhile count for nothing. */
export const folderBytes = async (folder: string): Promise<number> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return sumOf(await Promise.all(files.map(fileBytes)))
}

const fileBytes = async (file: string): Promise<number> => {
  try {
    return (await stat(file)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

/** About what one record is on the disk, without anything around it. */
const APPEND_BYTES = 2048

/**
 * The base that rates of durable writes are divided by: appends to a plain file, one `fdatasync` each. Measured in
 * slices between the slices of what it is compared with, so that a noisy neighbour slows both.
 */
export class SyncBase {
  readonly #file: number
  readonly #bytes = Buffer.alloc(APPEND_BYTES, 'waggle')
  readonly #latenciesMs: number[] = []

  /** @param folder where the measured store is */
  constructor(folder: string) {
    this.#file = openSync(join(folder, 'sync-base'), 'a')
  }

  append(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const start = performance.now()
      writeSync(this.#file, this.#bytes)
      fdatasyncSync(this.#file)
      this.#latenciesMs.push(performance.now() - start)
    }
  }

  get perSecond(): number {
    return (1_000 * this.#latenciesMs.length) / sumOf(this.#latenciesMs)
  }

  get latencyMs(): Distribution {
    return distributionOf(this.#latenciesMs)
  }

  close(): void {
    closeSync(this.#file)
  }
}
