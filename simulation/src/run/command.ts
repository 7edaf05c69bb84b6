/** The command `npm run simulate`: what its words mean, and what it prints. */
import { systemTimers } from '@waggle/kernel'
import type { Cells } from '../composition/cells.ts'
import { wrappingMutants } from '../mutants/wrapping-mutants.ts'
import type { CommandWords } from './command-words.ts'
import { huntMutants, mutantNames } from './mutant-hunt.ts'
import { printCounts, simulate, strayed } from './simulate.ts'

const MUTANT_SEEDS_MAX = 40

export interface CommandParts {
  readonly words: CommandWords
  readonly cells: Cells
  /** Path of the command. */
  readonly main: string
  readonly print: (line: string) => void
  /** Called with a function that takes what nobody caught. */
  readonly onStray: (take: (error: unknown) => void) => void
}

/** @returns the exit code: 0, or of the first failure's verdict */
export const runCommand = async ({ words, cells, main, print, onStray }: CommandParts): Promise<number> => {
  const { first, mutant } = words
  if (words.mutants) {
    const missed = huntMutants({ main, first, seedsMax: MUTANT_SEEDS_MAX, names: mutantNames, print })
    print(`mutants found=${mutantNames.length - missed.length} missed=${missed.length}`)
    return missed.length === 0 ? 0 : 1
  }
  onStray(strayed)
  const simulated = await simulate({
    seeds: Array.from({ length: words.seeds }, (_, index) => first + index),
    ...{ twice: !words.once, untilFailure: words.untilFailure, mutant, print },
    wrapping: mutant === undefined ? undefined : wrappingMutants[mutant],
    settle: () => systemTimers.yield(),
  })
  const { seeds, events, failures, exitCode, commands } = simulated
  if (mutant === undefined) printCounts(simulated, cells, print)
  print(`commands=${commands}`)
  print(`simulate seeds=${seeds} events=${events} failures=${failures} first=${first}`)
  return exitCode
}
