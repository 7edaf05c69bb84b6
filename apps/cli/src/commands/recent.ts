/** `waggle recent`. */
import type { FilterInput } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { experienceForm, experienceLines } from '../experience-form.ts'
import { decodeFilter, decodeNumber } from '../option-values.ts'
import { withCollective } from '../task.ts'

interface RecentOptions {
  readonly limit?: number
  readonly filter?: FilterInput
}

export const addRecentCommand = (program: Command, bind: Bind): void => {
  program
    .command('recent')
    .argument('<collective>', 'its name or id')
    .description('the newest experiences, newest first')
    .option('--limit <n>', '1..1000 (default: 10)', decodeNumber)
    .option('--filter <json>', 'such as {"types":["fact"],"agents":["scout"]}', decodeFilter)
    .action(
      bind(async (task, idOrName: string, { limit, filter }: RecentOptions) =>
        withCollective(task, idOrName, async (hive) => {
          for (const item of await hive.recent({ limit, filter }))
            await task.output.data(experienceForm(item), () => experienceLines(item, task.output))
          return 0
        }),
      ),
    )
}
