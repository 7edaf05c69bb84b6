/**
 * A record as people read it: one line where there is room for it, else two, the id and below it what it says.
 */
import type { Colours } from './colours.ts'
import { columnsOf, oneLine, shorten } from './text.ts'

/** Where lines go. */
export interface Sheet {
  /** Columns that a line may take; unbounded where no terminal would break it. */
  readonly width: number
  readonly colours: Colours
}

export interface RecordLine {
  /** What goes in front of the id, with the space between. */
  readonly before?: string
  readonly id: string
  /** What stands before the text, padded for those who read many lines below each other. */
  readonly facts: readonly string[]
  readonly text: string
}

/** Less text says too little. */
const TEXT_WIDTH_MIN = 32
const INDENT = 4

export const recordLines = (
  { before = '', id, facts, text }: RecordLine,
  { width, colours }: Sheet,
): readonly string[] => {
  const plain = oneLine(text)
  const head = `${[before + id, ...facts].join('  ')}  `
  const room = width - columnsOf(head)
  if (room >= Math.min(TEXT_WIDTH_MIN, columnsOf(plain))) return [(colours.dim(head) + shorten(plain, room)).trimEnd()]
  if (facts.length === 0 && plain === '') return [colours.dim(before + id)]
  const below = facts.map((fact) => `${shorten(fact.trimEnd(), FACT_WIDTH_MAX)}  `).join('')
  const indent = ' '.repeat(INDENT)
  return [
    colours.dim(before + id),
    `${indent}${colours.dim(below)}${shorten(plain, Math.max(1, width - INDENT - columnsOf(below)))}`.trimEnd(),
  ]
}

/** On a narrow line a long name must not take the room of the text. */
const FACT_WIDTH_MAX = 21

/** The same sheet with lines that begin further in. */
export const narrower = ({ width, colours }: Sheet, columns: number): Sheet => ({ width: width - columns, colours })
