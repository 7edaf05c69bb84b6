/** `waggle search`. */
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { decodeNumber } from '../option-values.ts'
import {
  addRecallOptions,
  checkRecallOptions,
  hitForm,
  hitLines,
  recallOf,
  type RecallOptions,
} from '../recall-options.ts'
import { withCollective } from '../task.ts'

interface SearchOptions extends RecallOptions {
  readonly k?: number
}

export const addSearchCommand = (program: Command, bind: Bind): void => {
  const command = program
    .command('search')
    .argument('<collective>', 'its name or id')
    .description('the best by meaning and by words, best first')
    .option('--k <n>', 'how many, 1..1000 (default: 10)', decodeNumber)
  addRecallOptions(command).action(
    bind(async (task, idOrName: string, options: SearchOptions) => {
      checkRecallOptions(options)
      return withCollective(task, idOrName, async (hive) => {
        const { results } = await hive.search({ ...(await recallOf(options, hive.dimension)), k: options.k })
        for (const hit of results) await task.output.data(hitForm(hit), () => hitLines(hit, task.output))
        return 0
      })
    }),
  )
}
