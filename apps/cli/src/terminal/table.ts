/** Rows under headings. */
import { left, right } from './layout.ts'

export interface Column<Row> {
  readonly heading: string
  readonly cell: (row: Row) => string
  /** Numbers stand at the right. */
  readonly isNumber?: boolean
}

/** The headings and one line a row; nothing where there are no rows. */
export const tableLines = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] => {
  if (rows.length === 0) return []
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)))
  const widths = columns.map(({ heading }, index) =>
    Math.max(...[heading, ...cells.map((line) => line[index] ?? '')].map((text) => [...text].length)),
  )
  const set = (texts: readonly string[]): string =>
    texts
      .map((text, index) => (columns[index]?.isNumber === true ? right : left)(text, widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  return [set(columns.map(({ heading }) => heading)), ...cells.map(set)]
}
