/**
 * Reads a checkpoint's bytes from end to end and says what is in them, without a store: whoever looks at a backup needs
 * no room for the state.
 *
 * Beside the state's digest it takes one of the *content*: SHA-256 over the frames of those rows that are what tenants
 * have (`state/keyspace.ts`). The position (with it generation and sequence), the pieces of unfinished batches, what
 * the cluster keeps for itself, what deleted collectives have left, and what follows from other rows are left out. So
 * the content of a state is the same before a backup and after it was restored, in whatever life of the log it goes on,
 * for as long as nobody writes and no lifetime ends.
 */
import { hexOf, sha256Stream } from '@waggle/kernel'
import type { Generation, Sequence } from '@waggle/protocol'
import { contentFilter } from '../state/keyspace.ts'
import { DumpReader } from './dump-reader.ts'
import { frameHeader, type Pace } from './state-frames.ts'

export interface InspectedState {
  readonly generation: Generation
  readonly sequence: Sequence
  /** Of its last record: milliseconds since the Unix epoch. */
  readonly timeMs: number
  /** Of every row of the state. */
  readonly digest: string
  /** Of what tenants keep. */
  readonly content: string
  readonly rows: number
  /** Those of them that are content; 0 in a state that no tenant has written to. */
  readonly contentRows: number
  readonly bytes: number
}

/** @throws Fault `CORRUPT`, `FORMAT_UNSUPPORTED`; what `pieces` throws */
export const inspectDump = async (pieces: AsyncIterable<Uint8Array>, pace: Pace): Promise<InspectedState> => {
  const reader = new DumpReader()
  const hash = sha256Stream()
  const isContent = contentFilter()
  let [bytes, contentRows] = [0, 0]
  for await (const piece of pieces) {
    for (const { key, value } of reader.take(piece)) {
      if (!isContent(key)) continue
      contentRows += 1
      hash.update(frameHeader(key.length, value.length))
      hash.update(key)
      hash.update(value)
    }
    bytes += piece.length
    await pace(piece.length)
  }
  const { position, digest, rows } = reader.finish()
  return {
    generation: position.generation,
    sequence: position.applied,
    timeMs: position.timeMs,
    digest,
    content: hexOf(hash.digest()),
    ...{ rows, contentRows, bytes },
  }
}
