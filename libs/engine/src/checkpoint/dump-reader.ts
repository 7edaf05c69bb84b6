/**
 * Reads a checkpoint's bytes, in pieces of any size, row by row (`state-dump.ts` writes them).
 *
 * D1  Rows come before it is known whether they are right: what is made of them counts when `finish` has not thrown.
 * D2  One row, and one piece, are in memory at a time.
 */
import { equalBytes, hexOf, sha256Stream } from '@waggle/kernel'
import { engineFault } from '../errors.ts'
import { readPosition, type Position } from '../recovery/position.ts'
import { positionKey } from '../state/keyspace.ts'
import { DUMP_END_BYTES, DUMP_HEAD_BYTES, DUMP_MAGIC, DUMP_VERSION } from './state-dump.ts'
import { FRAME_HEADER_BYTES } from './state-frames.ts'

export interface DumpedRow {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

export interface DumpSummary {
  readonly position: Position
  /** SHA-256 of all frames. */
  readonly digest: string
  readonly rows: number
}

/** Ten times what any row has. */
const KEY_BYTES_MAX = 1 << 16
const VALUE_BYTES_MAX = 1 << 26

export class DumpReader {
  readonly #hash = sha256Stream()
  /** What came and is not a whole frame yet. */
  #rest: Buffer = Buffer.alloc(0)
  #isHeadRead = false
  #isEndSeen = false
  #position: Uint8Array | undefined
  #rows = 0

  /** D1. @throws Fault `CORRUPT`, `FORMAT_UNSUPPORTED` */
  finish(): DumpSummary {
    const digest = this.#hash.digest()
    if (!this.#isEndSeen || this.#rest.length !== DUMP_END_BYTES)
      throw damaged('its end is missing, or something stands behind it')
    const end = this.#rest.subarray(FRAME_HEADER_BYTES)
    if (Number(end.readBigUInt64BE(0)) !== this.#rows) throw damaged('it has another number of rows than it says')
    if (!equalBytes(end.subarray(8), digest)) throw damaged('its digest is another one')
    const position = readPosition({ get: () => this.#position })
    if (position === undefined) throw damaged('it has no position')
    return { position, digest: hexOf(digest), rows: this.#rows }
  }

  /**
   * The rows that the piece completes, the position not among them; all of them must be taken.
   * @throws Fault `CORRUPT`, `FORMAT_UNSUPPORTED`
   */
  *take(piece: Uint8Array): Generator<DumpedRow> {
    if (this.#isEndSeen && this.#rest.length > DUMP_END_BYTES) throw damaged('something stands behind its end')
    const bytes = this.#rest.length === 0 ? viewOf(piece) : Buffer.concat([this.#rest, piece])
    let at = this.#isHeadRead ? 0 : this.#readHead(bytes)
    const begin = at
    while (this.#isHeadRead && !this.#isEndSeen && bytes.length - at >= FRAME_HEADER_BYTES) {
      const [keyLength, valueLength] = [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
      if (keyLength === 0) {
        this.#isEndSeen = true
        break
      }
      if (keyLength > KEY_BYTES_MAX || valueLength > VALUE_BYTES_MAX) throw damaged('a row is larger than rows are')
      const keyEnd = at + FRAME_HEADER_BYTES + keyLength
      if (bytes.length < keyEnd + valueLength) break
      const key = plain(bytes.subarray(at + FRAME_HEADER_BYTES, keyEnd))
      at = keyEnd + valueLength
      this.#rows += 1
      const value = plain(bytes.subarray(keyEnd, at))
      if (equalBytes(key, positionKey())) this.#position = value
      else yield { key, value }
    }
    this.#hash.update(bytes.subarray(begin, at))
    this.#rest = bytes.subarray(at)
  }

  #readHead(bytes: Buffer): number {
    if (bytes.length < DUMP_HEAD_BYTES) return 0
    if (!equalBytes(bytes.subarray(0, DUMP_MAGIC.length), DUMP_MAGIC)) throw damaged('it does not begin like one')
    const version = bytes.readUInt32BE(DUMP_MAGIC.length)
    if (version !== DUMP_VERSION)
      throw engineFault('FORMAT_UNSUPPORTED', `checkpoint has another format format=${version} known=${DUMP_VERSION}`, {
        known: DUMP_VERSION,
      })
    this.#isHeadRead = true
    return DUMP_HEAD_BYTES
  }
}

const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** Bytes of their own: the piece that they came in is let go. */
const plain = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)

const damaged = (reason: string) => engineFault('CORRUPT', `a checkpoint is damaged: ${reason}`, { reason })
