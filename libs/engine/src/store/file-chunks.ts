/**
 * Reading a file from front to back with bounded memory: two buffers, so that the next chunk is on its way while the
 * caller works on this one. Between chunks the event loop runs.
 */
import { open, type FileHandle } from 'node:fs/promises'
import { unreadableFile } from './level-faults.ts'

/**
 * What `crc32c` gets through in about 0.05 ms; a multiple of LevelDB's log block. With four times as much, files are
 * verified no faster, and what was allocated for it stays with the process.
 */
const CHUNK_SIZE_BYTES = 1 << 18

export interface FileChunk {
  /** Where in the file the chunk starts. */
  readonly offset: number
  /** Only valid until the next chunk is asked for. */
  readonly bytes: Uint8Array
}

export class ReadableFile {
  readonly path: string
  readonly size: number
  readonly #handle: FileHandle

  constructor(path: string, size: number, handle: FileHandle) {
    this.path = path
    this.size = size
    this.#handle = handle
  }

  /** The bytes from `offset` on, fewer than `length` only at the end of the file. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.#fill(Buffer.allocUnsafeSlow(length), offset, length)
  }

  /** The bytes of `start … end`, in order. Ends early only when the file shrinks meanwhile. */
  async *chunks(start: number, end: number): AsyncGenerator<FileChunk> {
    const size = Math.min(CHUNK_SIZE_BYTES, end - start)
    const buffers = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)] as const
    const fetch = (offset: number): Promise<Uint8Array> => {
      const buffer = buffers[Math.floor((offset - start) / CHUNK_SIZE_BYTES) % 2] as Buffer
      return this.#fill(buffer, offset, Math.min(CHUNK_SIZE_BYTES, end - offset))
    }
    let ahead = fetch(start)
    try {
      for (let offset = start; offset < end; offset += CHUNK_SIZE_BYTES) {
        const bytes = await ahead
        ahead = fetch(Math.min(offset + CHUNK_SIZE_BYTES, end))
        yield { offset, bytes }
      }
    } finally {
      // The file must not be closed under a read.
      await ahead.catch(() => undefined)
    }
  }

  async #fill(buffer: Buffer, offset: number, length: number): Promise<Uint8Array> {
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await this.#handle
        .read(buffer, filled, length - filled, offset + filled)
        .catch((error: unknown) => {
          throw unreadableFile(this.path, error)
        })
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return buffer.subarray(0, filled)
  }
}

/** Opens `path`, which has to be there, for `use` and closes it in any case. @throws Fault `CORRUPT` when it is not. */
export const withFile = async <Result>(path: string, use: (file: ReadableFile) => Promise<Result>): Promise<Result> => {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw unreadableFile(path, error)
  })
  try {
    const { size } = await handle.stat()
    return await use(new ReadableFile(path, size, handle))
  } finally {
    await handle.close()
  }
}
