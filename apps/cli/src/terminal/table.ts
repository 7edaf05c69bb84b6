/**
 * Rows under headings. Where a line would be too long for the terminal, the last column stands below the others, broken
 * between words: nothing is left out.
 */
import { columnsOf, indented, left, oneLine, right, wrapped } from './text.ts'

export interface Column<Row> {
  readonly heading: string
  readonly cell: (row: Row) => string
  /** Numbers stand at the right. */
  readonly isNumber?: boolean
}

/** Of what stands below: clear of the first column, which tells the rows apart. */
const INDENT = 7

/** The headings and a row each; nothing where there are no rows. @param width columns of the terminal */
export const tableLines = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): readonly string[] => {
  if (rows.length === 0) return []
  const cells = [
    columns.map(({ heading }) => heading),
    ...rows.map((row) => columns.map(({ cell }) => oneLine(cell(row)))),
  ]
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => columnsOf(line[index] ?? ''))))
  const set = (texts: readonly string[]): string =>
    texts
      .map((text, index) => (columns[index]?.isNumber === true ? right : left)(text, widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  const isTooWide = widths.reduce((sum, each) => sum + each + 2, -2) > width
  if (!isTooWide) return cells.map(set)
  return cells.flatMap((line) => {
    const last = line.at(-1) ?? ''
    return [set(line.slice(0, -1)), ...(last === '' ? [] : indented(wrapped(last, width - INDENT), INDENT))]
  })
}
