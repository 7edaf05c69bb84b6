/** The words of the command line. */
import { parseArgs } from 'node:util'

export interface CommandWords {
  readonly seeds: number
  readonly first: number
  /** Each seed once, not twice. */
  readonly once: boolean
  readonly untilFailure: boolean
  /** Finds every mutant. */
  readonly mutants: boolean
  /** Runs with that one. */
  readonly mutant: string | undefined
}

const SEEDS_DEFAULT = '20'

/** @throws Error for words that mean nothing */
export const commandWords = (args: readonly string[]): CommandWords => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: SEEDS_DEFAULT },
      first: { type: 'string', default: '1' },
      once: { type: 'boolean', default: false },
      'until-failure': { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      mutant: { type: 'string' },
    },
  })
  const { mutant, once, mutants } = values
  const [seeds, first] = [values.seeds, values.first].map(countOf) as [number, number]
  return { seeds, first, once, mutants, mutant, untilFailure: values['until-failure'] }
}

const countOf = (text: string): number => {
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 1 || count >= 2 ** 32) throw new Error(`not a count: ${text}`)
  return count
}
