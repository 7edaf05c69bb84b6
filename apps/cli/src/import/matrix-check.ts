/**
 * Whether a matrix can belong to a file of lines. A matrix that is a little short, or cut off, is the business of the
 * first line without a row; one of another dimension would give every line a wrong vector, in silence.
 */
import type { Fault } from '@waggle/kernel'
import { fault } from '@waggle/protocol'
import { commandFault } from '../faults.ts'
import type { VectorFile } from '../matrix/vector-file.ts'
import { counted } from '../terminal/layout.ts'

const FLOAT_BYTES = 4

/**
 * The fault of a matrix that has exactly one row for each line, but of another dimension. One that would also be whole
 * rows of the right dimension, only fewer than lines, is believed.
 */
export const otherDimension = (matrix: VectorFile, lines: number): Fault | undefined => {
  const { dimension, sizeBytes, rows, restBytes, path } = matrix
  const actual = sizeBytes / FLOAT_BYTES / lines
  const isBelievable = restBytes === 0 && rows <= lines
  if (isBelievable || lines === 0 || !Number.isInteger(actual)) return undefined
  return fault(
    'DIMENSION_MISMATCH',
    `matrix has rows of another dimension expected=${dimension} got=${actual} lines=${lines} path=${path}`,
    { field: 'embeddings', expected: dimension, got: actual },
  )
}

/** The fault of a matrix of which something is left after the last line. */
export const rowsLeft = ({ rows, restBytes, path }: VectorFile, lines: number): Fault | undefined => {
  if (rows <= lines && (rows < lines || restBytes === 0)) return undefined
  const what = rows > lines ? counted(rows - lines, 'row') : counted(restBytes, 'byte')
  return commandFault('MATRIX_MISMATCH', `matrix has ${what} more than there are lines lines=${lines} path=${path}`, {
    rows,
    restBytes,
    lines,
    path,
  })
}
