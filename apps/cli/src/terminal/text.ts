/**
 * Text of any origin in lines of a terminal.
 *
 * T1  No content moves the cursor, sets a colour or turns the direction of writing: control and format characters
 *     become spaces before a text is shown.
 * T2  Widths are columns of a terminal: a character of East Asian scripts and most pictures take two, an accent none.
 * T3  Nothing is cut within what people see as one character.
 */
import stringWidth from 'string-width'

/** What a terminal may obey instead of showing it: controls of both tables, and formats such as turns of direction. */
const UNPRINTABLE = String.raw`\p{Cc}\p{Cf}\p{Zl}\p{Zp}`
const SPACES = new RegExp(String.raw`[\s${UNPRINTABLE}]+`, 'gu')
const CONTROLS = new RegExp(String.raw`[${UNPRINTABLE}]`, 'gu')
const LINE_BREAK = /\r\n|[\n\r\u0085\u2028\u2029]/u
const ASCII = /^[\u0020-\u007e]*$/

/** One line: white space, control and format characters become single spaces. T1 */
export const oneLine = (text: string): string => text.replace(SPACES, ' ').trim()

/** The lines of a text, each without control characters; white space stays as it is. T1 */
export const plainLines = (text: string): readonly string[] =>
  text.split(LINE_BREAK).map((line) => line.replaceAll('\t', '  ').replace(CONTROLS, ' ').trimEnd())

/** A text of several lines as it may be written. T1 */
export const plain = (text: string): string => plainLines(text).join('\n')

// What `colours.ts` sets is the one thing that may pass.
const STYLE_OR_CONTROL = new RegExp(String.raw`(\u001b\[\d{1,2}m)|(?!\t)[${UNPRINTABLE}]`, 'gu')

/** One line with our own styles, and with tabs between columns, as it may be written. T1 */
export const styledLine = (line: string): string =>
  line.replace(STYLE_OR_CONTROL, (_, style: string | undefined) => style ?? ' ')

/** JSON of the same value that is safe to show: what would not be printed is escaped. T1 */
export const plainJson = (json: string): string =>
  json.replace(CONTROLS, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  )

/** Columns that a text of one line takes. T2 */
export const columnsOf = (text: string): number => (ASCII.test(text) ? text.length : stringWidth(text))

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** At most `width` columns; what is cut off leaves an ellipsis. T2, T3 */
export const shorten = (text: string, width: number): string => {
  // A column or more each, so that no long text is measured as a whole.
  if (text.length <= width && columnsOf(text) <= width) return text
  let kept = ''
  let columns = 0
  for (const { segment } of segmenter.segment(text)) {
    columns += columnsOf(segment)
    if (columns > width) return `${withoutLast(kept, width - 1)}…`
    kept += segment
  }
  return text
}

/** T3 */
const withoutLast = (text: string, width: number): string => {
  let kept = text
  while (columnsOf(kept) > Math.max(0, width)) {
    const last = [...segmenter.segment(kept)].at(-1)?.index ?? 0
    kept = kept.slice(0, last)
  }
  return kept.trimEnd()
}

/** Padded at the right to `width` columns. */
export const left = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columnsOf(text)))

/** Padded at the left to `width` columns. */
export const right = (text: string, width: number): string => ' '.repeat(Math.max(0, width - columnsOf(text))) + text

/** Each line that many columns further in. */
export const indented = (lines: readonly string[], columns: number): readonly string[] =>
  lines.map((line) => `${' '.repeat(columns)}${line}`)

/** Lines of at most `width` columns, broken between words; a word that is longer has a line of its own. */
export const wrapped = (text: string, width: number): readonly string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line === '' || columnsOf(longer) <= width) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}
