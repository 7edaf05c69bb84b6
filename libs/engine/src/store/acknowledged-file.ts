/**
 * The file that remembers the last acknowledged sequence number outside LevelDB (rule K2). It is written before each
 * acknowledgement and not synced: kill -9 cannot take it back, so a state behind it at the next opening has lost what
 * was acknowledged. (A power cut may take it back, but only to an older number, which asserts less.)
 *
 * Layout, 24 bytes: sequence number, 8, big endian · generation, 8 · CRC-32 of these, 4 · zeros, 4.
 */
import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { assert } from '@waggle/kernel'
import { engineFault } from '../errors.ts'

const FILE_SIZE_BYTES = 24
const COVERED_SIZE_BYTES = 16
const GENERATION_SIZE_BYTES = 8

export interface Acknowledgement {
  readonly sequence: number
  /** 8 bytes that name the life of the folder to which the sequence number belongs. */
  readonly generation: Uint8Array
}

export interface AcknowledgedFile {
  /** What the file said when it was opened; `undefined` when it was absent or damaged, which the caller judges. */
  readonly sequence: number | undefined
  /** Present exactly when `sequence` is. */
  readonly generation: Uint8Array | undefined
  /**
   * Replaces the sequence number, in one synchronous write of some 2 µs, and the generation when one is given. The
   * first write to a file that named none has to give one.
   * @throws Fault `STORAGE_FAILED`: then nothing must be acknowledged
   */
  write(sequence: number, generation?: Uint8Array): void
  close(): void
}

/** The content of the file; `undefined` when it is not of its size or fails its checksum. */
export const decodeAcknowledgement = (bytes: Uint8Array): Acknowledgement | undefined => {
  if (bytes.length !== FILE_SIZE_BYTES) return undefined
  const view = Buffer.from(bytes)
  const isWhole = view.readUInt32BE(16) === crc32(view.subarray(0, COVERED_SIZE_BYTES)) && view.readUInt32BE(20) === 0
  const sequence = Number(view.readBigUInt64BE(0))
  if (!isWhole || !Number.isSafeInteger(sequence)) return undefined
  return { sequence, generation: new Uint8Array(view.subarray(8, COVERED_SIZE_BYTES)) }
}

export const encodeAcknowledgement = ({ sequence, generation }: Acknowledgement): Uint8Array => {
  assert(Number.isSafeInteger(sequence) && sequence >= 0, 'a sequence number is a whole number')
  assert(generation.length === GENERATION_SIZE_BYTES, 'a generation has 8 bytes')
  const bytes = Buffer.alloc(FILE_SIZE_BYTES)
  bytes.writeBigUInt64BE(BigInt(sequence), 0)
  bytes.set(generation, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, COVERED_SIZE_BYTES)), 16)
  return bytes
}

const refused = (path: string, error: unknown): Error => {
  const cause = error instanceof Error ? error.message : String(error)
  const message = `the file of acknowledgements cannot be used: ${cause} path=${path}`
  return engineFault('STORAGE_FAILED', message, { path, cause }, { cause: error })
}

const readAcknowledgement = (file: number): Acknowledgement | undefined => {
  const bytes = Buffer.alloc(FILE_SIZE_BYTES + 1)
  return decodeAcknowledgement(bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0)))
}

/**
 * Opens the file at `path`, or makes an empty one.
 * @throws Fault `STORAGE_FAILED` when it can be neither; never because of what it contains
 */
export const openAcknowledgedFile = (path: string): AcknowledgedFile => {
  let file: number | undefined
  let found: Acknowledgement | undefined
  try {
    file = openSync(path, constants.O_RDWR | constants.O_CREAT)
    found = readAcknowledgement(file)
  } catch (error) {
    if (file !== undefined) closeSync(file)
    throw refused(path, error)
  }
  let isWhole = found !== undefined
  let current = found?.generation
  return {
    sequence: found?.sequence,
    generation: found?.generation,
    write(sequence, generation = current) {
      assert(file !== undefined, 'the file of acknowledgements is closed')
      assert(generation !== undefined, 'the first acknowledgement names the generation')
      const bytes = encodeAcknowledgement({ sequence, generation })
      try {
        // Only now: until the caller has decided to go on, damaged content stays as it is.
        if (!isWhole) ftruncateSync(file, 0)
        isWhole = true
        const written = writeSync(file, bytes, 0, bytes.length, 0)
        if (written !== bytes.length) throw new Error(`only ${written} bytes were written`)
      } catch (error) {
        throw refused(path, error)
      }
      current = generation
    },
    close() {
      if (file !== undefined) closeSync(file)
      file = undefined
    },
  }
}
