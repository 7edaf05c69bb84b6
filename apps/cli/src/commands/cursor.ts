/** `waggle cursor save|list|drop`: how far readers of a collective's changes are. */
import type { Command } from 'commander'
import type { SavedCursor } from '@waggle/sdk'
import type { Bind } from '../cli.ts'
import { decodeNumber } from '../option-values.ts'
import { withCollective } from '../task.ts'
import { fields, moment } from '../terminal/layout.ts'
import { left, oneLine } from '../terminal/text.ts'

export const addCursorCommands = (program: Command, bind: Bind): void => {
  const group = program.command('cursor').description('how far readers of changes are: what they lack is kept')
  addSave(group, bind)
  addList(group, bind)
  addDrop(group, bind)
}

const addSave = (group: Command, bind: Bind): void => {
  group
    .command('save')
    .argument('<collective>', 'its name or id')
    .argument('<name>', 'of the reader, 1..100 bytes')
    .argument('<cursor>', 'as watch tells it')
    .option('--keep-for <seconds>', 'give it up when it is not saved again for longer; a week at first', decodeNumber)
    .description('keep a place under a name; it moves forwards only')
    .action(
      bind(async (task, idOrName: string, name: string, cursor: string, { keepFor }: { keepFor?: number }) =>
        withCollective(task, idOrName, async (hive) => {
          const keepMs = keepFor === undefined ? {} : { keepMs: Math.round(keepFor * 1_000) }
          const { token, droppedAt } = await hive.cursors.save(name, cursor, keepMs)
          const notice = droppedAt === undefined ? {} : { droppedAt }
          await task.output.data({ name, token, ...notice }, () =>
            fields({ name, token, ...(droppedAt === undefined ? {} : { 'was abandoned': moment(droppedAt) }) }),
          )
          return 0
        }),
      ),
    )
}

const addList = (group: Command, bind: Bind): void => {
  group
    .command('list')
    .argument('<collective>', 'its name or id')
    .description('the places that are kept')
    .action(
      bind(async (task, idOrName: string) =>
        withCollective(task, idOrName, async (hive) => {
          for (const saved of await hive.cursors.list())
            await task.output.data(saved, () => [
              [moment(saved.savedAt), left(oneLine(saved.name), 16), saved.cursor, state(saved)].join('  '),
            ])
          return 0
        }),
      ),
    )
}

const state = ({ unseen, dropsAt, droppedAt, lost }: SavedCursor): string => {
  if (droppedAt !== undefined) return `abandoned ${moment(droppedAt)}${lost === true ? ', history is gone' : ''}`
  return `${unseen} behind, kept until ${dropsAt === undefined ? '-' : moment(dropsAt)}`
}

const addDrop = (group: Command, bind: Bind): void => {
  group
    .command('drop')
    .argument('<collective>', 'its name or id')
    .argument('<name>', 'of the reader')
    .description('forget a place: changes are no longer kept for its sake')
    .action(
      bind(async (task, idOrName: string, name: string) =>
        withCollective(task, idOrName, async (hive) => {
          const { token } = await hive.cursors.drop(name)
          await task.output.data({ name, token }, () => fields({ name, token }))
          return 0
        }),
      ),
    )
}
