/** The lines that an import reads: of a file, or of stdin where the name is `-`. */
import { openInput, unreadable } from '../input-file.ts'
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
      return countRows(untilInterrupted(second.createReadStream({ highWaterMark: CHUNK_BYTES }), path, interrupted))
    },
  }
}

const inputOf = (stream: ByteStream, path: string, interrupted: AbortSignal): Input => ({
  lines: readLines(untilInterrupted(stream, path, interrupted)),
  close: () => void stream.destroy(),
})

type ByteStream = AsyncIterable<unknown> & { destroy(): unknown }

/** The bytes of a stream. An interrupt ends them also while nothing arrives, as on an idle terminal. */
async function* untilInterrupted(stream: ByteStream, path: string, interrupted: AbortSignal): AsyncGenerator<Buffer> {
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
