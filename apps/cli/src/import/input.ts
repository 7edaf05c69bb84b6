/** The lines that an import reads: of a file, or of stdin where the name is `-`. */
import { bytesOf, openInput, type ByteStream } from '../input-file.ts'
import type { Host } from '../host.ts'
import { countRows, readLines, type Line } from './line-reader.ts'

const CHUNK_BYTES = 256 * 1024

export interface Input {
  readonly lines: AsyncIterable<Line>
  /** Bytes of a file; absent for what has no size, such as a pipe. */
  readonly totalBytes?: number
  /** How many rows there are; absent where looking would use them up. */
  readonly countRows?: () => Promise<number>
  /** Lets go of the input, read or not. */
  close(): void
}

/** @throws Fault `INPUT_UNREADABLE` */
export const openLines = async (path: string, { stdin, interrupted }: Host): Promise<Input> => {
  if (path === '-') return inputOf(stdin, path, interrupted)
  const file = await openInput(path)
  const stat = await file.stat()
  const input = inputOf(file.createReadStream({ highWaterMark: CHUNK_BYTES }), path, interrupted)
  if (!stat.isFile()) return input
  return {
    ...input,
    totalBytes: stat.size,
    countRows: async () => {
      const second = await openInput(path)
      const bytes = bytesOf(second.createReadStream({ highWaterMark: CHUNK_BYTES }), path, interrupted)
      return countRows(bytes, interrupted)
    },
  }
}

const inputOf = (stream: ByteStream, path: string, interrupted: AbortSignal): Input => ({
  lines: readLines(bytesOf(stream, path, interrupted), interrupted),
  close: () => void stream.destroy(),
})
