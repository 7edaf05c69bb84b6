/** `waggle relation paths`. */
import { relationDirections, relationTypes } from '@waggle/protocol'
import type { PathsInput, RelationPath } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { relationForm } from '../link-form.ts'
import { decodeNumber, decodeWord, decodeWords } from '../option-values.ts'
import { withCollective } from '../task.ts'

interface PathsOptions extends Omit<PathsInput, 'from' | 'to' | 'maxDepth'> {
  readonly depth?: number
}

export const addPaths = (group: Command, bind: Bind): void => {
  group
    .command('paths')
    .argument('<collective>', 'its name or id')
    .argument('<from>', 'id of an experience')
    .argument('[to]', 'id of another one; without it, whatever can be reached')
    .description('ways through relations, shortest first')
    .option('--direction <way>', `${relationDirections.join(', ')} (default: outgoing)`, decodeWord(relationDirections))
    .option('--types <a,b>', 'only through these', decodeWords(relationTypes))
    .option('--min-strength <0..1>', 'only through relations of this strength at least', decodeNumber)
    .option('--depth <n>', 'relations of a path, 1..8 (default: 3)', decodeNumber)
    .option('--limit <n>', 'paths, 1..1000 (default: 10)', decodeNumber)
    .option('--budget <n>', 'relations that are looked at, 1..10000 (default: 1000)', decodeNumber)
    .action(
      bind(async (task, idOrName: string, from: string, to: string | undefined, options: PathsOptions) =>
        withCollective(task, idOrName, async (hive) => {
          const { depth: maxDepth, ...query } = options
          const { paths, truncated } = await hive.paths({ ...query, from, to, maxDepth })
          for (const path of paths) await task.output.data(pathForm(path), () => [pathLine(path)])
          if (truncated) task.output.remark('there may be more: the limit or the budget ended the search')
          return 0
        }),
      ),
    )
}

const pathForm = ({ experiences, relations }: RelationPath) => ({
  experiences,
  relations: relations.map(relationForm),
})

/** `A ─supports→ B ←implies─ C`. */
const pathLine = ({ experiences, relations }: RelationPath): string =>
  experiences
    .map((id, index) => {
      const relation = relations[index]
      if (relation === undefined) return id
      return relation.source === id ? `${id} ─${relation.type}→` : `${id} ←${relation.type}─`
    })
    .join(' ')
