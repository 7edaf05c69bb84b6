/**
 * Reads one log of LevelDB, the write-ahead log (`NNNNNN.log`) or the MANIFEST, and tells the trace of a crash from
 * damage. LevelDB itself does not: it drops a bad record and everything behind it in its block, and goes on.
 *
 * A log is blocks of 32 kB; a block is records of { masked CRC-32C, length, type } and payload, with zeros where no
 * header fits; a record that crosses blocks is cut into first, middle… and last.
 *
 * W1  What a crash leaves is fine (`tornTail`): the last record is cut short by the end of the file, or from some disk
 *     sector on there is nothing but zeros up to the end of the file (a file that grew before its data arrived).
 * W2  Everything else that does not fit is damage: a wrong checksum of a record that is all there, a length that leads
 *     out of the block, an unknown type, a piece without its beginning or end, padding that is not zero.
 * W3  A length that was damaged looks like W1 when it leads beyond the end of the file. So a record that is cut short
 *     must not be complete under another length, and no valid record may lie behind it.
 */
import { extendCrc32c, maskCrc32c, uint32At } from './level-coding.ts'
import { damagedFile } from './level-faults.ts'
import { withFile } from './file-chunks.ts'

export interface LogRecord {
  /** Where its first header lies in the file. */
  readonly offset: number
  /** Its first bytes, up to the number asked for. */
  readonly bytes: Uint8Array
}

export interface LogEnd {
  readonly bytes: number
  readonly tornTail: boolean
}

const BLOCK_SIZE_BYTES = 32768
const HEADER_SIZE_BYTES = 7
const TYPE_OFFSET_BYTES = 6
/** The smallest unit in which a disk writes, so that unwritten zeros begin at a multiple of it. */
const SECTOR_SIZE_BYTES = 512

const FULL = 1
const FIRST = 2
const LAST = 4

const lengthAt = (block: Uint8Array, at: number): number => (block[at + 4] as number) | ((block[at + 5] as number) << 8)

/** Whether the record at `at` has its checksum when it is `length` bytes long. */
const isIntact = (block: Uint8Array, at: number, length: number): boolean => {
  const covered = block.subarray(at + TYPE_OFFSET_BYTES, at + HEADER_SIZE_BYTES + length)
  return maskCrc32c(extendCrc32c(0, covered)) === uint32At(block, at)
}

/**
 * W3: whether the record at `at`, which claims more bytes than there are, is rather one with a damaged length. The
 * bytes that were written end at `writtenEnd`, or some zeros later, for a record may end in zeros of its own.
 */
const hidesRecords = (block: Uint8Array, at: number, writtenEnd: number): boolean => {
  for (
    let end = Math.max(writtenEnd, at + HEADER_SIZE_BYTES);
    end <= Math.min(writtenEnd + 8, block.length);
    end += 1
  ) {
    if (isIntact(block, at, end - at - HEADER_SIZE_BYTES)) return true
  }
  for (let next = at + HEADER_SIZE_BYTES; next + HEADER_SIZE_BYTES < writtenEnd; next += 1) {
    const type = block[next + TYPE_OFFSET_BYTES] as number
    const length = lengthAt(block, next)
    const fits = length > 0 && next + HEADER_SIZE_BYTES + length <= block.length
    if (type >= FULL && type <= LAST && fits && isIntact(block, next, length)) return true
  }
  return false
}

/** From which offset on a block is zero up to its end. */
const zerosFrom = (block: Uint8Array): number => {
  let end = block.length
  while (end > 0 && block[end - 1] === 0) end -= 1
  return end
}

/** Takes the blocks of one log in order. It does no input or output. */
class LogScan {
  readonly #path: string
  readonly #size: number
  readonly #keepBytes: number
  readonly #onRecord: (record: LogRecord) => void
  /** The record whose pieces are being gathered. */
  #partial: { readonly offset: number; readonly pieces: Uint8Array[]; kept: number } | undefined
  /** W1: from here on there must be nothing but zeros. */
  #zerosFrom: number | undefined
  #cutShort = false

