/** `waggle collective update`. */
import type { CollectiveUpdateInput } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import { decodeDecay } from '../option-values.ts'
import { withCollective } from '../task.ts'
import { collectiveLines } from './collective-lines.ts'

export const addCollectiveUpdate = (group: Command, bind: Bind): void => {
  group
    .command('update')
    .argument('<collective>', 'its name or id')
    .description('change what a collective is called, whose it is, or how energy fades in it')
    .option('--name <name>', 'a new name')
    .option('--owner <name>', 'a new owner')
    .option(
      '--decay <json>',
      'such as {"halfLifeMs":604800000,"weights":{"similarity":0.8,"energy":0.2}}, in place of all before',
      decodeDecay,
    )
    .action(
      bind(async (task, idOrName: string, update: CollectiveUpdateInput) => {
        const { name, owner, decay } = update
        if (name === undefined && owner === undefined && decay === undefined)
          throw new UsageError('nothing to update: give --name, --owner or --decay')
        return withCollective(task, idOrName, async (hive) => {
          const { collective, token } = await hive.updateCollective({ name, owner, decay })
          await task.output.data({ ...collective, token }, () => collectiveLines(collective))
          return 0
        })
      }),
    )
}
