/**
 * The lines of a stream of bytes, in bounded memory.
 *
 * R1  A line ends with a line feed or with the stream; a carriage return before it belongs to neither. So a file whose
 *     last line break is missing, or that went through another system, has the same lines.
 * R2  Lines of white space alone are counted, since people look lines up by their number, but they are no rows.
 * R3  A line that is longer than any request is told as such; its bytes are not kept.
 * R4  What an interrupt leaves of a line is no line: its bytes, and so its key, would be others than the whole line's.
 */
import { limits } from '@waggle/protocol'

export interface Line {
  /** Counted from 1, as an editor shows it. */
  readonly number: number
  /** Counted from 0 over the lines that hold something: the row of the matrix that belongs to it. R2 */
  readonly row: number
  /** Without the line break; `undefined` when it is too long. R1, R3 */
  readonly bytes: Uint8Array | undefined
  /** Bytes of the stream up to its end. */
  readonly endOffset: number
}

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const WHITE_SPACE: ReadonlySet<number> = new Set([0x20, 0x09, CARRIAGE_RETURN])

export async function* readLines(source: AsyncIterable<Uint8Array>, interrupted: AbortSignal): AsyncGenerator<Line> {
  const cutter = new LineCutter()
  for await (const chunk of source) {
    let start = 0
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      cutter.take(chunk.subarray(start, end))
      const line = cutter.cut(1)
      if (line !== undefined) yield line
      start = end + 1
    }
    cutter.take(chunk.subarray(start))
  }
  if (interrupted.aborted) return // R4
  const last = cutter.cut(0)
  if (last !== undefined) yield last
}

/** How many lines hold something. */
export const countRows = async (source: AsyncIterable<Uint8Array>, interrupted: AbortSignal): Promise<number> => {
  let rows = 0
  for await (const line of readLines(source, interrupted)) rows = line.row + 1
  return rows
}

class LineCutter {
  #pieces: Uint8Array[] = []
  #size = 0
  #number = 0
  #row = 0
  #offset = 0

  take(piece: Uint8Array): void {
    if (piece.length === 0) return
    this.#size += piece.length
    // R3
    if (this.#size > limits.REQUEST_BYTES_MAX) this.#pieces = []
    else this.#pieces.push(piece)
  }

  /** The line that was taken so far, or `undefined` when it is blank. */
  cut(lineBreakBytes: 0 | 1): Line | undefined {
    const bytes = this.#size > limits.REQUEST_BYTES_MAX ? undefined : withoutReturn(Buffer.concat(this.#pieces))
    this.#offset += this.#size + lineBreakBytes
    this.#pieces = []
    this.#size = 0
    this.#number += 1
    if (bytes?.every((byte) => WHITE_SPACE.has(byte)) === true) return undefined
    const line = { number: this.#number, row: this.#row, bytes, endOffset: this.#offset }
    this.#row += 1
    return line
  }
}

/** R1 */
const withoutReturn = (bytes: Uint8Array): Uint8Array =>
  bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes
