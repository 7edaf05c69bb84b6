/**
 * A checkpoint as bytes: the state's frames between a head and an end.
 *
 * ```
 * "WGGLCKPT" version:4                           head
 * frames                                         `state-frames.ts`; the first is the position
 * 0:8 rows:8 digest:32                           end: a frame without key, how many rows came, SHA-256 of the frames
 * ```
 *
 * U1  One pass over a snapshot writes it and takes its digest, in bounded memory.
 * U2  Old versions stay readable (golden bytes); a version that is not known is refused, never guessed at.
 */
import { assert, hexOf, sha256Stream, utf8 } from '@waggle/kernel'
import type { StateDigest } from '../digest.ts'
import { readPosition } from '../recovery/position.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { FRAME_HEADER_BYTES, stateFrames, type Pace } from './state-frames.ts'

export const DUMP_MAGIC = utf8('WGGLCKPT')
export const DUMP_VERSION = 1
export const DUMP_HEAD_BYTES = DUMP_MAGIC.length + 4
export const DUMP_END_BYTES = FRAME_HEADER_BYTES + 8 + 32

/** A dump on its way: `summary` is known when all pieces were taken. */
export interface StateDump {
  readonly pieces: AsyncIterable<Uint8Array>
  /** @throws Error before the last piece was taken */
  readonly summary: () => StateDigest & { readonly bytes: number }
}

/** U1. The snapshot stays the caller's to close; its state has applied at least one record. */
export const dumpState = (snapshot: StoreReader, pace: Pace): StateDump => {
  const position = readPosition(snapshot)
  assert(position !== undefined, 'a state without a position has no record to be named by')
  let digest: string | undefined
  let bytes = 0
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const hash = sha256Stream()
    let rows = 0
    yield head()
    bytes = DUMP_HEAD_BYTES + DUMP_END_BYTES
    for await (const frames of stateFrames(snapshot, pace)) {
      hash.update(frames)
      rows += countFrames(frames)
      bytes += frames.length
      yield frames
    }
    const whole = hash.digest()
    digest = hexOf(whole)
    yield end(rows, whole)
  }
  return {
    pieces: pieces(),
    summary: () => {
      assert(digest !== undefined, 'the last piece was not taken')
      return { sequence: position.applied, digest, bytes }
    },
  }
}

const head = (): Uint8Array => {
  const bytes = Buffer.alloc(DUMP_HEAD_BYTES)
  bytes.set(DUMP_MAGIC)
  bytes.writeUInt32BE(DUMP_VERSION, DUMP_MAGIC.length)
  return bytes
}

const end = (rows: number, digest: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(DUMP_END_BYTES)
  bytes.writeBigUInt64BE(BigInt(rows), FRAME_HEADER_BYTES)
  bytes.set(digest, FRAME_HEADER_BYTES + 8)
  return bytes
}

const countFrames = (frames: Uint8Array): number => {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.length)
  let rows = 0
  for (let at = 0; at < frames.length; rows += 1) at += FRAME_HEADER_BYTES + view.getUint32(at) + view.getUint32(at + 4)
  return rows
}
