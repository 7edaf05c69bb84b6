/** `waggle collective create|list|get|stats|update|delete`. */
import type { TextLanguage } from '@waggle/protocol'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import { decodeNumber, LANGUAGE_TEXT } from '../option-values.ts'
import { withCollective, withStore } from '../task.ts'
import { count, fields, moment, size } from '../terminal/layout.ts'
import { collectiveLine, collectiveLines } from './collective-lines.ts'
import { addCollectiveUpdate } from './collective-update.ts'

interface CreateOptions {
  readonly dimension: number
  readonly owner?: string
  readonly id?: string
  readonly embedder?: string
  readonly language?: TextLanguage
}

export const addCollectiveCommands = (program: Command, bind: Bind): void => {
  const group = program.command('collective').description('the isolated memory of one project or fleet')
  addCreate(group, bind)
  addList(group, bind)
  addGet(group, bind)
  addStats(group, bind)
  addCollectiveUpdate(group, bind)
  addDelete(group, bind)
}

const addCreate = (group: Command, bind: Bind): void => {
  group
    .command('create')
    .argument('<name>', '1..255 bytes; several collectives may carry the same')
    .description('create a collective')
    .requiredOption('--dimension <n>', 'components of every embedding, 1..4096', decodeNumber)
    .option('--owner <name>', 'who it belongs to')
    .option('--id <uuid>', 'an id of your own')
    .option('--embedder <name>', 'makes embeddings that are missing: hashing')
    .option('--language <name>', LANGUAGE_TEXT)
    .action(
      bind(async (task, name: string, { dimension, owner, id, embedder, language }: CreateOptions) =>
        withStore(task, async (waggle) => {
          const hive = await waggle.createCollective({ name, dimension, owner, id, embedder, language })
          await task.output.data(hive.info, () => collectiveLines(hive.info))
          return 0
        }),
      ),
    )
}

const addList = (group: Command, bind: Bind): void => {
  group
    .command('list')
    .description('all collectives, oldest first')
    .option('--owner <name>', 'only those of this owner')
    .action(
      bind(async (task, { owner }: { readonly owner?: string }) =>
        withStore(task, async (waggle) => {
          for (const collective of await waggle.collectives({ owner }))
            await task.output.data(collective, () => [collectiveLine(collective)])
          return 0
        }),
      ),
    )
}

const addGet = (group: Command, bind: Bind): void => {
  group
    .command('get')
    .argument('<collective>', 'its name or id')
    .description('one collective')
    .action(
      bind(async (task, idOrName: string) =>
        withCollective(task, idOrName, async ({ info }) => {
          await task.output.data(info, () => collectiveLines(info))
          return 0
        }),
      ),
    )
}

const addStats = (group: Command, bind: Bind): void => {
  group
    .command('stats')
    .argument('<collective>', 'its name or id')
    .description('how much is in it')
    .action(
      bind(async (task, idOrName: string) =>
        withCollective(task, idOrName, async (hive) => {
          const stats = await hive.stats()
          const { oldestExperience, newestExperience } = stats
          await task.output.data(stats, () =>
            fields({
              experiences: count(stats.experienceCount),
              archived: count(stats.archivedCount),
              relations: count(stats.relationCount),
              insights: count(stats.insightCount),
              keys: count(stats.keyCount),
              vectors: count(stats.vectorCount),
              payloads: count(stats.payloadCount),
              pages: count(stats.pageCount),
              stored: size(stats.storageBytes),
              oldest: oldestExperience === undefined ? undefined : moment(oldestExperience),
              newest: newestExperience === undefined ? undefined : moment(newestExperience),
            }),
          )
          return 0
        }),
      ),
    )
}

const addDelete = (group: Command, bind: Bind): void => {
  group
    .command('delete')
    .argument('<collective>', 'its name or id')
    .description('delete a collective with everything in it')
    .option('--yes', 'yes, all of it')
    .action(
      bind(async (task, idOrName: string, { yes = false }: { readonly yes?: boolean }) => {
        if (!yes) throw new UsageError('this deletes the collective with everything in it: say --yes')
        return withCollective(task, idOrName, async (hive) => {
          const { id, name } = hive
          const { token } = await hive.deleteCollective()
          await task.output.data({ id, name, token }, () => fields({ deleted: name, id }))
          return 0
        })
      }),
    )
}
