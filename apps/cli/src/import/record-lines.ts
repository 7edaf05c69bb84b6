/**
 * Records lines as new experiences, many at a time.
 *
 * W1  Lines are sent in the order of the file, so `list` shows them in that order; on a cluster with several routers
 *     only if they are sent one by one, for two that are under way at once may pass one another.
 * W2  What is wrong with a line by itself is found before anything behind it is sent; only what the state decides (an
 *     id that is taken) is found while up to `concurrency` lines behind are under way. Those are finished.
 */
import { isFault, type Timers } from '@waggle/kernel'
import type { NewExperience } from '@waggle/protocol'
import type { CollectiveHandle } from '@waggle/sdk'
import { commandFault } from '../faults.ts'
import type { VectorFile } from '../matrix/vector-file.ts'
import type { Ledger } from './ledger.ts'
import type { DecodedLine, LineFields } from './line-fields.ts'
import { lineKey, type KeyedLine } from './line-key.ts'
import type { Line } from './line-reader.ts'
import { checkedExperience } from './line-rules.ts'
import { OrderedWindow } from './ordered-window.ts'
import { isStored } from './stored-line.ts'

export interface LineSource {
  readonly lines: AsyncIterable<Line>
  readonly fields: LineFields
  readonly matrix: VectorFile | undefined
}

export interface RecordLinesParts extends LineSource {
  readonly hive: CollectiveHandle
  readonly ledger: Ledger
  readonly concurrency: number
  readonly timers: Timers
}

interface Outcome {
  readonly line: Line
  readonly error?: unknown
}

/** Resolves with the number of rows read when the input, or the import, has ended. */
export const recordLines = async (parts: RecordLinesParts): Promise<number> => {
  const { lines, ledger, hive, concurrency, timers } = parts
  let rows = 0
  let embedsBefore: boolean | undefined
  const window = new OrderedWindow<Outcome>(concurrency, ({ line, error }) => {
    if (error === undefined) ledger.accept(line)
    else ledger.refuse(line, error)
  })
  for await (const line of lines) {
    if (ledger.isStopped()) break
    rows = line.row + 1
    try {
      const { bytes, fields } = await fieldsOfLine(line, parts)
      const experience = checkedExperience(hive.info, fields)
      const embeds = experience.embedding === undefined
      // W1: a record whose embedding is made first takes more turns to reach the store than one that has its own.
      if (embedsBefore !== undefined && embeds !== embedsBefore) await timers.yield()
      embedsBefore = embeds
      await window.room()
      // A fault of an earlier line may have come to light while this one waited.
      if (!ledger.isStopped()) window.push(recordLine(parts, { ...line, bytes }, experience))
    } catch (error) {
      // W2: what precedes comes to its end, and is reported, first.
      await window.drain()
      if (!ledger.isStopped()) ledger.refuse(line, error)
    }
  }
  await window.drain()
  return rows
}

/** What a line says, with the vector of its row where there is a matrix. @throws Fault of kind `invalid` */
export const fieldsOfLine = async (
  { bytes, row }: Line,
  { fields, matrix }: LineSource,
): Promise<DecodedLine & { readonly bytes: Uint8Array }> => {
  if (bytes === undefined) throw commandFault('MALFORMED_LINE', 'line is longer than any request can be')
  const { entity, fields: decoded } = fields.decode(bytes)
  return { bytes, entity, fields: matrix === undefined ? decoded : { ...decoded, embedding: await matrix.read(row) } }
}

/** Never rejects. */
const recordLine = async (
  { hive, ledger }: RecordLinesParts,
  line: Line & KeyedLine,
  experience: NewExperience,
): Promise<Outcome> => {
  try {
    await hive.record(experience, { idempotencyKey: lineKey(line) })
    return { line }
  } catch (error) {
    if (!isFault(error)) return { line, error }
    if (error.code === 'ALREADY_EXISTS' && (await isStored(hive, experience))) return { line }
    ledger.foresee(error)
    return { line, error }
  }
}
