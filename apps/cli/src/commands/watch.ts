/**
 * `waggle watch`: the changes of a collective as they happen, one a line.
 *
 * W1  It ends cleanly when the user asks for it (Ctrl-C), and says where to go on.
 */
import { changeEntities, changeKinds } from '@waggle/protocol'
import type { Change, ChangeEntity, ChangeFilterInput, ChangeKind, CollectiveHandle, FilterInput } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { experienceForm } from '../experience-form.ts'
import { decodeFilter, decodeWords } from '../option-values.ts'
import { withCollective, type Task } from '../task.ts'
import { moment } from '../terminal/layout.ts'
import type { Output } from '../terminal/output.ts'
import { recordLines, type Sheet } from '../terminal/record-lines.ts'
import { left } from '../terminal/text.ts'

interface WatchOptions {
  readonly from?: string
  readonly filter?: FilterInput
  readonly entities?: readonly ChangeEntity[]
  readonly kinds?: readonly ChangeKind[]
  readonly once?: boolean
}

export const addWatchCommand = (program: Command, bind: Bind): void => {
  program
    .command('watch')
    .argument('<collective>', 'its name or id')
    .description('changes as they happen, one a line, until Ctrl-C; says how to go on; holds a folder meanwhile')
    .option('--from <cursor>', 'go on behind this change; start: from the oldest that is kept (default: from now on)')
    .option('--filter <json>', 'such as {"domains":["payments"],"minImportance":0.7}', decodeFilter)
    .option('--entities <a,b>', `only of ${changeEntities.join(', ')}`, decodeWords(changeEntities))
    .option('--kinds <a,b>', `only ${changeKinds.join(', ')}`, decodeWords(changeKinds))
    .option('--once', 'end when everything that is there has been shown')
    .action(
      bind(async (task, idOrName: string, { from, filter, entities, kinds, once = false }: WatchOptions) =>
        withCollective(task, idOrName, async (hive) => {
          const query = { from, filter: { ...filter, ...present({ entities, kinds }) } }
          const place = once ? await showAll(task, hive, query) : await showLive(task, hive, query)
          tell(task.output, place)
          return 0
        }),
      ),
    )
}

interface Query {
  readonly from: string | undefined
  readonly filter: ChangeFilterInput
}

/** What is there; the place behind it. */
const showAll = async (task: Task, hive: CollectiveHandle, { from, filter }: Query): Promise<string> => {
  for (let place = from; ;) {
    const { changes, next, lost } = await hive.poll({ from: place, filter })
    if (lost === true) task.output.warn('changes are gone that came before what is shown')
    for (const change of changes) await show(task.output, change)
    if ((changes.length === 0 && lost !== true) || task.host.interrupted.aborted) return next
    place = next
  }
}

/** W1; the place behind the last change that was shown. */
const showLive = async (task: Task, hive: CollectiveHandle, query: Query): Promise<string | undefined> => {
  let place = query.from
  for await (const change of hive.watch({ ...query, signal: task.host.interrupted })) {
    await show(task.output, change)
    place = change.cursor
  }
  return place
}

const tell = (output: Output, cursor: string | undefined): void => {
  if (cursor === undefined) return
  output.note(output.json ? JSON.stringify({ cursor }) : `go on: --from ${cursor}`)
}

const show = async (output: Output, change: Change): Promise<void> =>
  output.data(changeForm(change), () => changeLines(change, output))

const changeForm = ({ cursor, kind, entity, id, experience, time }: Change) => ({
  ...{ cursor, kind, entity, id, time },
  ...(experience === undefined ? {} : { experience: experienceForm(experience) }),
})

/** The time comes first, as in every log; so a long id stands below it where there is no room. */
const changeLines = ({ kind, entity, id, experience, time }: Change, sheet: Sheet): readonly string[] => {
  const head = [moment(time), left(kind, 8), left(entity, 10)].join('  ')
  const text = experience === undefined ? '' : `${experience.sourceAgent}: ${experience.content}`
  return recordLines({ before: `${head}  `, id, facts: [], text }, sheet)
}

const present = <Fields extends object>(fields: Fields): Partial<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>
