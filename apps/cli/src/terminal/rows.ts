import type { Output } from './output.ts'
import { tableLines, type Column } from './table.ts'

/** Rows as a table, or in JSON one a line as `form` gives it. */
export const printRows = async <Row>(
  output: Output,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  form: (row: Row) => unknown,
): Promise<void> => {
  if (output.json) for (const row of rows) await output.data(form(row), () => [])
  else
    await output.write(
      tableLines(columns, rows, output.width)
        .map((line) => `${line}\n`)
        .join(''),
    )
}
