/** `waggle relation create|delete|get|list|related|paths`. */
import { fault, relationDirections, relationTypes } from '@waggle/protocol'
import type { Related, RelatedInput, RelationType } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { experienceForm, experienceLines } from '../experience-form.ts'
import { relationForm, relationLines, relationPairs } from '../link-form.ts'
import { decodeLifetime, decodeNumber, decodeWord, TTL_TEXT } from '../option-values.ts'
import { addPageOptions, printPages, type PageOptions } from '../page-options.ts'
import { withCollective } from '../task.ts'
import { fields } from '../terminal/layout.ts'
import { left } from '../terminal/text.ts'
import type { Sheet } from '../terminal/record-lines.ts'
import { addPaths } from './relation-paths.ts'

export const addRelationCommands = (program: Command, bind: Bind): void => {
  const group = program.command('relation').description('how one experience bears on another')
  addCreate(group, bind)
  addDelete(group, bind)
  addGet(group, bind)
  addList(group, bind)
  addRelated(group, bind)
  addPaths(group, bind)
}

interface CreateOptions {
  readonly type: RelationType
  readonly strength?: number
  readonly metadata?: string
  readonly id?: string
  readonly ttl?: number
  readonly key?: string
}

const addCreate = (group: Command, bind: Bind): void => {
  group
    .command('create')
    .argument('<collective>', 'its name or id')
    .argument('<source>', 'id of the experience that it leads from')
    .argument('<target>', 'id of the experience that it leads to')
    .description('relate two experiences; at most one relation of a type leads from one to the other')
    .requiredOption('--type <type>', relationTypes.join(', '), decodeWord(relationTypes))
    .option('--strength <0..1>', '1 when absent', decodeNumber)
    .option('--metadata <text>', 'whatever else is to be kept with it')
    .option('--id <uuid>', 'an id of your own')
    .option('--ttl <time>', TTL_TEXT, decodeLifetime)
    .option('--key <text>', 'idempotency key: the same key creates once, however often it is sent')
    .action(
      bind(async (task, idOrName: string, source: string, target: string, { key, ttl, ...options }: CreateOptions) =>
        withCollective(task, idOrName, async (hive) => {
          const { id, token } = await hive.relate({ source, target, ...options, ttlMs: ttl }, { idempotencyKey: key })
          await task.output.data({ id, token }, () => fields({ id, token }))
          return 0
        }),
      ),
    )
}

const addDelete = (group: Command, bind: Bind): void => {
  group
    .command('delete')
    .argument('<collective>', 'its name or id')
    .argument('<id>', 'of the relation')
    .description('delete it; the experiences stay')
    .action(
      bind(async (task, idOrName: string, id: string) =>
        withCollective(task, idOrName, async (hive) => {
          const { token } = await hive.unrelate(id)
          await task.output.data({ id, token }, () => fields({ id, token }))
          return 0
        }),
      ),
    )
}

const addGet = (group: Command, bind: Bind): void => {
  group
    .command('get')
    .argument('<collective>', 'its name or id')
    .argument('<id>', 'of the relation')
    .description('one relation')
    .action(
      bind(async (task, idOrName: string, id: string) =>
        withCollective(task, idOrName, async (hive) => {
          const relation = await hive.getRelation(id)
          if (relation === undefined)
            throw fault('NOT_FOUND', `relation not found id=${id}`, { entity: 'relation', id })
          await task.output.data(relationForm(relation), () => fields(relationPairs(relation)))
          return 0
        }),
      ),
    )
}

const addList = (group: Command, bind: Bind): void => {
  const command = group
    .command('list')
    .argument('<collective>', 'its name or id')
    .description('oldest first; says on stderr how to go on')
  addPageOptions(command).action(
    bind(async (task, idOrName: string, options: PageOptions) =>
      withCollective(task, idOrName, async (hive) => {
        await printPages(
          task,
          options,
          async (page) => hive.relations(page),
          async (relation) => task.output.data(relationForm(relation), () => relationLines(relation, task.output)),
        )
        return 0
      }),
    ),
  )
}

const addRelated = (group: Command, bind: Bind): void => {
  group
    .command('related')
    .argument('<collective>', 'its name or id')
    .argument('<id>', 'of the experience')
    .description('what is related to an experience: outgoing first, then incoming')
    .option('--direction <way>', `${relationDirections.join(', ')} (default: both)`, decodeWord(relationDirections))
    .option('--type <type>', 'only of this type', decodeWord(relationTypes))
    .option('--min-strength <0..1>', 'only of this strength at least', decodeNumber)
    .action(
      bind(async (task, idOrName: string, id: string, query: RelatedInput) =>
        withCollective(task, idOrName, async (hive) => {
          for (const item of await hive.related(id, query))
            await task.output.data(
              { experience: experienceForm(item.experience), relation: relationForm(item.relation) },
              () => relatedLines(item, id, task.output),
            )
          return 0
        }),
      ),
    )
}

const relatedLines = ({ experience, relation }: Related, from: string, sheet: Sheet): readonly string[] => {
  const arrow = relation.source === from.toLowerCase() ? '→' : '←'
  return experienceLines(experience, sheet, `${arrow} ${left(relation.type, 11)}  `)
}
