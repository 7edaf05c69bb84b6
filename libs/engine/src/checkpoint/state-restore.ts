/**
 * Restores a state from a checkpoint's bytes into an empty store.
 *
 * E1  The position comes last, with a sync, when every row is there and the digest is right: a store in which restoring
 *     was interrupted has none, and nobody takes it for a state.
 * E2  Rows are written in bounded batches, with a rest in between.
 * E3  The run of applied records begins, and ends, with the record of the checkpoint: opening finds it without a gap
 *     (DESIGN K2), and the log is followed from there.
 */
import { equalBytes, hexOf, sha256Stream } from '@waggle/kernel'
import type { Generation, Sequence } from '@waggle/protocol'
import { engineFault } from '../errors.ts'
import { encodePosition, readPosition, type Position } from '../recovery/position.ts'
import { appliedKey, positionKey } from '../state/keyspace.ts'
import { encodeRow } from '../state/rows.ts'
import type { KeyValueStore, StoreChange } from '../store/key-value-store.ts'
import { DUMP_END_BYTES, DUMP_HEAD_BYTES, DUMP_MAGIC, DUMP_VERSION } from './state-dump.ts'
import { FRAME_HEADER_BYTES, type Pace } from './state-frames.ts'

export interface RestoredState {
  readonly generation: Generation
  readonly sequence: Sequence
  readonly digest: string
}

/** E2: some 3 ms of work for rows of 1.5 KB and for rows of 60 bytes (measured). */
const BATCH_BYTES = 256 * 1024
const BATCH_ROWS = 512
/** Ten times what any row has. */
const KEY_BYTES_MAX = 1 << 16
const VALUE_BYTES_MAX = 1 << 26
const NO_HASH = new Uint8Array(32)

/**
 * @param store empty; of no use when this throws
 * @throws Fault `CORRUPT`, `FORMAT_UNSUPPORTED`; what `pieces` throws
 */
export const restoreState = async (
  store: KeyValueStore,
  pieces: AsyncIterable<Uint8Array>,
  pace: Pace,
): Promise<RestoredState> => {
  const reading = new Restoring(store)
  for await (const piece of pieces) {
    await reading.take(piece)
    await pace(piece.length)
  }
  return reading.finish()
}

class Restoring {
  readonly #store: KeyValueStore
  readonly #hash = sha256Stream()
  /** What came and is not a whole frame yet. */
  #rest: Buffer = Buffer.alloc(0)
  #isHeadRead = false
  #isEndSeen = false
  /** E1: as it came, until it is known to be right. */
  #position: Uint8Array | undefined
  #rows = 0
  #batch: StoreChange[] = []
  #batchBytes = 0

  constructor(store: KeyValueStore) {
    this.#store = store
  }

  async take(piece: Uint8Array): Promise<void> {
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
      this.#takeRow(key, plain(bytes.subarray(keyEnd, at)))
      if (this.#batchBytes >= BATCH_BYTES || this.#batch.length >= BATCH_ROWS) await this.#write()
    }
    this.#hash.update(bytes.subarray(begin, at))
    this.#rest = bytes.subarray(at)
  }

  async finish(): Promise<RestoredState> {
    const digest = this.#hash.digest()
    if (!this.#isEndSeen || this.#rest.length !== DUMP_END_BYTES)
      throw damaged('its end is missing, or something stands behind it')
    const end = this.#rest.subarray(FRAME_HEADER_BYTES)
    if (Number(end.readBigUInt64BE(0)) !== this.#rows) throw damaged('it has another number of rows than it says')
    if (!equalBytes(end.subarray(8), digest)) throw damaged('its digest is another one')
    const position = readPosition({ get: () => this.#position })
    if (position === undefined) throw damaged('it has no position')
    await this.#write()
    await this.#writePosition(position)
    return { generation: position.generation, sequence: position.applied, digest: hexOf(digest) }
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

  #takeRow(key: Uint8Array, value: Uint8Array): void {
    this.#rows += 1
    if (equalBytes(key, positionKey())) {
      // E1.
      this.#position = value
      return
    }
    this.#batch.push({ key, value })
    this.#batchBytes += key.length + value.length
  }

  async #write(): Promise<void> {
    await this.#store.write(this.#batch, { sync: false })
    this.#batch = []
    this.#batchBytes = 0
  }

  /** E1, E3. */
  async #writePosition(position: Position): Promise<void> {
    const { applied, tip } = position
    const hash = tip.sequence === applied ? tip.hash : NO_HASH
    await this.#store.write(
      [
        { key: appliedKey(applied), value: encodeRow([hash, 0]) },
        { key: positionKey(), value: encodePosition({ ...position, runFrom: applied }) },
      ],
      { sync: true },
    )
  }
}

const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** Bytes of their own: the piece that they came in is let go. */
const plain = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)

const damaged = (reason: string) => engineFault('CORRUPT', `a checkpoint is damaged: ${reason}`, { reason })
