/**
 * Puts the lines of an export back as they were: experiences, relations, insights.
 *
 * S1  Lines travel in chunks, each all or nothing and each with a key made of its bytes. A chunk that is refused is
 *     sent again line by line, to find the one that is to blame and to keep those before it.
 * S2  A record that is there already, byte for byte, is left alone by the store itself; so a chunk that was cut
 *     differently the second time doubles nothing either.
 */
import { Fault, isFault } from '@waggle/kernel'
import type { CollectiveHandle, RestoreManyInput } from '@waggle/sdk'
import { isOfLine, type Ledger } from './ledger.ts'
import type { DecodedLine } from './line-fields.ts'
import { linesKey, type KeyedLine } from './line-key.ts'
import type { Line } from './line-reader.ts'
import { fieldsOfLine, type LineSource } from './record-lines.ts'

/** One request, and one batch of the log: large enough to share an fsync, small enough for any limit of a request. */
const CHUNK_LINES_MAX = 100
const CHUNK_BYTES_MAX = 4_000_000

export interface RestoreLinesParts extends LineSource {
  readonly hive: CollectiveHandle
  readonly ledger: Ledger
}

type RestoredLine = Line & KeyedLine & DecodedLine

/** Resolves with the number of rows read when the input, or the import, has ended. */
export const restoreLines = async (parts: RestoreLinesParts): Promise<number> => {
  const { lines, ledger } = parts
  let rows = 0
  let chunk: RestoredLine[] = []
  let chunkBytes = 0
  const flush = async (): Promise<void> => {
    const full = chunk
    chunk = []
    chunkBytes = 0
    if (full.length > 0) await restoreChunk(parts, full)
  }
  for await (const line of lines) {
    if (ledger.isStopped()) break
    rows = line.row + 1
    try {
      const { bytes, ...decoded } = await fieldsOfLine(line, parts)
      if (chunk.length === CHUNK_LINES_MAX || chunkBytes + bytes.length > CHUNK_BYTES_MAX) await flush()
      chunk.push({ ...line, bytes, ...decoded })
      chunkBytes += bytes.length
    } catch (error) {
      await flush()
      if (!ledger.isStopped()) ledger.refuse(line, error)
    }
  }
  if (!ledger.isStopped()) await flush()
  return rows
}

/** S1 */
const restoreChunk = async (parts: RestoreLinesParts, chunk: readonly RestoredLine[]): Promise<void> => {
  const { hive, ledger } = parts
  try {
    await hive.restore(contentsOf(chunk), { idempotencyKey: linesKey(chunk) })
    for (const line of chunk) ledger.accept(line)
  } catch (error) {
    const [first] = chunk
    if (chunk.length === 1 && first !== undefined) {
      ledger.refuse(first, ofLine(error))
      return
    }
    if (isFault(error) && !isOfLine(error)) {
      ledger.foresee(error)
      return
    }
    for (const line of chunk) if (!ledger.isStopped()) await restoreChunk(parts, [line])
  }
}

/** The store checks every field; what it is given here may be anything. */
const contentsOf = (chunk: readonly RestoredLine[]): RestoreManyInput => {
  const of = (wanted: DecodedLine['entity']) =>
    chunk.filter(({ entity }) => entity === wanted).map(({ fields }) => fields)
  const contents = { experiences: of('experience'), relations: of('relation'), insights: of('insight') }
  return contents as unknown as RestoreManyInput
}

/** The fault of a chunk of one, told of the line instead of the chunk. */
const ofLine = (error: unknown): unknown => {
  if (!isFault(error)) return error
  const { message, details, ...body } = error.toJSON()
  const { field } = details
  const ofField = typeof field === 'string' ? { field: plain(field) } : {}
  return new Fault({ ...body, message: plain(message), details: { ...details, ...ofField } }, error.cause)
}

const plain = (text: string): string => text.replaceAll(/(experiences|relations|insights)\[0\]\./g, '')
