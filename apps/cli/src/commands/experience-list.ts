/** `waggle experience list`. */
import type { FilterInput } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { experienceForm, experienceLines } from '../experience-form.ts'
import { decodeFilter } from '../option-values.ts'
import { addPageOptions, printPages, type PageOptions } from '../page-options.ts'
import { withCollective } from '../task.ts'

export const addExperienceList = (group: Command, bind: Bind): void => {
  const command = group
    .command('list')
    .argument('<collective>', 'its name or id')
    .description('oldest first, archived ones included; says on stderr how to go on')
    .option('--filter <json>', 'such as {"types":["fact"],"agents":["scout"]}', decodeFilter)
  addPageOptions(command).action(
    bind(async (task, idOrName: string, { filter, ...page }: PageOptions & { readonly filter?: FilterInput }) =>
      withCollective(task, idOrName, async (hive) => {
        const { output } = task
        await printPages(
          task,
          page,
          async (query) => hive.list({ ...query, filter }),
          async (item) => output.data(experienceForm(item), () => experienceLines(item, output)),
        )
        return 0
      }),
    ),
  )
}
