/**
 * A matrix of little-endian float32 rows in a file, read row by row: a file of any size takes the memory of one block.
 *
 * V1  Rows are counted from 0, and only whole ones count.
 * V2  Neighbouring rows come from one read: an import asks for them one after the other.
 */
import type { FileHandle } from 'node:fs/promises'
import { float32FromBytes } from '@waggle/protocol'
import { commandFault } from '../faults.ts'
import { openInput, unreadable } from '../input-file.ts'

const FLOAT_BYTES = 4
/** What is read at a time: large enough that a read costs little a row. */
const BLOCK_BYTES = 256 * 1024

export class VectorFile {
  readonly path: string
  readonly dimension: number
  readonly sizeBytes: number
  readonly #file: FileHandle
  readonly #blockRows: number
  #block: { readonly firstRow: number; readonly bytes: Uint8Array } | undefined

  private constructor(file: FileHandle, { path, dimension, sizeBytes }: VectorFileFacts) {
    this.#file = file
    this.path = path
    this.dimension = dimension
    this.sizeBytes = sizeBytes
    this.#blockRows = Math.max(1, Math.floor(BLOCK_BYTES / this.#rowBytes))
  }

  /** @throws Fault `INPUT_UNREADABLE` */
  static async open(path: string, dimension: number): Promise<VectorFile> {
    const file = await openInput(path)
    const stat = await file.stat()
    if (stat.isFile()) return new VectorFile(file, { path, dimension, sizeBytes: stat.size })
    await file.close()
    throw unreadable(path, new Error('rows can only be read from a regular file'))
  }

  /** V1 */
  get rows(): number {
    return Math.floor(this.sizeBytes / this.#rowBytes)
  }

  /** Bytes behind the last whole row: none, or the dimension is another or the file was cut off. */
  get restBytes(): number {
    return this.sizeBytes % this.#rowBytes
  }

  get #rowBytes(): number {
    return this.dimension * FLOAT_BYTES
  }

  /** @throws Fault `MATRIX_MISMATCH` when there is no such row */
  async read(row: number): Promise<Float32Array> {
    if (row >= this.rows) throw this.#missing(row)
    const block = await this.#blockOf(row)
    const start = (row - block.firstRow) * this.#rowBytes
    const bytes = block.bytes.subarray(start, start + this.#rowBytes)
    if (bytes.length < this.#rowBytes) throw this.#missing(row)
    return float32FromBytes(bytes)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  /** V2 */
  async #blockOf(row: number): Promise<{ readonly firstRow: number; readonly bytes: Uint8Array }> {
    const known = this.#block
    if (known !== undefined && row >= known.firstRow && row < known.firstRow + this.#blockRows) return known
    const buffer = Buffer.allocUnsafe(this.#blockRows * this.#rowBytes)
    const bytesRead = await readFully(this.#file, buffer, row * this.#rowBytes).catch((error: unknown) => {
      throw unreadable(this.path, error)
    })
    const block = { firstRow: row, bytes: buffer.subarray(0, bytesRead) }
    this.#block = block
    return block
  }

  #missing(row: number) {
    const { path, rows, restBytes, dimension } = this
    const rest = restBytes === 0 ? '' : ` restBytes=${restBytes}`
    return commandFault(
      'MATRIX_MISMATCH',
      `matrix has no such row row=${row} rows=${rows}${rest} dimension=${dimension} path=${path}`,
      { row, rows, restBytes, dimension, path },
    )
  }
}

interface VectorFileFacts {
  readonly path: string
  readonly dimension: number
  readonly sizeBytes: number
}

/** Reads until the buffer is full or the file ends: one `read` may give less than it was asked for. */
const readFully = async (file: FileHandle, buffer: Buffer, position: number): Promise<number> => {
  let total = 0
  while (total < buffer.length) {
    const { bytesRead } = await file.read(buffer, total, buffer.length - total, position + total)
    if (bytesRead === 0) break
    total += bytesRead
  }
  return total
}
