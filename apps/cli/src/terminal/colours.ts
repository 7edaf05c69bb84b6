/** Colour on a terminal, and only there. */

/** Each style takes a text and gives it back as it should be written. */
export interface Colours {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
  readonly accent: (text: string) => string
}

const style =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001b[${open}m${text}\u001b[${close}m`

const plain = (text: string): string => text

const painted: Colours = {
  bold: style(1, 22),
  dim: style(2, 22),
  good: style(32, 39),
  bad: style(31, 39),
  warn: style(33, 39),
  accent: style(36, 39),
}

const unpainted: Colours = { bold: plain, dim: plain, good: plain, bad: plain, warn: plain, accent: plain }

export const coloursFor = ({ isTerminal, noColor }: { isTerminal: boolean; noColor: boolean }): Colours =>
  isTerminal && !noColor ? painted : unpainted
