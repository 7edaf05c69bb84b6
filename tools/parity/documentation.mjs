/**
 * Reads `docs/parity.md`: tables for people, of which two say why a published case is not ported. A table is known by
 * its heading's first word; cells hold names between backticks.
 */
import path from 'node:path'

/** The rows of the table under a heading, as lists of cells. */
const tableUnder = (text, heading) => {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading))
  if (section === undefined) throw new Error(`docs: no heading "## ${heading}"`)
  const lines = section.split('\n').filter((line) => line.startsWith('|'))
  // The heading row and the rule below it.
  return lines.slice(2).map((line) => {
    const cells = line.split(/(?<!\\)\|/).slice(1, -1)
    return cells.map((cell) => cell.trim().replaceAll('\\|', '|'))
  })
}

const namesIn = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1])

/** What a test's title is in the documentation: backticks around names inside it are for people. */
const plain = (text) => text.replaceAll('`', '')

/**
 * The deviations; covered cases with the test that covers each, and cases that have no meaning here with the reason.
 * @param text of the document
 */
export const readDocumentation = (text) => ({
  deviations: tableUnder(text, 'Deviations').map(([what, theirs, ours, why]) => ({ what, theirs, ours, why })),
  covered: tableUnder(text, 'Covered').flatMap(([file, names, testFile, title]) =>
    namesIn(names).map((name) => ({
      file: plain(file),
      name,
      testFile: plain(testFile ?? ''),
      title: plain(title ?? ''),
    })),
  ),
  notApplicable: tableUnder(text, 'Not applicable').flatMap(([file, names, reason]) =>
    namesIn(names).map((name) => ({ file: plain(file), name, reason: reason ?? '' })),
  ),
})

/** Published cases: one a line, upstream's file, a tab, upstream's name. */
export const readCases = (text) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [file, name] = line.split('\t')
      return { file, name }
    })

/** Where the repository's paths begin in a report, which has absolute ones. */
export const relativeTo = (root, file) => path.relative(root, file).split(path.sep).join('/')
