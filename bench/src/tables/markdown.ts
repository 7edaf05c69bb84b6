/** Tables of a recorded run as Markdown, and their places in a document. */

export interface Recorded {
  readonly date: string
  readonly commit?: string
  readonly command: string
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string }
  readonly loadAverage: { readonly start: readonly number[]; readonly end: readonly number[] }
  readonly tables?: readonly MarkdownTable[]
}

interface MarkdownTable {
  readonly title?: string
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The run that it was, and its tables. */
export const markdownOf = ({ date, commit, command, machine, loadAverage, tables = [] }: Recorded): string => {
  const { cpu, cores, node } = machine
  const loads = `load ${loadAverage.start[0]} to ${loadAverage.end[0]}`
  const place = `${cpu}, ${cores} cores, node ${node}, ${loads}`
  const run = `\`${command}\`: ${date.slice(0, 10)}, ${commit?.slice(0, 7) ?? 'no commit'}, ${place}.`
  return [run, ...tables.map(tableOf)].join('\n\n')
}

const tableOf = ({ title, heads, rows }: MarkdownTable): string => {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`
  const rule = `|${heads.map((_, column) => (column === 0 ? '---|' : '--:|')).join('')}`
  const lines = [line(heads), rule, ...rows.map(line)].join('\n')
  return title === undefined ? lines : `${title}:\n\n${lines}`
}

const escaped = (cell: string): string => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Puts each content between the comments of its name, and leaves what has none as it is. */
export const placeTables = (document: string, contents: ReadonlyMap<string, string>): string =>
  document.replaceAll(
    /(<!-- tables: (\S+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (whole: string, begin: string, name: string, end: string) => {
      const content = contents.get(name)
      return content === undefined ? whole : `${begin}\n${content}\n\n${end}`
    },
  )
