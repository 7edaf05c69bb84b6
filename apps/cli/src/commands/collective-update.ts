/** `waggle collective update`. */
import type { CollectiveUpdateInput } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import { decodeDecay, LANGUAGE_TEXT } from '../option-values.ts'
import { withCollective } from '../task.ts'
import { collectiveLines } from './collective-lines.ts'

export const addCollectiveUpdate = (group: Command, bind: Bind): void => {
  group
    .command('update')
    .argument('<collective>', 'its name or id')
    .description('change what a collective is called, whose it is, its language, or how energy fades in it')
    .option('--name <name>', 'a new name')
    .option('--owner <name>', 'a new owner')
    .option('--language <name>', LANGUAGE_TEXT)
    .option(
      '--decay <json>',
      'such as {"halfLifeMs":604800000,"weights":{"similarity":0.8,"energy":0.2}}, in place of all before',
      decodeDecay,
    )
    .action(
      bind(async (task, idOrName: string, update: CollectiveUpdateInput) => {
        const { name, owner, decay, language } = update
        if ([name, owner, decay, language].every((value) => value === undefined))
          throw new UsageError('nothing to update: give --name, --owner, --decay or --language')
        return withCollective(task, idOrName, async (hive) => {
          const { collective, token } = await hive.updateCollective({ name, owner, decay, language })
          await task.output.data({ ...collective, token }, () => collectiveLines(collective))
          return 0
        })
      }),
    )
}
