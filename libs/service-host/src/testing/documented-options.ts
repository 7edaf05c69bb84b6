/** The options of a service as the guide for operators has them, so that a test can hold the two together. */
import { optionRows } from '../config/configuration-text.ts'
import type { OptionTable } from '../config/option-table.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** The rows of the table of options, as Markdown. */
export const optionLines = (table: OptionTable): readonly string[] =>
  optionRows(table).map(({ path, variable, range, default: otherwise, about }) => {
    const isWord = otherwise === '' || otherwise === 'required'
    const cells = [`\`${path}\``, `\`${variable}\``, range, isWord ? otherwise : `\`${otherwise}\``, about]
    return `| ${cells.map(cell).join(' | ')} |`
  })

/** The rows below the heading `### title` of a guide. */
export const documentedLines = (guide: string, title: string): readonly string[] => {
  const [, section = ''] = guide.split(`\n### ${title}\n`)
  const [before = ''] = section.split(/\n#+ /)
  return before.split('\n').filter((line) => line.startsWith('| `'))
}
