/** `waggle experience list`. */
import type { FilterInput } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { experienceForm, experienceLine } from '../experience-form.ts'
import { decodeFilter, decodeNumber } from '../option-values.ts'
import { stopIfInterrupted, withCollective } from '../task.ts'

interface ListOptions {
  readonly limit?: number
  readonly cursor?: string
  readonly filter?: FilterInput
  readonly all?: boolean
}

export const addExperienceList = (group: Command, bind: Bind): void => {
  group
    .command('list')
    .argument('<collective>', 'its name or id')
    .description('oldest first, archived ones included; says on stderr how to go on')
    .option('--limit <n>', 'of one page, 1..1000 (default: 100)', decodeNumber)
    .option('--cursor <text>', 'where the page before ended')
    .option('--filter <json>', 'such as {"types":["fact"],"agents":["scout"]}', decodeFilter)
    .option('--all', 'all pages')
    .action(
      bind(async (task, idOrName: string, { limit, cursor: from, filter, all = false }: ListOptions) =>
        withCollective(task, idOrName, async (hive) => {
          const { output } = task
          let cursor = from
          do {
            stopIfInterrupted(task)
            const page = await hive.list({ limit, filter, cursor })
            for (const item of page.items) await output.data(experienceForm(item), () => [experienceLine(item, output)])
            cursor = page.cursor
          } while (all && cursor !== undefined)
          if (cursor !== undefined) output.note(output.json ? JSON.stringify({ cursor }) : `more: --cursor ${cursor}`)
          return 0
        }),
      ),
    )
}
