/**
 * Reads `docs/parity.md`: a chapter a contract, in each tables for people, of which two say why a published case is not
 * ported. A table is known by its heading's first word; cells hold names between backticks.
 */
import path from 'node:path'

/** What stands under a heading of that level that begins so. */
const under = (text, level, heading) => {
  const mark = '#'.repeat(level)
  const section = text.split(new RegExp(`^${mark} `, 'm')).find((part) => part.startsWith(heading))
  if (section === undefined) throw new Error(`docs: no heading "${mark} ${heading}"`)
  return section
}

/** The rows of the table under a heading of a chapter, as lists of cells. */
const tableUnder = (chapter, heading) => {
  const lines = under(chapter, 3, heading)
    .split('\n')
    .filter((line) => line.startsWith('|'))
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
 * The deviations of a contract; covered cases with the test that covers each, and cases that have no meaning here with
 * the reason.
 * @param text of the document
 * @param title of the contract's chapter
 */
export const readDocumentation = (text, title) => {
  const chapter = under(text, 2, title)
  return {
    deviations: tableUnder(chapter, 'Deviations').map(([what, theirs, ours, why]) => ({ what, theirs, ours, why })),
    covered: tableUnder(chapter, 'Covered').flatMap(([file, names, testFile, title]) =>
      namesIn(names).map((name) => ({
        file: plain(file),
        name,
        testFile: plain(testFile ?? ''),
        title: plain(title ?? ''),
      })),
    ),
    notApplicable: tableUnder(chapter, 'Not applicable').flatMap(([file, names, reason]) =>
      namesIn(names).map((name) => ({ file: plain(file), name, reason: reason ?? '' })),
    ),
  }
}

/**
 * Published cases: one a line, where it stands upstream, a tab, its name there, and, where the name does not tell it,
 * another tab and what it asserts.
 */
export const readCases = (text) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [file, name, asserts] = line.split('\t')
      return { file, name, ...(asserts === undefined ? {} : { asserts }) }
    })

/** Where the repository's paths begin in a report, which has absolute ones. */
export const relativeTo = (root, file) => path.relative(root, file).split(path.sep).join('/')
