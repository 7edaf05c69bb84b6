/** `waggle cursor save|list|drop`: how far readers of a collective's changes are. */
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { withCollective } from '../task.ts'
import { fields, left, moment, oneLine } from '../terminal/layout.ts'

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
    .description('keep a place under a name; it moves forwards only')
    .action(
      bind(async (task, idOrName: string, name: string, cursor: string) =>
        withCollective(task, idOrName, async (hive) => {
          const { token } = await hive.cursors.save(name, cursor)
          await task.output.data({ name, token }, () => fields({ name, token }))
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
              [moment(saved.savedAt), left(oneLine(saved.name), 16), saved.cursor].join('  '),
            ])
          return 0
        }),
      ),
    )
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
