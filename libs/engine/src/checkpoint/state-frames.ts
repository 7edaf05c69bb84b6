/**
 * The whole state at one moment, row by row in the order of keys, as bytes: what digests are taken of, and what a
 * checkpoint consists of. So whoever checks a digest has checked every row.
 *
 * ```
 * keyLength:4 valueLength:4 key value            big-endian; a key is never empty
 * ```
 *
 * F1  All rows are in it but those of the replica itself, which say nothing about the state (`state/keyspace.ts`): 01,
 *     the embedded log; 02, the run of hashes that tells whether LevelDB lost something; and of 00, the position, the
 *     one field that says where that run begins. Indexes are in memory alone.
 * F2  It comes in pieces of bounded size, and rests in between: nobody waits for it (P11).
 */
import type { Sequence } from '@waggle/protocol'
import { encodePosition, readPosition, type Position } from '../recovery/position.ts'
import { piecePrefix, positionKey, stateStart } from '../state/keyspace.ts'
import { prefixRange } from '../store/prefix-range.ts'
import type { StoreReader, StoreRow } from '../store/key-value-store.ts'

/** Called after each piece; resolves when the next may come. */
export type Pace = (bytes: number) => Promise<void> | undefined

export const FRAME_HEADER_BYTES = 8

/** Of a piece: 0.5 ms of work for rows of 1.5 KB, 2 ms for rows of 60 bytes (measured). */
const PIECE_BYTES = 128 * 1024
const PIECE_ROWS = 512

/** Without a stop, for small states and tests. */
export const unpaced: Pace = () => undefined

/** What stands before key and value. */
export const frameHeader = (keyLength: number, valueLength: number): Uint8Array => {
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES)
  header.writeUInt32BE(keyLength, 0)
  header.writeUInt32BE(valueLength, 4)
  return header
}

/** The position as every replica has it (F1). */
const sharedPosition = (position: Position): Uint8Array => encodePosition({ ...position, runFrom: 0 as Sequence })

/** @throws Fault `CORRUPT` */
export async function* stateFrames(snapshot: StoreReader, pace: Pace): AsyncGenerator<Uint8Array> {
  let rows: StoreRow[] = []
  let bytes = 0
  for await (const row of stateRows(snapshot)) {
    rows.push(row)
    bytes += FRAME_HEADER_BYTES + row[0].length + row[1].length
    if (bytes < PIECE_BYTES && rows.length < PIECE_ROWS) continue
    yield framed(rows, bytes)
    // F2.
    await pace(bytes)
    rows = []
    bytes = 0
  }
  if (rows.length > 0) yield framed(rows, bytes)
}

async function* stateRows(snapshot: StoreReader): AsyncGenerator<StoreRow> {
  const position = readPosition(snapshot)
  if (position !== undefined) yield [positionKey(), sharedPosition(position)]
  yield* snapshot.scan(prefixRange(piecePrefix()))
  yield* snapshot.scan({ gte: stateStart() })
}

const framed = (rows: readonly StoreRow[], bytes: number): Uint8Array => {
  const frames = Buffer.allocUnsafe(bytes)
  let at = 0
  for (const [key, value] of rows) {
    at = frames.writeUInt32BE(key.length, at)
    at = frames.writeUInt32BE(value.length, at)
    frames.set(key, at)
    at += key.length
    frames.set(value, at)
    at += value.length
  }
  return frames
}
