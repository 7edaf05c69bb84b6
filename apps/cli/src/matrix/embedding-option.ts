/** `--embedding FILE.f32 [--row I]`: one vector of a file. */
import type { Command } from 'commander'
import { commandFault, UsageError } from '../faults.ts'
import { decodeInteger } from '../option-values.ts'
import { VectorFile } from './vector-file.ts'

export interface EmbeddingOptions {
  readonly embedding?: string
  readonly row?: number
}

export const addEmbeddingOptions = (command: Command): Command =>
  command
    .option('--embedding <file.f32>', 'little-endian float32 rows')
    .option(
      '--row <i>',
      'which row of it, from 0 (default: 0)',
      decodeInteger({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    )

/** The vector that the options name, if any. @throws Fault `INPUT_UNREADABLE` or `MATRIX_MISMATCH`; UsageError */
export const readEmbedding = async (
  { embedding: path, row = 0 }: EmbeddingOptions,
  dimension: number,
): Promise<Float32Array | undefined> => {
  if (path === undefined) {
    if (row !== 0) throw new UsageError('--row needs --embedding')
    return undefined
  }
  const file = await VectorFile.open(path, dimension)
  try {
    // Rows of another dimension would be read as wrong vectors, in silence.
    if (file.restBytes > 0)
      throw commandFault(
        'MATRIX_MISMATCH',
        `file does not consist of whole rows bytes=${file.sizeBytes} dimension=${dimension} path=${path}`,
        { bytes: file.sizeBytes, dimension, path },
      )
    return await file.read(row)
  } finally {
    await file.close()
  }
}
