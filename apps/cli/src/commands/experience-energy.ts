/** `waggle experience energy|cold`: how alive experiences are. */
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { decodeNumber } from '../option-values.ts'
import { withCollective } from '../task.ts'
import { fields } from '../terminal/layout.ts'

export const addExperienceEnergy = (group: Command, bind: Bind): void => {
  group
    .command('energy')
    .argument('<collective>', 'its name or id')
    .argument('<id>', 'of the experience')
    .description('how alive it is, 0..1: it fades with time and rises with reinforcement')
    .action(
      bind(async (task, idOrName: string, id: string) =>
        withCollective(task, idOrName, async (hive) => {
          const energy = await hive.energy(id)
          await task.output.data({ id, energy }, () => fields({ id, energy: energy.toFixed(3) }))
          return 0
        }),
      ),
    )
}

export const addExperienceCold = (group: Command, bind: Bind): void => {
  group
    .command('cold')
    .argument('<collective>', 'its name or id')
    .description('experiences with little energy, the coldest first, such as are worth archiving')
    .option('--below <0..1>', "with less than this (default: the collective's floor)", decodeNumber)
    .option('--limit <n>', '1..1000 (default: 10)', decodeNumber)
    .action(
      bind(async (task, idOrName: string, query: { readonly below?: number; readonly limit?: number }) =>
        withCollective(task, idOrName, async (hive) => {
          for (const { id, energy } of await hive.cold(query))
            await task.output.data({ id, energy }, () => [`${energy.toFixed(3)}  ${id}`])
          return 0
        }),
      ),
    )
}