  constructor(path: string, size: number, keepBytes: number, onRecord: (record: LogRecord) => void) {
    this.#path = path
    this.#size = size
    this.#keepBytes = keepBytes
    this.#onRecord = onRecord
  }

  get tornTail(): boolean {
    return this.#cutShort || this.#partial !== undefined || this.#zerosFrom !== undefined
  }

  /** `offset` is where `block` lies in the file. */
  block(block: Uint8Array, offset: number): void {
    if (this.#zerosFrom !== undefined) {
      if (zerosFrom(block) > 0) throw damagedFile(this.#path, this.#zerosFrom, 'a hole with records behind it')
      return
    }
    let at = 0
    while (block.length - at >= HEADER_SIZE_BYTES) {
      const length = lengthAt(block, at)
      const end = at + HEADER_SIZE_BYTES + length
      const type = block[at + TYPE_OFFSET_BYTES] as number
      const atFileEnd = offset + block.length === this.#size
      if (end > block.length && end <= BLOCK_SIZE_BYTES && atFileEnd && !hidesRecords(block, at, block.length)) {
        this.#cutShort = true
        return
      }
      if (end > block.length || type < FULL || type > LAST || !isIntact(block, at, length)) {
        this.#acceptZeros(block, at, end, offset)
        return
      }
      this.#piece(type, block.subarray(at + HEADER_SIZE_BYTES, end), offset + at)
      at = end
    }
    const rest = block.subarray(at)
    if (offset + block.length === this.#size && block.length < BLOCK_SIZE_BYTES) this.#cutShort ||= rest.length > 0
    else if (zerosFrom(rest) > 0) throw damagedFile(this.#path, offset + at, 'the padding is not zero')
  }

  /** W1: the bad record `at … end` is one of a crash when its sectors from some point on were never written. */
  #acceptZeros(block: Uint8Array, at: number, end: number, offset: number): void {
    const zeros = zerosFrom(block)
    const sector = Math.ceil(zeros / SECTOR_SIZE_BYTES) * SECTOR_SIZE_BYTES
    const unwritten = sector < end && block.length - sector >= SECTOR_SIZE_BYTES
    const isTrace = zeros <= at || (unwritten && !hidesRecords(block, at, zeros))
    if (!isTrace) throw damagedFile(this.#path, offset + at, 'a bad record')
    this.#zerosFrom = offset + at
  }

  #piece(type: number, payload: Uint8Array, offset: number): void {
    const begins = type === FULL || type === FIRST
    if (begins !== (this.#partial === undefined)) throw damagedFile(this.#path, offset, 'a record lacks a piece')
    const partial = (this.#partial ??= { offset, pieces: [], kept: 0 })
    // A copy: the block is only lent.
    const piece = new Uint8Array(payload.subarray(0, this.#keepBytes - partial.kept))
    partial.pieces.push(piece)
    partial.kept += piece.length
    if (type === FULL || type === LAST) {
      this.#partial = undefined
      this.#onRecord({ offset: partial.offset, bytes: Buffer.concat(partial.pieces) })
    }
  }
}

/**
 * Calls `onRecord` with every whole record of the log at `path`, of which the first `keepBytes` bytes are kept.
 * @throws Fault `CORRUPT` with `path`, `offset` and `reason` (W2, W3)
 */
export const readLog = async (
  path: string,
  keepBytes: number,
  onRecord: (record: LogRecord) => void,
): Promise<LogEnd> =>
  withFile(path, async (file) => {
    const scan = new LogScan(path, file.size, keepBytes, onRecord)
    for await (const { offset, bytes } of file.chunks(0, file.size)) {
      for (let start = 0; start < bytes.length; start += BLOCK_SIZE_BYTES) {
        scan.block(bytes.subarray(start, start + BLOCK_SIZE_BYTES), offset + start)
      }
    }
    return { bytes: file.size, tornTail: scan.tornTail }
  })
