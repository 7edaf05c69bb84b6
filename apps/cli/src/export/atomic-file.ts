/**
 * A file that is whole or not there: written beside its place, synced, and moved into it.
 */
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import type { IdSource } from '@waggle/kernel'
import { writingAt } from '../output-failure.ts'

/** What is written at a time. */
const BUFFER_CHARACTERS = 256 * 1024

export class AtomicFile {
  readonly #path: string
  readonly #temporary: string
  readonly #file: FileHandle
  #buffer = ''

  private constructor(target: string, temporary: string, file: FileHandle) {
    this.#path = target
    this.#temporary = temporary
    this.#file = file
  }

  /** @throws Fault `OUTPUT_FAILED` */
  static async create(named: string, ids: IdSource): Promise<AtomicFile> {
    const target = await placeOf(named)
    const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${ids.uuid()}.tmp`)
    return writingAt(target, async () => new AtomicFile(target, temporary, await open(temporary, 'wx')))
  }

  /** @throws Fault `OUTPUT_FAILED` */
  async write(text: string): Promise<void> {
    this.#buffer += text
    if (this.#buffer.length >= BUFFER_CHARACTERS) await writingAt(this.#path, async () => this.#flush())
  }

  /** Puts the file in its place; only now it is there. @throws Fault `OUTPUT_FAILED` */
  async commit(): Promise<void> {
    await writingAt(this.#path, async () => {
      await this.#flush()
      await this.#file.sync()
      await this.#file.close()
      await rename(this.#temporary, this.#path)
      await syncFolder(path.dirname(this.#path))
    })
  }

  /** Leaves nothing behind. Does no harm after `commit`. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined)
    await rm(this.#temporary, { force: true })
  }

  async #flush(): Promise<void> {
    const text = this.#buffer
    this.#buffer = ''
    await this.#file.writeFile(text)
  }
}

/**
 * Where the file will stand: behind a link, not in its stead. What is there and no file, such as a device, would be
 * replaced by one.
 */
const placeOf = async (named: string): Promise<string> =>
  writingAt(named, async () => {
    const target = await realpath(named).catch(() => named)
    const there = await stat(target).catch(() => undefined)
    if (there !== undefined && !there.isFile()) throw new Error('it is no regular file')
    return target
  })

/** The new name is on the disk, too. Some systems cannot sync a folder; there the file's own sync has to do. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder).catch(() => undefined)
  if (handle === undefined) return
  await handle.sync().catch(() => undefined)
  await handle.close()
}
